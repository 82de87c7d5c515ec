"""References that grew from cases: which scan, on whose word, and whether that word still holds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, JsonText, UtcTime

__all__ = ["CaseReference", "CaseReferenceState"]


class CaseReferenceState(StrEnum):
    """What became of it here; how far it came in the library, the library's own store says."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"


class CaseReference(AuditedBase):
    """A confirmed scan that was proposed as a reference, with its chain of evidence."""

    __tablename__ = "case_references"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id"), index=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"))
    laboratory_result_id: Mapped[str] = mapped_column(ForeignKey("laboratory_results.id"))
    reference_id: Mapped[str] = mapped_column(Text, index=True)  # in the library's store
    substance: Mapped[dict[str, Any]] = mapped_column(JsonText)
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    withdrawn_because: Mapped[str | None] = mapped_column(Text, default=None)
