"""The goals as data, and whether the figures reach them.

Panels and sizes follow field-detection standards in form (ASTM E3243 for the performance of field detection of
fentanyl, E3290 for establishing it); passing them makes no result more than presumptive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from reachback.validation.figures import Figures
from reachback.validation.proportions import Proportion

__all__ = ["ALARM_SCANS", "ALARM_SUBSTANCES", "CALIBRATION_COMPONENTS", "GOALS", "Goal", "Standing", "Verdict", "check"]

# An alarm rate of 0.05 % is claimed only from this much: with none in 7,400, the interval's end is 0.05 %.
ALARM_SCANS, ALARM_SUBSTANCES = 7_400, 300
# Of fewer components the expected calibration error is mostly chance.
CALIBRATION_COMPONENTS = 500


class Standing(StrEnum):
    """How a figure stands to its goal."""

    SHOWN = "shown"  # the whole interval lies within the goal
    REACHED = "reached"  # the figure does, its interval does not
    MISSED = "missed"
    NOT_DEMONSTRATED = "not demonstrated"  # too few scans to say
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure by name, and the bounds [1] it is to lie within."""

    name: str
    words: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, the figure that was measured for it, and how it stands."""

    goal: Goal
    measured: Proportion | float | None
    standing: Standing


_MIXTURE_GOALS = ((2, 0.98, 0.99), (3, 0.95, 0.98), (4, 0.95, 0.97), (5, 0.90, 0.95), (6, 0.85, 0.92))

GOALS = (
    Goal("pure_right", "pure, other instrument: named right", low=0.99),
    Goal("pure_wrong", "pure, other instrument: named wrong", high=0.001),
    *(
        goal
        for size, recall, precision in _MIXTURE_GOALS
        for goal in (
            Goal(f"recall_{size}", f"mixtures of {size}: components found", low=recall),
            Goal(f"precision_{size}", f"mixtures of {size}: listed components true", low=precision),
        )
    ),
    Goal("clean_I", "clean cuts, disturbance I: false alerts over the whole watch list", high=0.01),
    Goal("clean_II", "clean cuts, disturbance II: false alerts over the whole watch list", high=0.01),
    Goal("trace_I_0.05", "5 % of a watched substance in cuts, disturbance I: seen", low=0.99),
    Goal("trace_I_0.02", "2 % of a watched substance in cuts, disturbance I: seen", low=0.95),
    Goal("trace_II_0.05", "5 % of a watched substance in cuts, disturbance II: seen", low=0.95),
    Goal("off_library_refused", "substances not in the library: refused", low=0.95),
    Goal("off_library_named", "substances not in the library: named", high=0.01),
    Goal("family_wrong", "watched substances not in the library: another family suspected", high=0.0),
    Goal("alarm", "substances not in the library: alarms", high=0.0005),
    Goal("limits", "spiked at the printed limit: seen", low=0.93, high=0.97),
    Goal("calibration", "confidence: expected calibration error", high=0.02),
)


def check(figures: Figures) -> tuple[Verdict, ...]:
    """Every goal beside the figures of one technique and one kind of data."""
    measured = dict(_measured(figures))
    verdicts = []
    for goal in GOALS:
        found = measured.get(goal.name)
        verdicts.append(Verdict(goal, found, _standing(goal, found, figures)))
    return tuple(verdicts)


def _measured(figures: Figures) -> Iterator[tuple[str, Proportion | float | None]]:
    if figures.naming:
        yield "pure_right", sum((n.right for n in figures.naming), Proportion(0, 0))
        yield "pure_wrong", sum((n.wrong for n in figures.naming), Proportion(0, 0))
    for size in {found.size for found in figures.mixtures}:
        sized = [found for found in figures.mixtures if found.size == size]
        yield f"recall_{size}", sum((f.recall for f in sized), Proportion(0, 0))
        yield f"precision_{size}", sum((f.precision for f in sized), Proportion(0, 0))
    # Where nothing is watched no alert can be raised, and none proves nothing.
    for level, alerts in figures.clean if figures.detection else ():
        yield f"clean_{level}", alerts
    for detection in figures.detection:
        yield f"trace_{detection.disturbance}_{detection.share:g}", detection.itself
    refusals = (*figures.left_out, *figures.foreign)
    if refusals:
        yield "off_library_refused", sum((r.refused for r in refusals), Proportion(0, 0))
        yield "off_library_named", sum((r.named for r in refusals), Proportion(0, 0))
        # Two libraries rarely use the same words for families: only the library's own tell wrong from right.
        yield "family_wrong", sum((r.family_wrong for r in figures.left_out), Proportion(0, 0))
        yield "alarm", sum((r.alarms for r in refusals), Proportion(0, 0))
    if figures.limits:
        yield "limits", sum((found.detected for found in figures.limits), Proportion(0, 0))
    yield "calibration", figures.reliability.error


def _standing(goal: Goal, found: Proportion | float | None, figures: Figures) -> Standing:
    if found is None or (isinstance(found, Proportion) and not found.of):
        return Standing.NOT_JUDGED
    if isinstance(found, float):
        if figures.reliability.components < CALIBRATION_COMPONENTS:
            return Standing.NOT_DEMONSTRATED
        return Standing.REACHED if goal.low <= found <= goal.high else Standing.MISSED
    value, (low, high) = found.hits / found.of, found.interval
    if not goal.low <= value <= goal.high:
        return Standing.MISSED
    if goal.name == "alarm":
        substances = sum(max((r.substances for r in panel), default=0) for panel in (figures.left_out, figures.foreign))
        enough = found.of >= ALARM_SCANS and substances >= ALARM_SUBSTANCES
        return Standing.REACHED if enough else Standing.NOT_DEMONSTRATED
    within = (goal.low == 0.0 or low >= goal.low) and (goal.high == 1.0 or high <= goal.high)
    return Standing.SHOWN if within else Standing.REACHED
