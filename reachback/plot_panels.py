"""The panels of a verdict's picture: fit with its parts, residual, and scans that nothing was named in."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from reachback.wording import component_name, percent, printable
from spectra.verdict import Explanation, Identification

__all__ = [
    "MAX_LABELLED_PARTS",
    "draw_fit",
    "draw_raw_scan",
    "draw_refused_scan",
    "draw_residual",
    "literal",
    "shortened",
]

MAX_LABELLED_PARTS = 6
MIN_LABEL_GAP = 0.045  # of the axis
CURVE_SHARE = 0.58  # of a part's strip; its label takes the rest

# Okabe and Ito's palette: told apart with every common colour vision, and by the labels beside the curves.
PART_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SCAN_COLOUR, FIT_COLOUR, REST_COLOUR = "#000000", "#767676", "#B3003C"


def draw_raw_scan(axes: Axes, identification: Identification) -> None:
    """Nothing was compared: the scan as it came."""
    spectrum = identification.spectrum
    axes.plot(spectrum.axis, spectrum.intensity, color=SCAN_COLOUR, linewidth=0.9)
    axes.set_xlim(spectrum.axis[0], spectrum.axis[-1])
    axes.set_ylabel(f"{spectrum.ordinate.replace('_', ' ')} as measured")
    _remark(axes, "not compared with the library")


def draw_refused_scan(axes: Axes, identification: Identification, shown: Explanation) -> None:
    """Nothing was named: the scan, and where its unexplained bands are; a fit that was rejected is not drawn."""
    axes.plot(shown.axis, shown.scan, color=SCAN_COLOUR, linewidth=0.9)
    axes.axhline(0.0, color="#BBBBBB", linewidth=0.7)
    axes.set_xlim(shown.axis[0], shown.axis[-1])
    axes.set_yticks([0.0], [""])
    axes.set_ylabel("signal, baseline-corrected")
    axes.margins(y=0.08)
    _mark_unexplained(axes, identification, shown.axis)


def draw_fit(axes: Axes, identification: Identification, shown: Explanation, step: float) -> None:
    """Scan and fit above; each part below them in its own strip, labelled there, with its bands.

    ``step`` is the height of a strip, in heights of the scan.
    """
    height = _height(shown.scan)
    step *= height
    axes.plot(shown.axis, shown.fit, color=FIT_COLOUR, linewidth=2.6, alpha=0.6, solid_capstyle="round")
    axes.plot(shown.axis, shown.scan, color=SCAN_COLOUR, linewidth=0.9)
    _label(axes, 1.22 * height, "scan (black) and fit (grey);  | band found,  × band missing", va="top")
    n_strips = min(len(identification.components), MAX_LABELLED_PARTS)
    # A curve under another part's name would be worse than none.
    if len(shown.parts) == len(identification.components):
        for part in range(n_strips):
            _draw_part(axes, identification, shown, part, step)
    axes.set_xlim(shown.axis[0], shown.axis[-1])
    axes.set_ylim(-(n_strips + 0.2) * step, 1.24 * height)
    baselines = [-number * step for number in range(n_strips + 1)]
    axes.set_yticks(baselines, [""] * len(baselines))
    axes.set_ylabel("signal, baseline-corrected")
    axes.tick_params(labelbottom=False)


def draw_residual(axes: Axes, identification: Identification, shown: Explanation) -> None:
    """What the fit leaves over, in per cent of the scan's highest band."""
    scale = _height(shown.scan)
    axes.axhline(0.0, color="#BBBBBB", linewidth=0.7)
    axes.plot(shown.axis, shown.residual / scale, color=REST_COLOUR, linewidth=0.8)
    peak = max(0.1, 1.25 * float(np.max(np.abs(shown.residual))) / scale)
    axes.set_ylim(-peak, peak)
    axes.set_ylabel("left over")
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    _mark_unexplained(axes, identification, shown.axis)


def _draw_part(axes: Axes, identification: Identification, shown: Explanation, part: int, step: float) -> None:
    component, curve = identification.components[part], shown.parts[part]
    colour = PART_COLOURS[part % len(PART_COLOURS)]
    base = -(part + 1) * step
    scale = min(1.0, CURVE_SHARE * step / _height(curve))
    axes.fill_between(shown.axis, base, base + scale * curve, color=colour, alpha=0.45, linewidth=0.0)
    axes.plot(shown.axis, base + scale * curve, color=colour, linewidth=0.9)
    drawn = "" if scale > 0.99 else f", drawn × {scale:.2g}"
    text = f"{shortened(component_name(component), 46)}  {percent(component.share)}{drawn}"
    _label(axes, base + (CURVE_SHARE + 0.02) * step, literal(text), color=colour, fontweight="bold", va="bottom")
    below = base - 0.09 * step
    for bands, mark, mark_colour in ((shown.matched, "|", colour), (shown.missing, "x", REST_COLOUR)):
        if part < len(bands):
            axes.plot(bands[part], [below] * len(bands[part]), mark, color=mark_colour, markersize=5.5)


def _mark_unexplained(axes: Axes, identification: Identification, axis: NDArray[np.float64]) -> None:
    bands = identification.unexplained.bands if identification.unexplained else ()
    labelled = -np.inf
    for band in sorted(bands):
        axes.axvline(band, color=REST_COLOUR, linewidth=0.7, linestyle=":")
        if band - labelled < MIN_LABEL_GAP * (axis[-1] - axis[0]):
            continue  # the line alone: two labels there would cover each other
        labelled = band
        axes.annotate(
            f"{band:.0f}",
            (band, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7.5,
            color=REST_COLOUR,
        )


def _label(axes: Axes, height: float, text: str, **style: Any) -> None:
    """Text at the left edge of the panel, at a height in the data's units."""
    axes.annotate(
        text,
        (0.0, height),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8.5,
        **style,
    )


def _remark(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="right", fontsize=8.5, style="italic")


def _height(curve: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(curve))) or 1.0


def shortened(text: str, length: int) -> str:
    """Text of at most so many characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def literal(text: str) -> str:
    """Text in which the drawing library finds no formula."""
    return printable(text).replace("$", r"\$")
