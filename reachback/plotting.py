"""The picture of a verdict: scan, fit and parts above, the unexplained residual below; one block for each scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure

from library.model import OpenLibrary
from reachback.errors import PlotRefused
from reachback.plot_panels import (
    MAX_LABELLED_PARTS,
    draw_fit,
    draw_raw_scan,
    draw_refused_scan,
    draw_residual,
    literal,
    shortened,
)
from reachback.wording import OUTCOME_WORDS, PRESUMPTIVE, headline, technique_name
from spectra.spectrum import Technique
from spectra.verdict import Identification

__all__ = [
    "DRAWING",
    "MAX_BLOCKS",
    "PAGE_WIDTH",
    "PLOT_SUFFIXES",
    "draw_for_page",
    "draw_verdicts",
    "label_axis",
    "save_plot",
]

PLOT_SUFFIXES = (".svg", ".png", ".pdf")
MAX_BLOCKS = 12
DRAWING = Lock()  # held while pages and reports are drawn: the drawing library's settings are shared by all threads

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "reachback",  # the same verdict gives the same bytes
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
}
# Sizes [inch]. They are fixed rather than solved for, so that the same verdict gives the same bytes.
BLOCK_WIDTH = 9.0
SCAN_HEIGHT, PART_HEIGHT, GAP_HEIGHT, REST_HEIGHT = 1.75, 0.7, 0.35, 1.0
TITLE_HEIGHT, FOOT_HEIGHT = 0.8, 0.75
LEFT, RIGHT = 0.95, 0.2
PAGE_WIDTH, PAGE_LEFT, PAGE_RIGHT, PAGE_HEAD_HEIGHT, PAGE_FOOT_HEIGHT = 4.7, 0.8, 0.12, 0.3, 0.6


def save_plot(path: Path, identifications: Sequence[Identification], library: OpenLibrary) -> None:
    """Draw at most ``MAX_BLOCKS`` verdicts into one file, byte-identical on repetition.

    Raises
    ------
    PlotRefused
        The file name has no known ending, or the place cannot be written.
    """
    suffix = path.suffix.casefold()
    if suffix not in PLOT_SUFFIXES:
        raise PlotRefused(f"{path} cannot be drawn: its name must end in {', '.join(PLOT_SUFFIXES)}")
    with mpl.rc_context(STYLE):
        figure = draw_verdicts(identifications[:MAX_BLOCKS], library)
        undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[suffix]
        try:
            figure.savefig(path, format=suffix[1:], metadata=undated, dpi=150)
        except OSError as error:
            raise PlotRefused(f"{path} cannot be written ({error.strerror}); choose another place") from None


def draw_verdicts(identifications: Sequence[Identification], library: OpenLibrary) -> Figure:
    """A figure with one block for each verdict, from top to bottom."""
    heights = [_block_height(identification) for identification in identifications]
    figure = Figure(figsize=(BLOCK_WIDTH, sum(heights)))
    FigureCanvasAgg(figure)
    blocks = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights, hspace=0.0)[:, 0]
    for block, identification in zip(blocks, identifications, strict=True):
        _draw_block(block, identification, library)
    return figure


def _block_height(identification: Identification) -> float:
    return TITLE_HEIGHT + _upper_height(identification) + GAP_HEIGHT + REST_HEIGHT + FOOT_HEIGHT


def _upper_height(identification: Identification) -> float:
    """Height [inch] of the upper panel: every part gets its strip."""
    return SCAN_HEIGHT + PART_HEIGHT * (min(len(identification.components), MAX_LABELLED_PARTS) + 0.2)


def _draw_block(block: SubFigure, identification: Identification, library: OpenLibrary) -> None:
    height = _block_height(identification)
    _write_titles(block, identification, library, height)
    frame = {
        "left": LEFT / BLOCK_WIDTH,
        "right": 1.0 - RIGHT / BLOCK_WIDTH,
        "top": 1.0 - TITLE_HEIGHT / height,
        "bottom": FOOT_HEIGHT / height,
    }
    _draw_panels(block, identification, frame)


def _draw_panels(block: SubFigure | Figure, identification: Identification, frame: dict[str, float]) -> None:
    explanation = identification.explanation
    if explanation is None:
        lower = block.subplots(gridspec_kw=frame)
        draw_raw_scan(lower, identification)
    elif not identification.components:
        lower = block.subplots(gridspec_kw=frame)
        draw_refused_scan(lower, identification, explanation)
    else:
        ratios = (_upper_height(identification), REST_HEIGHT)
        upper, lower = block.subplots(
            2, 1, sharex=True, height_ratios=ratios, gridspec_kw=frame | {"hspace": GAP_HEIGHT / (sum(ratios) / 2)}
        )
        draw_fit(upper, identification, explanation, step=1.24 * PART_HEIGHT / SCAN_HEIGHT)
        draw_residual(lower, identification, explanation)
    label_axis(lower, identification.spectrum.technique)


def label_axis(axes: Axes, technique: Technique) -> None:
    """Name the axis, and turn it as the field draws it: infrared from high to low wavenumbers."""
    if technique is Technique.FTIR:
        axes.invert_xaxis()
        axes.set_xlabel("Wavenumber [cm⁻¹]")
    else:
        axes.set_xlabel("Raman shift [cm⁻¹]")


def draw_for_page(identification: Identification) -> Figure:
    """One verdict without titles, narrow enough that its words can be read on a phone."""
    height = _upper_height(identification) + GAP_HEIGHT + REST_HEIGHT + PAGE_FOOT_HEIGHT + PAGE_HEAD_HEIGHT
    figure = Figure(figsize=(PAGE_WIDTH, height))
    FigureCanvasAgg(figure)
    frame = {
        "left": PAGE_LEFT / PAGE_WIDTH,
        "right": 1.0 - PAGE_RIGHT / PAGE_WIDTH,
        "top": 1.0 - PAGE_HEAD_HEIGHT / height,
        "bottom": PAGE_FOOT_HEIGHT / height,
    }
    _draw_panels(figure, identification, frame)
    return figure


def _write_titles(block: SubFigure, identification: Identification, library: OpenLibrary, height: float) -> None:
    spectrum = identification.spectrum
    sign, words = OUTCOME_WORDS[identification.outcome]
    tentative = " (tentative)" if identification.tentative else ""
    index = f" [{spectrum.provenance.index}]" if spectrum.provenance.index else ""
    name = f"{shortened(literal(Path(spectrum.provenance.file).name), 60)}{index}"
    verdict = f"{sign} {words}{tentative}: {literal(shortened(headline(identification), 78))}"
    block.text(0.015, 1.0 - 0.1 / height, f"{name}\n{verdict}", va="top", fontsize=10.5, fontweight="bold")
    block.text(
        LEFT / BLOCK_WIDTH,
        0.08 / height,
        f"{PRESUMPTIVE}. {technique_name(spectrum.technique)} scan against {literal(library.name)}"
        f" {literal(library.release)} ({library.digest[:12]}). Shares are parts of the signal, not of the weight.",
        fontsize=7.5,
        color="#555555",
    )
