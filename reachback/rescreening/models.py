"""Runs through the archive, the chunks of their work, and what they found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, JsonText, UtcTime

__all__ = ["ChunkState", "Rescreening", "RescreeningChunk", "RetrospectiveHit"]


class ChunkState(StrEnum):
    """How far a chunk has come."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"  # its scans ended the process that looked at them, again and again


class Rescreening(AuditedBase):
    """One run: the archive against what a library has that an earlier one had not."""

    __tablename__ = "rescreenings"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    # The library's digest and the new references: a run that was stopped is found again by it.
    key: Mapped[str] = mapped_column(Text, index=True)
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    begun_by: Mapped[str] = mapped_column(Text)
    since: Mapped[str] = mapped_column(Text)  # the earlier library, in words
    library: Mapped[dict[str, Any]] = mapped_column(JsonText)  # name, release, digest
    changes: Mapped[dict[str, Any]] = mapped_column(JsonText)  # added: technique → ids; gone: ids
    n_scans: Mapped[int] = mapped_column(Integer)
    covered_until: Mapped[datetime | None] = mapped_column(UtcTime, default=None)  # newest scan of the archive then
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class RescreeningChunk(Base):
    """A part of a run: which scans, and who works on them until when; the epoch fences late answers. Unaudited."""

    __tablename__ = "rescreening_chunks"
    __table_args__ = (
        UniqueConstraint("rescreening_id", "position"),
        Index("ix_rescreening_chunks_queue", "rescreening_id", "state", "position"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rescreening_id: Mapped[str] = mapped_column(ForeignKey("rescreenings.id"))
    position: Mapped[int] = mapped_column(Integer)
    scan_ids: Mapped[list[str]] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    owner: Mapped[str | None] = mapped_column(Text, default=None)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    error: Mapped[str | None] = mapped_column(Text, default=None)
    # Of its scans: looked at, and identified in full; unknown until it is done.
    n_looked: Mapped[int | None] = mapped_column(Integer, default=None)
    n_identified: Mapped[int | None] = mapped_column(Integer, default=None)


class RetrospectiveHit(AuditedBase):
    """An old scan that the new references answer otherwise; the old answer stays as it was given."""

    __tablename__ = "retrospective_hits"
    __table_args__ = (UniqueConstraint("rescreening_id", "scan_id"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rescreening_id: Mapped[str] = mapped_column(ForeignKey("rescreenings.id"))
    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)  # the retrospective one
    reasons: Mapped[list[str]] = mapped_column(JsonText)
    identification: Mapped[dict[str, Any]] = mapped_column(JsonText)  # by the present library
    found_at: Mapped[datetime] = mapped_column(UtcTime)
