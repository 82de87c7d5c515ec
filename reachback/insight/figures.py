"""The values that figures are told in: each frozen, each share with its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reachback.insight.answer_times import AnswerTimes
from reachback.insight.disagreement import PairFigures, PairKey
from reachback.insight.period import Period
from reachback.insight.shares import Share

__all__ = [
    "Channel",
    "Deliveries",
    "DeskFigures",
    "Device",
    "DifferingCase",
    "Disagreement",
    "OfDay",
    "OfHour",
    "OfLane",
    "Refusals",
    "ScanCounts",
]


@dataclass(frozen=True, slots=True)
class ScanCounts:
    """Scans by what came of them; ``outcomes`` are of those identified, the unusable among them."""

    n: int
    n_unreadable: int
    n_unusable: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OfDay:
    """Scans received and cases opened on one day of the zone."""

    day: date
    n_scans: int
    answers: AnswerTimes


@dataclass(frozen=True, slots=True)
class OfHour:
    """Scans received and cases opened in one hour of the day, all days together."""

    hour: int
    n_scans: int
    answers: AnswerTimes


@dataclass(frozen=True, slots=True)
class OfLane:
    """Cases of one lane; the retrospective one has no hour to keep."""

    lane: str
    has_clock: bool
    answers: AnswerTimes


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """Volumes and answer times of a period; totals, days and hours are of the lanes with a clock."""

    period: Period
    as_of: datetime
    scans: ScanCounts
    answers: AnswerTimes
    by_day: tuple[OfDay, ...]
    by_hour: tuple[OfHour, ...]
    by_lane: tuple[OfLane, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """Scans of one device, and how many of them could not be used; null is unknown."""

    vendor: str | None
    instrument: str | None
    serial: str | None
    sender: str | None
    n_scans: int
    n_unreadable: int
    n_unusable: int
    refused: Share


@dataclass(frozen=True, slots=True)
class Refusals:
    """What could not be used, by device, the most refusals first."""

    period: Period
    refused: Share
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class DifferingCase:
    """A case in which the two of a pair differed, and what each named."""

    pair: PairKey
    case_id: str
    unit: str
    exhibit: str | None
    at: datetime
    one_said: str
    other_said: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Pairs with their counts, and the cases behind them, newest first; ``n_cases`` is how many there are."""

    period: Period
    pairs: tuple[PairFigures, ...]
    cases: tuple[DifferingCase, ...]
    n_cases: int
    read_twice: Share  # of the cases that were read at all


@dataclass(frozen=True, slots=True)
class Channel:
    """Messages to one channel outside; ``given_up`` is of those that were sent or given up."""

    channel: str
    n_messages: int
    n_waiting: int
    given_up: Share
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What became of messages to channels outside."""

    period: Period
    channels: tuple[Channel, ...]
