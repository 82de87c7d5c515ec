"""Pictures of a validation: detection against share, and the reliability curve; SVG, the same bytes again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reachback.validation.figures import Detection, Figures
from reachback.validation.proportions import Proportion

__all__ = ["draw"]

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "reachback",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MARKS = ("o", "s", "^")


def draw(figures: Figures) -> dict[str, str]:
    """SVG text of each picture that the figures allow, by name."""
    pictures = {}
    if any(found.itself.of for found in figures.detection):
        pictures["detection"] = _drawn(lambda axes: _detection(axes, figures.detection))
    if figures.reliability.bins:
        pictures["reliability"] = _drawn(lambda axes: _reliability(axes, figures))
    return pictures


def _drawn(draw_into: Any) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.2, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        draw_into(figure.subplots())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _detection(axes: Axes, detection: Sequence[Detection]) -> None:
    for mark, level in zip(_MARKS, sorted({found.disturbance for found in detection}), strict=False):
        at = [found for found in detection if found.disturbance == level and found.itself.of]
        shares = [100 * found.share for found in at]
        _with_intervals(axes, shares, [found.itself for found in at], mark, f"disturbance {level}")
    axes.set_xscale("log")
    axes.set_xticks([0.1, 1, 2, 5, 10], ["0.1", "1", "2", "5", "10"])
    axes.minorticks_off()
    axes.set_xlabel("share of the signal [%]")
    axes.set_ylabel("seen")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(frameon=False)


def _reliability(axes: Axes, figures: Figures) -> None:
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    curves = (
        (figures.reliability, "components listed"),
        (figures.reliability_beside_unknown, "beside an unknown part"),
    )
    for mark, (reliability, name) in zip(_MARKS, curves, strict=False):
        if reliability.bins:
            stated = [mean for mean, _ in reliability.bins]
            _with_intervals(axes, stated, [found for _, found in reliability.bins], mark, name)
    axes.set_xlabel("confidence stated")
    axes.set_ylabel("part that was right")
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.legend(frameon=False, loc="upper left")


def _with_intervals(axes: Axes, places: Sequence[float], found: Sequence[Proportion], mark: str, name: str) -> None:
    values = [each.hits / each.of for each in found]
    below = [max(value - each.interval[0], 0.0) for value, each in zip(values, found, strict=True)]
    above = [max(each.interval[1] - value, 0.0) for value, each in zip(values, found, strict=True)]
    axes.errorbar(places, values, yerr=[below, above], marker=mark, markersize=4, linewidth=1, capsize=2, label=name)
