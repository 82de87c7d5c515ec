"""Earlier cases beside the one that is read: what was seen then, how alike the curves are, what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from reachback.accounts.rights import Principal
from reachback.intake.earlier_scans import EarlierScan, EarlierScans
from reachback.problems import Problem
from reachback.web.chemist.opened_scans import OpenedScan, ScanBench

__all__ = ["EarlierCase", "earlier_cases"]

_LEAST_LIKENESS = 0.3  # [1] below, two scans of different substances are as much alike by chance
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """An answered case: ``likeness`` of the slopes of the two scans [1], and what was answered then."""

    case_id: str
    scan_id: str
    exhibit: str | None
    unit: str
    received_at: datetime
    likeness: float | None
    same_substances: bool
    answer: str
    state: str


def earlier_cases(
    services: Any, bench: ScanBench, opened: OpenedScan, element: Mapping[str, Any], case_id: str, principal: Principal
) -> list[EarlierCase]:
    """The most alike first; one line for each case."""
    found: dict[str, tuple[EarlierScan, float | None]] = {}
    for each in EarlierScans(services.database).like(element, case_id, principal):
        alike = _likeness(services, bench, opened, each, principal)
        known = found.get(each.case_id)
        if known is None or (alike or 0.0) > (known[1] or 0.0):
            found[each.case_id] = (each, alike)
    named = _names(element)
    alike_enough = [
        (each, alike)
        for each, alike in found.values()
        if alike is None or alike >= _LEAST_LIKENESS or (named and _names(each.element) == named)
    ]
    ordered = sorted(alike_enough, key=lambda pair: -(pair[1] or 0.0))[:_MOST_SHOWN]
    return [
        EarlierCase(
            each.case_id,
            each.scan_id,
            each.exhibit,
            each.unit,
            each.received_at,
            alike,
            bool(named) and _names(each.element) == named,
            *_answer(services, each.case_id, principal),
        )
        for each, alike in ordered
    ]


def _names(element: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(part["substance"]) for part in element.get("components") or ())


def _likeness(
    services: Any, bench: ScanBench, opened: OpenedScan, earlier: EarlierScan, principal: Principal
) -> float | None:
    """Correlation of the slopes over the points that both scans cover; None where it cannot be computed."""
    try:
        other = bench.opened(
            earlier.element["scan"],
            earlier.sha256,
            earlier.file_name,
            lambda: services.intake.original(earlier.scan_id, principal).content,
        )
    except Problem:
        return None
    if opened.question is None or other.question is None:
        return None
    mine, theirs = opened.question.ready, other.question.ready
    both = slice(max(mine.first, theirs.first), min(mine.stop, theirs.stop))
    a, b = mine.feature[both], theirs.feature[both]
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else None


def _answer(services: Any, case_id: str, principal: Principal) -> tuple[str, str]:
    try:
        newest = services.replies.of_case(case_id, principal)[0]
    except Problem:
        return "", ""
    return str(newest["content"]["headline"]), str(newest["kind"])
