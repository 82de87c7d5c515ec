"""Compares the whole log with itself, with its signed checkpoints, with every audited row and every stored file.

Nothing that it meets is an error of its own: a value that can no longer be read is what it looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.orm import Session

from reachback.audit.log_check import Broken, LogCheck, check_log
from reachback.audit.stored_files import FileOf, file_fault, files_of_row
from reachback.audit.stored_rows import audited_tables, read_rows, row_digest, undecoded_text
from reachback.db.files import FileStore
from reachback.db.session import Database

__all__ = ["Verification", "broken_files", "verify", "verify_in"]

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, and what is not as it was written."""

    entries: int
    audited: dict[str, list[str]]
    broken: list[Broken] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "entries": self.entries,
            "audited": self.audited,
            "broken": [
                {"index": each.index, "table": each.table, "id": each.id, "why": each.why} for each in self.broken
            ],
        }


def verify(
    database: Database,
    files: FileStore,
    public_key: Ed25519PublicKey | None,
    outside_note: str | None = None,
) -> Verification:
    """Compare everything as it stands at one moment; works beside a service that goes on writing.

    Parameters
    ----------
    database, files : Database, FileStore
        What is compared.
    public_key : Ed25519PublicKey or None
        What checkpoints are checked with; without one, every checkpoint is broken.
    outside_note : str, optional
        A checkpoint that was kept elsewhere, as it stands on a reply.
    """
    with database.reading() as session:
        if not database.is_sqlite:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        verification, stored = verify_in(session, public_key, outside_note)
    # Files are never rewritten and rows come after them, so they need not be looked at in the same moment.
    return Verification(
        verification.entries, verification.audited, [*verification.broken, *broken_files(files, stored)]
    )


def verify_in(
    session: Session, public_key: Ed25519PublicKey | None, outside_note: str | None = None
) -> tuple[Verification, list[FileOf]]:
    """The same inside a transaction that sees one moment; also the files that its rows name."""
    audited = audited_tables()
    broken: list[Broken] = []
    stored: list[FileOf] = []
    with undecoded_text(session):
        log = _guarded(session, broken, "audit_entries", lambda: check_log(session, public_key, outside_note))
        log = log or LogCheck(0, {}, [])
        broken += log.broken
        last = log.last_of_row
        for table, columns in audited.items():

            def compare(table: str = table, columns: list[str] = columns) -> None:
                _compare_columns(session, table, columns, broken)
                _compare_rows(session, table, columns, last, broken, stored)

            _guarded(session, broken, table, compare)
    for (table, row_id), (index, _) in sorted(last.items(), key=lambda item: item[1][0]):
        broken.append(Broken(index, table, row_id, "the row is gone"))
    return Verification(log.entries, audited, broken), stored


def _guarded(session: Session, broken: list[Broken], table: str, work: Callable[[], Done]) -> Done | None:
    """Do it; what the database cannot give out is a finding about that table."""
    try:
        with session.begin_nested():
            return work()
    except DBAPIError as error:
        broken.append(Broken(None, table, "", f"the table cannot be read: {error.orig}"))
    except NoSuchTableError:
        broken.append(Broken(None, table, "", "the table is gone"))
    return None


def _compare_columns(session: Session, table: str, columns: list[str], broken: list[Broken]) -> None:
    present = sorted(column["name"] for column in inspect(session.connection()).get_columns(table))
    if present != columns:
        strange = sorted(set(present) ^ set(columns))
        broken.append(Broken(None, table, "", f"the table's columns are not those of this version: {strange}"))


def _compare_rows(
    session: Session,
    table: str,
    columns: list[str],
    last: dict[tuple[str, str], tuple[int, Any]],
    broken: list[Broken],
    stored: list[FileOf],
) -> None:
    for row in read_rows(session, table, columns):
        row_id = _shown(row["id"])
        known = last.pop((table, row_id), None) if isinstance(row["id"], str) else None
        if known is None:
            broken.append(Broken(None, table, row_id, "no entry knows this row"))
        elif row_digest(row) != known[1]:
            broken.append(Broken(known[0], table, row_id, "the row is not what its last entry says"))
        stored += files_of_row(table, row)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def broken_files(files: FileStore, stored: list[FileOf]) -> Iterator[Broken]:
    """Every row that tells of a file which is not what it was."""
    faults: dict[str, str | None] = {}
    for each in stored:
        if each.sha256 not in faults:
            faults[each.sha256] = file_fault(files, each.sha256)
        fault = faults[each.sha256]
        if fault is not None:
            yield Broken(None, each.table, each.id, fault)
