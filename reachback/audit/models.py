"""The log's own tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import Base, JsonText, UtcTime

__all__ = ["HEAD_ID", "AuditEntry", "AuditHead", "AuditNode", "Checkpoint"]

HEAD_ID = 1


class AuditEntry(Base):
    """One change of one row: who, what, when, and the SHA-256 of the whole row after it."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_row", "table_name", "row_id", "index"),)

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str] = mapped_column(Text)
    row_sha256: Mapped[str] = mapped_column(Text)
    leaf_sha256: Mapped[str] = mapped_column(Text)


class AuditNode(Base):
    """A complete subtree above the leaves, so that a proof reads a few rows instead of the whole log."""

    __tablename__ = "audit_nodes"
    __table_args__ = (Index("ix_audit_nodes_completed", "completed_by", "level"),)

    level: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    completed_by: Mapped[int] = mapped_column(BigInteger)  # index of its last entry
    sha256: Mapped[str] = mapped_column(Text)


class AuditHead(Base):
    """The one row that allocates indices: size of the log and the frontier of its Merkle tree (RFC 6962)."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[list[str]] = mapped_column(JsonText)


class Checkpoint(Base):
    """A signed statement of size and root, as printed on replies."""

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root_sha256: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(UtcTime)
    note: Mapped[str] = mapped_column(Text)
