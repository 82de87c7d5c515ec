"""Pictures of references for pages: one as measured, or two as they are compared; SVG, the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reachback.plot_panels import literal, shortened
from reachback.plotting import DRAWING, STYLE, label_axis
from spectra.compilation import compile_references
from spectra.reference import Grade, Reference
from spectra.spectrum import Spectrum

__all__ = ["draw_reference", "draw_spectrum", "draw_together"]

WIDTH, HEIGHT, LEGEND = 4.8, 2.7, 0.4  # [inch] narrow enough that its words can be read on a phone
# Told apart with every common colour vision, and by their dashes.
LINES = (("#0072B2", "-"), ("#D55E00", (0, (4, 1.5))))


def draw_reference(reference: Reference) -> bytes:
    """The curve as it was measured, or as its table of bands draws it."""
    remark = "drawn from a table of bands" if reference.entry.grade is Grade.BAND_TABLE else "as measured"
    return draw_spectrum(reference.spectrum, remark)


def draw_spectrum(spectrum: Spectrum, remark: str = "as measured") -> bytes:
    """One curve over its axis [cm^-1]; infrared from right to left."""

    def draw(axes: Axes) -> None:
        axes.plot(spectrum.axis, spectrum.intensity, color="#000000", linewidth=0.9)
        axes.set_xlim(spectrum.axis[0], spectrum.axis[-1])
        axes.set_ylabel(literal(f"{str(spectrum.ordinate).replace('_', ' ')}, {remark}"))
        label_axis(axes, spectrum.technique)

    return _drawn(draw)


def draw_together(references: Sequence[Reference]) -> bytes:
    """Two curves as they are compared: baseline taken off, each of unit area; of one technique.

    Raises
    ------
    InvalidReference
        One of them cannot be compared.
    """
    made = compile_references(references)

    def draw(axes: Axes) -> None:
        for row, (colour, dashes) in zip(range(made.n_refs), LINES, strict=False):
            entry = made.entries[row]
            first, stop = made.coverage[row]
            axis, curve = made.axis[first:stop], made.curves[row, first:stop].astype(np.float64)
            # Where a region is masked nothing was compared: no line across it.
            gaps = np.flatnonzero(np.diff(axis) > 1.5 * float(np.median(np.diff(axis)))) + 1
            form = f", {entry.form}" if entry.form else ""
            name = literal(shortened(f"{entry.id}: {entry.substance}{form}", 48))
            axes.plot(
                np.insert(axis, gaps, np.nan),
                np.insert(curve, gaps, np.nan),
                color=colour,
                linestyle=dashes,
                linewidth=1.1,
                label=name,
            )
        axes.set_xlim(made.axis[made.coverage[:, 0].min()], made.axis[made.coverage[:, 1].max() - 1])
        axes.set_yticks([0.0], [""])
        axes.set_ylabel("signal, baseline-corrected")
        axes.legend(frameon=False, fontsize=8.5, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=1)
        label_axis(axes, made.technique)

    return _drawn(draw, HEIGHT + LEGEND)


def _drawn(draw: Callable[[Axes], None], height: float = HEIGHT) -> bytes:
    with DRAWING, mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.subplots())
        made = io.BytesIO()
        figure.savefig(made, format="svg", metadata={"Date": None})
    return made.getvalue()
