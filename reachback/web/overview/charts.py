"""Small charts as geometry, drawn by a template as SVG: columns over time, and shares with their intervals.

Each has a table beside it that says the same. Sizes are in units of the drawing; text is drawn at their true size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reachback.insight.shares import Share

__all__ = ["Column", "ColumnChart", "ShareBar", "ShareChart", "column_chart", "nice_step", "share_chart"]

_WIDTH, _HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 26
_MOST_LABELS = 13
_ROW, _NAMES, _FIGURES = 30, 210, 180


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column: ``kind`` chooses colour and hatching."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column, its parts from below, its label (empty where there is no room) and what it says."""

    x: float
    width: float
    parts: tuple[Part, ...]
    label: str
    title: str

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns over a common floor; ``ticks`` are pairs of height and words."""

    width: int
    height: int
    left: int
    right: int
    floor: float
    columns: tuple[Column, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class ShareBar:
    """A share as a bar, with its interval as a line."""

    y: float
    label: str
    x: float
    low: float
    high: float
    words: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class ShareChart:
    """Shares below each other; ``ticks`` are pairs of place and words."""

    width: int
    height: int
    left: int
    row: int
    floor: float
    bars: tuple[ShareBar, ...]
    ticks: tuple[tuple[float, str], ...]


def nice_step(largest: float) -> float:
    """The first of 1, 2, 5 and 10 × 10^n that reaches the largest value in at most four steps; at least 1."""
    if largest <= 4:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest / 4))
    return next(step * power for step in (1, 2, 5, 10) if step * power * 4 >= largest)


def column_chart(
    labels: Sequence[str], values: Sequence[Sequence[tuple[str, float]]], titles: Sequence[str]
) -> ColumnChart:
    """Columns whose parts – pairs of kind and value – stand on each other."""
    largest = max((sum(value for _, value in parts) for parts in values), default=0.0)
    step_up = nice_step(largest)
    n_steps = max(1, math.ceil(largest / step_up))
    top = n_steps * step_up
    floor, span = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    every = max(1, math.ceil(len(values) / _MOST_LABELS))
    columns = []
    for number, (label, parts, title) in enumerate(zip(labels, values, titles, strict=True)):
        below, drawn = 0.0, []
        for kind, value in parts:
            height = span * value / top
            below += height
            if value:
                drawn.append(Part(kind, round(floor - below, 2), round(height, 2)))
        width = max(1.0, step * 0.78)
        x = _LEFT + number * step + (step - width) / 2
        shown = label if number % every == 0 else ""
        columns.append(Column(round(x, 2), round(width, 2), tuple(drawn), shown, title))
    ticks = tuple((round(floor - span * part / n_steps, 2), f"{part * step_up:,.0f}") for part in range(n_steps + 1))
    return ColumnChart(_WIDTH, _HEIGHT, _LEFT, _RIGHT, floor, tuple(columns), ticks)


def share_chart(rows: Sequence[tuple[str, Share]], top: float | None = None) -> ShareChart:
    """Shares with their intervals, from 0 to ``top`` (the largest bound, rounded up, if unset)."""
    largest = max((share.high for _, share in rows if share.of), default=1.0)
    top = top or min(1.0, max(0.1, math.ceil(largest * 10) / 10))
    span = _WIDTH - _NAMES - _FIGURES
    bars = [
        ShareBar(
            y=_TOP + number * _ROW,
            label=label,
            x=round(_NAMES + span * min(1.0, (share.value or 0.0) / top), 2),
            low=round(_NAMES + span * min(1.0, share.low / top), 2),
            high=round(_NAMES + span * min(1.0, share.high / top), 2),
            words=f"{share.n:,} of {share.of:,}",
            is_empty=share.of == 0,
        )
        for number, (label, share) in enumerate(rows)
    ]
    floor = _TOP + len(rows) * _ROW
    ticks = tuple((round(_NAMES + span * part / 2, 2), f"{100 * top * part / 2:g} %") for part in range(3))
    return ShareChart(_WIDTH, floor + 24, _NAMES, _ROW, floor, tuple(bars), ticks)
