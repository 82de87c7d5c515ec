"""All reading and writing of the log's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from reachback.audit.merkle import Frontier, Node
from reachback.audit.models import HEAD_ID, AuditEntry, AuditHead, AuditNode, Checkpoint
from reachback.audit.signing import SignedCheckpoint
from reachback.db.base import JsonText, UtcTime

__all__ = [
    "append",
    "checkpoint_of",
    "entry_at",
    "head_and_last_index",
    "keep_checkpoint",
    "last_index",
    "lock_head",
    "node_at",
    "read_head",
]

_NODES_AT_ONCE = 500
_APPEND_AT_ONCE = text("""
WITH entries AS (
    INSERT INTO audit_entries (index, at, actor, action, table_name, row_id, row_sha256, leaf_sha256)
    SELECT index, at, actor, action, table_name, row_id, row_sha256, leaf_sha256
    FROM json_to_recordset(CAST(:entries AS json)) AS entry(
        index bigint, at text, actor text, action text,
        table_name text, row_id text, row_sha256 text, leaf_sha256 text)
), nodes AS (
    INSERT INTO audit_nodes (level, position, completed_by, sha256)
    SELECT level, position, completed_by, sha256
    FROM json_to_recordset(CAST(:nodes AS json)) AS node(
        level bigint, position bigint, completed_by bigint, sha256 text)
)
UPDATE audit_head SET size = CAST(:size AS bigint), frontier = :frontier WHERE id = 1
""").bindparams(*(bindparam(name, type_=JsonText) for name in ("entries", "nodes", "frontier")))


def read_head(session: Session) -> Frontier:
    """Size and frontier of the log as committed."""
    return _frontier(session, lock=False)


def lock_head(session: Session) -> Frontier:
    """Size and frontier, held until the transaction ends: nobody else appends meanwhile."""
    return _frontier(session, lock=True)


def _frontier(session: Session, lock: bool) -> Frontier:
    wanted = select(AuditHead.size, AuditHead.frontier).where(AuditHead.id == HEAD_ID)
    size, hashes = session.execute(wanted.with_for_update() if lock else wanted).one()
    return Frontier(size, tuple(bytes.fromhex(each) for each in hashes))


def append(
    session: Session, entries: Sequence[dict[str, Any]], nodes: Sequence[tuple[int, Node]], frontier: Frontier
) -> None:
    """Write new entries, the subtrees that each completes, and how long the log is now.

    One statement where the database has such: everybody else who appends waits for as long as this takes.
    """
    rows = [
        {"level": node.level, "position": node.position, "completed_by": index, "sha256": node.sha256.hex()}
        for index, node in nodes
    ]
    values = {"size": frontier.size, "frontier": [each.hex() for each in frontier.hashes]}
    if session.get_bind().dialect.name == "postgresql":
        stored_at = UtcTime().process_bind_param
        written = [{**entry, "at": stored_at(entry["at"], session.get_bind().dialect)} for entry in entries]
        session.connection().execute(_APPEND_AT_ONCE, {**values, "entries": written, "nodes": rows})
        return
    session.execute(insert(AuditEntry.__table__), list(entries))  # type: ignore[arg-type]
    for start in range(0, len(rows), _NODES_AT_ONCE):
        session.execute(insert(AuditNode.__table__), rows[start : start + _NODES_AT_ONCE])  # type: ignore[arg-type]
    session.execute(update(AuditHead).where(AuditHead.id == HEAD_ID).values(values))


def entry_at(session: Session, index: int) -> AuditEntry | None:
    """One entry."""
    return session.get(AuditEntry, index)


def node_at(session: Session, level: int, position: int) -> bytes:
    """Hash of a complete subtree; level 0 are the entries themselves."""
    wanted = (
        select(AuditNode.sha256).where(AuditNode.level == level, AuditNode.position == position)
        if level
        else select(AuditEntry.leaf_sha256).where(AuditEntry.index == position)
    )
    return bytes.fromhex(session.execute(wanted).scalar_one())


def last_index(session: Session, table: str, row_id: str) -> int | None:
    """Index of the newest entry of a row."""
    wanted = select(func.max(AuditEntry.index)).where(AuditEntry.table_name == table, AuditEntry.row_id == row_id)
    return session.execute(wanted).scalar_one()


def head_and_last_index(session: Session, table: str, row_id: str) -> tuple[Frontier, int | None]:
    """The log as committed, and the index of the newest entry of a row, by one question."""
    newest = select(func.max(AuditEntry.index)).where(AuditEntry.table_name == table, AuditEntry.row_id == row_id)
    wanted = select(AuditHead.size, AuditHead.frontier, newest.scalar_subquery()).where(AuditHead.id == HEAD_ID)
    size, hashes, index = session.execute(wanted).one()
    return Frontier(size, tuple(bytes.fromhex(each) for each in hashes)), index


def checkpoint_of(session: Session, size: int) -> Checkpoint | None:
    """The kept checkpoint of a size."""
    return session.get(Checkpoint, size)


def keep_checkpoint(session: Session, signed: SignedCheckpoint, at: datetime) -> None:
    """Keep a signed checkpoint."""
    session.add(Checkpoint(size=signed.size, root_sha256=signed.root_sha256, signed_at=at, note=signed.note))
