"""How long answers took: pure rules on cases, so that a case that nobody answered is never left out.

A preliminary answer counts as one, as for the clock (``docs/cases.md``). A case is *judged* once it was answered or its
deadline has passed. One that is open past its deadline, or was withdrawn after it, is late, and stands in median and
p95 with the time it has waited at least; the figure then says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reachback.cases.models import CaseState
from reachback.insight.shares import Share

__all__ = ["AnswerTimes", "CaseTime", "Fate", "Quantile", "answer_times", "fate_of", "quantile"]


@dataclass(frozen=True, slots=True)
class CaseTime:
    """What the clock knows of a case; ``answered_at`` is the first answer, preliminary or not."""

    case_id: str
    lane: str
    state: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    was_breached: bool = False  # asked of withdrawn cases only: their end has no time of its own


class Fate(StrEnum):
    """What became of a case's hour."""

    IN_TIME = "in_time"
    LATE = "late"
    LATE_OPEN = "late_open"  # not answered, and past its deadline
    LATE_WITHDRAWN = "late_withdrawn"
    RUNNING = "running"  # its hour is not over
    WITHDRAWN = "withdrawn"  # within its hour


_JUDGED = frozenset({Fate.IN_TIME, Fate.LATE, Fate.LATE_OPEN, Fate.LATE_WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Quantile:
    """A time [s]; with ``at_least`` it may still become longer, because cases below it wait for their answer."""

    seconds: float | None
    at_least: bool


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Figures of a group of cases; ``within_hour`` is of those judged."""

    n_cases: int
    n_answered: int
    n_running: int
    n_late: int  # all that were not answered within their hour: the next two among them
    n_late_open: int
    n_late_withdrawn: int
    n_withdrawn: int
    within_hour: Share
    median: Quantile
    p95: Quantile


def fate_of(case: CaseTime, now: datetime) -> Fate:
    """What became of the hour of one case."""
    if case.answered_at is not None:
        return Fate.IN_TIME if case.answered_at <= case.due_at else Fate.LATE
    if case.state == CaseState.WITHDRAWN:
        return Fate.LATE_WITHDRAWN if case.was_breached else Fate.WITHDRAWN
    return Fate.RUNNING if now < case.due_at else Fate.LATE_OPEN


def answer_times(cases: Iterable[CaseTime], now: datetime) -> AnswerTimes:
    """Figures of these cases as they stand now."""
    count = dict.fromkeys(Fate, 0)
    waits: list[tuple[float, bool]] = []
    for case in cases:
        fate = fate_of(case, now)
        count[fate] += 1
        if fate in _JUDGED:
            waits.append(_wait(case, fate, now))
    waits.sort()
    late = count[Fate.LATE] + count[Fate.LATE_OPEN] + count[Fate.LATE_WITHDRAWN]
    return AnswerTimes(
        n_cases=sum(count.values()),
        n_answered=count[Fate.IN_TIME] + count[Fate.LATE],
        n_running=count[Fate.RUNNING],
        n_late=late,
        n_late_open=count[Fate.LATE_OPEN],
        n_late_withdrawn=count[Fate.LATE_WITHDRAWN],
        n_withdrawn=count[Fate.WITHDRAWN],
        within_hour=Share.counted(count[Fate.IN_TIME], count[Fate.IN_TIME] + late),
        median=quantile(waits, 0.5),
        p95=quantile(waits, 0.95),
    )


def _wait(case: CaseTime, fate: Fate, now: datetime) -> tuple[float, bool]:
    """Seconds from opening to the answer, and whether that is only what it has taken so far."""
    if case.answered_at is not None:
        return (case.answered_at - case.opened_at).total_seconds(), False
    until = case.due_at if fate is Fate.LATE_WITHDRAWN else now
    return (until - case.opened_at).total_seconds(), True


def quantile(waits: Sequence[tuple[float, bool]], part: float) -> Quantile:
    """The shortest time within which at least this part was answered (nearest rank); ``waits`` in order."""
    if not waits:
        return Quantile(None, False)
    rank = max(1, math.ceil(part * len(waits) - 1e-9))
    return Quantile(waits[rank - 1][0], any(is_open for _, is_open in waits[:rank]))
