"""What was answered: each released version, with its stored report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, JsonText, UtcTime

__all__ = ["Reply"]


class Reply(AuditedBase):
    """One released answer. ``kind``: answer, preliminary, amendment, correction."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    finding_id: Mapped[str | None] = mapped_column(ForeignKey("findings.id"), default=None)
    released_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    released_at: Mapped[datetime] = mapped_column(UtcTime)
    content: Mapped[dict[str, Any]] = mapped_column(JsonText)  # all that the officer reads, as data
    checkpoint_size: Mapped[int] = mapped_column(BigInteger)
    report_sha256: Mapped[str | None] = mapped_column(Text, default=None)
