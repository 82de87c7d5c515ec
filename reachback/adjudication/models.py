"""What chemists and laboratories say of a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, JsonText, UtcTime

__all__ = [
    "Draft",
    "Finding",
    "FindingOutcome",
    "LaboratoryResult",
    "OfficerQuestion",
    "Reading",
    "Referral",
]


class FindingOutcome(StrEnum):
    """The contract's outcomes of a finding."""

    IDENTIFIED = "identified"
    MIXTURE = "mixture"
    CLASS = "class"
    NOT_IDENTIFIED = "not_identified"
    NEEDS_LABORATORY = "needs_laboratory"


class Reading(StrEnum):
    """Which reading a finding is."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    AMENDMENT = "amendment"


class Finding(AuditedBase):
    """One reading of one case. Never overwritten: an amendment is a further row with the next version."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)  # 1, 2, … within the case
    reading: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    outcome: Mapped[str] = mapped_column(Text)
    components: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)  # [{"substance", "form"}]
    comment: Mapped[str] = mapped_column(Text)
    confidence_words: Mapped[str | None] = mapped_column(Text, default=None)
    evidence_used: Mapped[list[str] | None] = mapped_column(JsonText, default=None)
    at: Mapped[datetime] = mapped_column(UtcTime)


class Draft(Base):
    """Text that was not accepted (a late finish) or not sent yet; nothing typed is lost. Unaudited."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonText)
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


class OfficerQuestion(AuditedBase):
    """A question back to the officer, and the answer."""

    __tablename__ = "officer_questions"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    asked_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(Text, default=None)
    answer: Mapped[str | None] = mapped_column(Text, default=None)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class Referral(AuditedBase):
    """A sample sent to a laboratory; it has a 24-hour clock of its own."""

    __tablename__ = "laboratory_referrals"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    laboratory: Mapped[str] = mapped_column(Text)
    referred_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    referred_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    reported_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)  # when that was told, once


class LaboratoryResult(AuditedBase):
    """What the laboratory found, and whether it agrees with the answer that was released."""

    __tablename__ = "laboratory_results"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    referral_id: Mapped[str | None] = mapped_column(ForeignKey("laboratory_referrals.id"), default=None)
    laboratory: Mapped[str] = mapped_column(Text)
    technique: Mapped[str] = mapped_column(Text)
    components: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    reported_at: Mapped[datetime] = mapped_column(UtcTime)
    reference_number: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcTime)
    agrees: Mapped[int] = mapped_column(Integer)  # 1 or 0
