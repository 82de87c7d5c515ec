"""Scans as they came, and the reservations that make an upload happen once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, JsonText, UtcTime

__all__ = ["Attachment", "Reservation", "Scan", "ScanState"]


class ScanState(StrEnum):
    """How far a scan has come."""

    RESERVED = "reserved"  # bytes are on disk, identification is under way
    IDENTIFIED = "identified"
    UNREADABLE = "unreadable"  # kept, answered with the reason


class Scan(AuditedBase):
    """One uploaded file: its bytes are a plain file in the data folder, named by their SHA-256."""

    __tablename__ = "scans"
    __table_args__ = (Index("ix_scans_unit_exhibit", "unit", "exhibit"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    unit: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text, index=True)
    size: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    state: Mapped[str] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JsonText)  # the officer's form, as sent
    exhibit: Mapped[str | None] = mapped_column(Text, default=None)
    identifications: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonText, default=None)
    refusals: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonText, default=None)  # of single spectra
    device_results: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonText, default=None)  # its own words
    primary_index: Mapped[int | None] = mapped_column(Integer, default=None)  # of the first usable spectrum
    outcome: Mapped[str | None] = mapped_column(Text, default=None)  # of that spectrum
    error: Mapped[str | None] = mapped_column(Text, default=None)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True, default=None)
    # An unusable scan waits until then for a better one of its exhibit; no case is opened before.
    decide_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True, default=None)


class Attachment(AuditedBase):
    """A photo or another file beside a scan; bytes by SHA-256 like the scan's own."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)  # powder, tablet, packaging, other
    file_name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcTime)


class Reservation(Base):
    """(account, idempotency key) → the scan that answers it; unaudited, the scan is what counts."""

    __tablename__ = "reservations"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    key: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)  # the process working on it
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JsonText, default=None)  # status and body of the answer
