"""Cases, their leases, their clock events, and who has looked at them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, JsonText, UtcTime

__all__ = [
    "LANE_RANKS",
    "Case",
    "CaseLease",
    "CaseState",
    "ClockEvent",
    "ClockEventKind",
    "FirstImpression",
    "Lane",
]


class CaseState(StrEnum):
    """The contract's states; the holder lives in the lease."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    AWAITING_OFFICER = "awaiting_officer"
    FOUND = "found"
    SECOND_READ = "second_read"
    THIRD_READ = "third_read"
    RELEASED = "released"
    LAB_CONFIRMED = "lab_confirmed"
    LAB_REFUTED = "lab_refuted"
    WITHDRAWN = "withdrawn"


class Lane(StrEnum):
    """Who comes first; sorted by rank."""

    EXPOSURE = "exposure"
    FENTANYL = "fentanyl"
    GENERAL = "general"
    RETROSPECTIVE = "retrospective"  # an old scan under new references; after everybody who waits, and no clock alarms


LANE_RANKS = MappingProxyType({lane: rank for rank, lane in enumerate(Lane)})


class Case(AuditedBase):
    """What a chemist answers. ``due_at`` is set once, 3600 s after ``opened_at``, and never moves."""

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_queue", "state", "lane_rank", "due_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    unit: Mapped[str] = mapped_column(Text, index=True)
    exhibit: Mapped[str | None] = mapped_column(Text, default=None)
    state: Mapped[str] = mapped_column(Text)
    lane: Mapped[str] = mapped_column(Text)
    lane_rank: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_because: Mapped[str] = mapped_column(Text)
    scan_ids: Mapped[list[str]] = mapped_column(JsonText)  # in the order they joined
    outcome: Mapped[str | None] = mapped_column(Text, default=None)  # of the released answer
    finder_id: Mapped[str | None] = mapped_column(Text, default=None)  # account of the first reader
    second_reader_id: Mapped[str | None] = mapped_column(Text, default=None)
    released_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    preliminary_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    second_read_since: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    withdrawn_because: Mapped[str | None] = mapped_column(Text, default=None)


class CaseLease(Base):
    """Who holds a case, until when; the epoch fences late finishes. Unaudited."""

    __tablename__ = "case_leases"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    account_id: Mapped[str | None] = mapped_column(Text, default=None)
    account_name: Mapped[str | None] = mapped_column(Text, default=None)
    token_sha256: Mapped[str | None] = mapped_column(Text, default=None)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class ClockEventKind(StrEnum):
    """What a sweep writes, each once a case."""

    DUE_IN_30 = "due_in_30"  # 30 minutes after opening
    DUE_IN_15 = "due_in_15"  # 45 minutes after opening
    BREACHED = "breached"
    RECOVERED = "recovered"
    OFFICER_SLOW = "officer_slow"


class ClockEvent(AuditedBase):
    """A deadline came near, passed, or was recovered."""

    __tablename__ = "clock_events"
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


class FirstImpression(AuditedBase):
    """What a chemist thought before the machine's view unfolded; kept beside the finding."""

    __tablename__ = "first_impressions"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
