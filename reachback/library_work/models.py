"""Work on the library that takes longer than a request: what was asked and came of it (audited), who is at it (not)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, JsonText, UtcTime

__all__ = ["OPEN_STATES", "LibraryWork", "LibraryWorkHold", "WorkKind", "WorkState"]


class WorkKind(StrEnum):
    """What is to be done."""

    RELEASE = "release"
    IMPORT = "import"


class WorkState(StrEnum):
    """How far a piece of work has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # a rule, or what was sent, forbids it; the reason says which
    FAILED = "failed"  # a fault of the program or the machine


OPEN_STATES = (WorkState.WAITING, WorkState.RUNNING)


class LibraryWork(AuditedBase):
    """A release or an import that somebody asked for."""

    __tablename__ = "library_works"
    __table_args__ = (Index("ix_library_works_state_asked_at", "state", "asked_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    by_name: Mapped[str] = mapped_column(Text)  # as the library's own journal will name the person
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    request: Mapped[dict[str, Any]] = mapped_column(JsonText)
    # What may be under way only once; empty when it has ended.
    open_key: Mapped[str | None] = mapped_column(Text, unique=True, default=None)
    # Of an import: the same bytes with the same statements are the same import.
    content_key: Mapped[str | None] = mapped_column(Text, index=True, default=None)
    state: Mapped[str] = mapped_column(Text)
    # When it was begun, each time: what an earlier try left in the library's journal bears one of these moments.
    tries: Mapped[list[str]] = mapped_column(JsonText, default=list)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonText, default=None)
    reason: Mapped[str | None] = mapped_column(Text, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class LibraryWorkHold(Base):
    """Who works on it until when, and how far it is; the epoch fences late answers. Unaudited."""

    __tablename__ = "library_work_holds"

    work_id: Mapped[str] = mapped_column(ForeignKey("library_works.id"), primary_key=True)
    owner: Mapped[str | None] = mapped_column(Text, default=None)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    lost: Mapped[int] = mapped_column(Integer, default=0)  # how often it ended the process that worked on it
    n_done: Mapped[int | None] = mapped_column(Integer, default=None)
    n_all: Mapped[int | None] = mapped_column(Integer, default=None)
    words: Mapped[str | None] = mapped_column(Text, default=None)
