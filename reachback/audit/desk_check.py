"""Verifies a whole desk: the database, the stored bytes and the key of one data folder."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from reachback.audit.log_check import Broken
from reachback.audit.signing import KeyRefused, public_key
from reachback.audit.stored_rows import audited_tables
from reachback.audit.verification import Verification, verify
from reachback.db.files import FileStore
from reachback.db.session import Database

__all__ = ["verify_desk"]


def verify_desk(database: Database, data_dir: Path, outside_note: str | None = None) -> Verification:
    """Compare everything; a key or a database that cannot be read is a finding too."""
    broken: list[Broken] = []
    key = None
    try:
        key = public_key(data_dir)
    except KeyRefused as refused:
        broken.append(Broken(None, "audit_checkpoints", "", str(refused)))
    try:
        found = verify(database, FileStore(data_dir / "files"), key, outside_note)
    except DBAPIError as error:
        if not database.is_sqlite:
            raise  # a server that is not reached says nothing about the record
        broken.append(Broken(None, "audit_entries", "", f"the database cannot be read: {error.orig}"))
        found = Verification(0, audited_tables())
    return Verification(found.entries, found.audited, [*broken, *found.broken])
