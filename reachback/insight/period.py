"""From which day to which day figures are asked for, and in whose zone days and hours are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from reachback.problems import Unprocessable

__all__ = ["DEFAULT_DAYS", "LONGEST_DAYS", "Period"]

DEFAULT_DAYS = 30
LONGEST_DAYS = 1100  # three years: what one look still answers in seconds
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() | {"UTC"})


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of one zone, the first and the last among them."""

    first: date
    last: date
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.zone not in _zones():
            raise Unprocessable(f"zone: {self.zone} is no time zone known here; name one as in Europe/Madrid, or UTC")
        if self.first > self.last:
            raise Unprocessable(f"from: {self.first} lies after {self.last}; give the earlier day first")
        if not _FIRST_YEAR <= self.first.year <= self.last.year <= _LAST_YEAR:
            raise Unprocessable(f"from, to: days between {_FIRST_YEAR} and {_LAST_YEAR} are taken")
        if (self.last - self.first).days >= LONGEST_DAYS:
            raise Unprocessable(f"from, to: at most {LONGEST_DAYS} days are looked at together; ask for fewer")

    @classmethod
    def asked(cls, first: date | None, last: date | None, zone: str, now: datetime) -> Period:
        """What was asked for; today is the last day and 30 days are shown where nothing is said."""
        cls(date(2001, 1, 1), date(2001, 1, 1), zone)  # the zone first: without one there is no today
        last = last or max(now.astimezone(ZoneInfo(zone)).date(), first or date.min)
        if first is None:
            if last.year < _FIRST_YEAR:
                raise Unprocessable(f"from, to: days between {_FIRST_YEAR} and {_LAST_YEAR} are taken")
            first = last - timedelta(days=DEFAULT_DAYS - 1)
        return cls(first, last, zone)

    @property
    def begins_at(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def days(self) -> list[date]:
        """Every day, also those on which nothing happened."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def local(self, moment: datetime) -> datetime:
        """A moment as clocks of the zone show it."""
        return moment.astimezone(ZoneInfo(self.zone))
