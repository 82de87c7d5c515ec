"""Time and new identifiers, passed in wherever they are needed so that tests can hold them still."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Chance", "Clock", "SystemChance", "SystemClock", "as_utc_text"]


class Clock(Protocol):
    """What the time is."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class Chance(Protocol):
    """Everything that must not be guessed or repeated."""

    def new_id(self) -> str:
        """A fresh identifier of a row."""
        ...

    def new_secret(self) -> str:
        """256 random bits as URL-safe text."""
        ...

    def draw(self) -> float:
        """An evenly distributed number from 0 up to 1."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SystemChance:
    """The machine's source of randomness."""

    def new_id(self) -> str:
        """A random UUID as text."""
        return str(uuid.uuid4())

    def new_secret(self) -> str:
        """256 random bits as URL-safe text."""
        return secrets.token_urlsafe(32)

    def draw(self) -> float:
        """An evenly distributed number from 0 up to 1."""
        return secrets.randbelow(2**53) / 2**53


def as_utc_text(moment: datetime) -> str:
    """A moment as every face of the service writes it: ISO 8601 in UTC, with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
