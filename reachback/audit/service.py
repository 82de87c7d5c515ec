"""Writes the log – one entry for each audited row that a transaction changed – and proves what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reachback.audit import proof_check, repository
from reachback.audit.merkle import Node, NodeAt, consistency_proof, inclusion_proof, root_of
from reachback.audit.models import AuditEntry
from reachback.audit.proof_check import ENTRY_FIELDS, entry_bytes, leaf_hash
from reachback.audit.signing import SignedCheckpoint, SigningKey
from reachback.audit.stored_rows import read_row, row_digest
from reachback.clock import Clock
from reachback.db.base import UtcTime
from reachback.db.session import Change, Database, Recorder
from reachback.problems import NotFound, Unprocessable
from reachback.settings import Settings

__all__ = ["AuditService", "recorder"]


def recorder(clock: Clock) -> Recorder:
    """What `Database.writing` calls before it commits: the entries of a transaction, in that same transaction.

    The rows are read back first; the head is locked last, so that nobody waits for it longer than the append takes.
    """

    def record(session: Session, changes: list[Change], actor: str, action: str) -> None:
        digests = [(change, _digest_as_stored(session, change)) for change in changes]
        frontier = repository.lock_head(session)
        at = clock.now()
        stored_at = UtcTime().process_bind_param(at, session.get_bind().dialect)
        entries: list[dict[str, object]] = []
        nodes: list[tuple[int, Node]] = []
        for change, row_sha256 in digests:
            index = frontier.size
            entry = {
                "index": index,
                "at": stored_at,
                "actor": actor,
                "action": action,
                "table_name": change.table,
                "row_id": change.id,
                "row_sha256": row_sha256,
            }
            leaf = leaf_hash(entry_bytes(entry))
            frontier, completed = frontier.append(leaf)
            entries.append({**entry, "at": at, "leaf_sha256": leaf.hex()})
            nodes += [(index, node) for node in completed]
        repository.append(session, entries, nodes, frontier)

    return record


def _digest_as_stored(session: Session, change: Change) -> str:
    row = read_row(session, change.table, change.id)
    if row is None:
        raise LookupError(f"{change.table} {change.id} was changed, and is not there")
    return row_digest(row)


class AuditService:
    """Checkpoints and proofs of the log."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database, self._clock = database, clock
        self._key = SigningKey.of(settings.data_dir)

    @property
    def public_key_text(self) -> str:
        """The key that others check with, as PEM."""
        return self._key.public_text

    @property
    def verifier(self) -> Path:
        """The stand-alone verifier, one file: ``python proof_check.py proof.json audit-public-key.pem``."""
        return Path(proof_check.__file__)

    def checkpoint(self, session: Session) -> SignedCheckpoint:
        """Signed state of the log as this transaction sees it, before its own entries; nothing is written."""
        head = repository.read_head(session)
        return self._key.sign(head.size, head.root)

    def checkpoint_at(self, session: Session, size: int) -> SignedCheckpoint:
        """Signed state of the log when it had this many entries: always the same text."""
        if not 0 < size <= repository.read_head(session).size:
            raise NotFound(f"the log has no state of {size} entries")
        return self._key.sign(size, root_of(size, _nodes(session)))

    def last_index(self, session: Session, table: str, row_id: str) -> int | None:
        """Index of the newest entry of a row, None where the log knows none."""
        return repository.last_index(session, table, row_id)

    def receipt(self, session: Session, table: str, row_id: str) -> tuple[int | None, str | None]:
        """Index of a row's newest entry, and the signed state of the log that holds it; None where there is none."""
        head, index = repository.head_and_last_index(session, table, row_id)
        return index, None if index is None else self._key.sign(head.size, head.root).note

    def proof(self, session: Session, index: int, size: int | None = None) -> dict[str, Any]:
        """One entry, the proof that it is in the log, and the checkpoint which the proof leads to."""
        entry = repository.entry_at(session, index)
        size = repository.read_head(session).size if size is None else size
        if entry is None:
            raise NotFound(f"the log has no entry {index}")
        signed = self.checkpoint_at(session, size)
        if index >= size:
            raise Unprocessable(f"a log of {size} entries does not hold entry {index}")
        return {
            "entry": _as_json(session, entry),
            "leaf_sha256": entry.leaf_sha256,
            "proof": [step.hex() for step in inclusion_proof(index, size, _nodes(session))],
            **_as_document(signed),
        }

    def consistency(self, session: Session, old_size: int, size: int | None = None) -> dict[str, Any]:
        """The proof that the log of an older checkpoint is the beginning of a newer one."""
        size = repository.read_head(session).size if size is None else size
        old, new = self.checkpoint_at(session, old_size), self.checkpoint_at(session, size)
        if old_size > size:
            raise Unprocessable(f"a log of {size} entries did not grow out of one of {old_size}")
        return {
            "old_size": old_size,
            "old_root_sha256": old.root_sha256,
            "proof": [step.hex() for step in consistency_proof(old_size, size, _nodes(session))],
            **_as_document(new),
        }

    def keep_checkpoint(self) -> SignedCheckpoint:
        """Signed state of the log now; it is kept, so that a log rewritten later contradicts it."""
        with self._database.reading() as session:
            signed = self.checkpoint(session)
            kept = repository.checkpoint_of(session, signed.size)
        if kept is None:
            try:
                with self._database.writing("audit", "checkpoint") as session:
                    repository.keep_checkpoint(session, signed, self._clock.now())
            except IntegrityError:
                pass  # another request kept the same one meanwhile
        return signed

    def show_proof(self, index: int, size: int | None) -> dict[str, Any]:
        """The same as `proof`, in a view of its own."""
        with self._database.reading() as session:
            return self.proof(session, index, size)

    def show_consistency(self, old_size: int, size: int | None) -> dict[str, Any]:
        """The same as `consistency`, in a view of its own."""
        with self._database.reading() as session:
            return self.consistency(session, old_size, size)


def _nodes(session: Session) -> NodeAt:
    return lambda level, position: repository.node_at(session, level, position)


def _as_document(signed: SignedCheckpoint) -> dict[str, Any]:
    return {"size": signed.size, "root_sha256": signed.root_sha256, "checkpoint": signed.note}


def _as_json(session: Session, entry: AuditEntry) -> dict[str, Any]:
    stored_at = UtcTime().process_bind_param(entry.at, session.get_bind().dialect)
    known = {attribute.key: getattr(entry, attribute.key) for attribute in inspect(AuditEntry).column_attrs}
    return {name: stored_at if name == "at" else known[name] for name in ENTRY_FIELDS}
