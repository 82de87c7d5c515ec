"""Deliveries: rows written in the same transaction as what they tell of. Unaudited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import Base, JsonText, UtcTime

__all__ = ["GIVEN_UP", "READ", "SENDING", "SENT", "UNREAD", "WAITING", "Delivery", "DomainEvent"]

WAITING, SENDING, SENT, GIVEN_UP = "waiting", "sending", "sent", "given_up"  # what the worker sends
UNREAD, READ = "unread", "read"  # a notice to an account, which no worker sends


class DomainEvent(Base):
    """Something changed, which id: what open pages hear of. Numbered, so that a listener can resume."""

    __tablename__ = "domain_events"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text, default=None)
    at: Mapped[datetime] = mapped_column(UtcTime)


class Delivery(Base):
    """One message to one channel; claimed, sent, retried by the worker."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_waiting", "state", "not_before"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    message: Mapped[dict[str, Any]] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(Text)  # one of the six above
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(UtcTime)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    last_error: Mapped[str | None] = mapped_column(Text, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
