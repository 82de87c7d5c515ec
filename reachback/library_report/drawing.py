"""Pictures of a checked library: how far its substances lie apart, and every finding about curves drawn; SVG."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from library.checking import LibraryCheck
from library.qc.findings import Finding
from library.qc.mixtures import SuspectedMixture
from library.qc.whole import CheckedTechnique
from reachback.plot_panels import literal, shortened
from reachback.plotting import STYLE
from reachback.wording import technique_name
from spectra.reference import ReferenceEntry, ReferenceSet
from spectra.spectrum import Technique

__all__ = ["Picture", "draw_check"]

MAX_PAIRS, MAX_MIXTURES = 8, 6
DRAWN_CHECKS = ("label", "called_otherwise", "form", "look_alike", "duplicate")
FIRST, SECOND, OWN = "#0072B2", "#D55E00", "#000000"

Picture = tuple[str, str]  # a sentence, and the SVG text below it


def draw_check(check: LibraryCheck) -> list[Picture]:
    """All pictures, each with its sentence; the same check gives the same bytes."""
    pictures: list[Picture] = []
    for technique, found in check.checked.techniques.items():
        if found.references.n_refs > 1:
            pictures.append(_distances(technique, found))
        rows = {entry.id: row for row, entry in enumerate(found.references.entries)}
        pictures += [_pair(each, found.references, rows) for each in islice(_pairs(check, rows), MAX_PAIRS)]
        pictures += [_mixture(each, found.references) for each in found.mixtures[:MAX_MIXTURES]]
    return pictures


def _distances(technique: Technique, found: CheckedTechnique) -> Picture:
    identities = found.references.identities
    neighbours = found.neighbours
    strange = identities[neighbours.others] != identities[neighbours.rows][:, None]
    nearest = np.where(strange, neighbours.scores, -1.0).max(axis=1)
    nearest = nearest[nearest > -1.0]

    def draw(axes: Axes) -> None:
        axes.hist(np.clip(nearest, 0.0, 1.0), bins=np.linspace(0.0, 1.0, 51).tolist(), color=FIRST)
        axes.set_xlabel("similarity to the nearest reference of another substance or form")
        axes.set_ylabel("references")
        axes.set_xlim(0.0, 1.0)

    words = (
        f"{technique_name(technique)}: how near the next other substance lies, for {nearest.size:,} references."
        " Far right is where names are confused."
    )
    return words, _drawn(draw, 2.6)


def _pairs(check: LibraryCheck, rows: dict[str, int]) -> Iterator[Finding]:
    """Findings about two curves of one technique, the gravest of each pair."""
    drawn = set()
    for each in check.checked.findings:
        pair = frozenset(each.references[:2])
        if each.check in DRAWN_CHECKS and pair not in drawn and all(identifier in rows for identifier in pair):
            drawn.add(pair)
            yield each


def _pair(finding: Finding, references: ReferenceSet, rows: dict[str, int]) -> Picture:
    one, other = (rows[identifier] for identifier in finding.references[:2])

    def draw(axes: Axes) -> None:
        for row, colour in ((one, FIRST), (other, SECOND)):
            _curve(axes, references, row, colour, _name(references.entries[row]))
        axes.legend(frameon=False, fontsize=8)
        _finish(axes, references, (one, other))

    return finding.words, _drawn(draw)


def _mixture(suspect: SuspectedMixture, references: ReferenceSet) -> Picture:
    main, other = suspect.parts

    def draw(axes: Axes) -> None:
        parts = [share * references.curves[row] for row, share in zip(suspect.parts, suspect.shares, strict=True)]
        _curve(axes, references, suspect.row, OWN, _name(references.entries[suspect.row]))
        for row, part, share, colour in zip(suspect.parts, parts, suspect.shares, (FIRST, SECOND), strict=True):
            label = f"{100 * share:.0f} % {_name(references.entries[row])}"
            axes.fill_between(references.axis, part, color=colour, alpha=0.4, linewidth=0.0, label=label)
        axes.plot(references.axis, parts[0] + parts[1], color="#767676", linewidth=2.4, alpha=0.6, label="both")
        axes.legend(frameon=False, fontsize=8)
        _finish(axes, references, (suspect.row, main, other))

    return suspect.finding(references).words, _drawn(draw)


def _curve(axes: Axes, references: ReferenceSet, row: int, colour: str, name: str) -> None:
    first, stop = references.coverage[row]
    axis, curve = references.axis[first:stop], references.curves[row, first:stop].astype(np.float64)
    # Where a region is masked, nothing was compared: no line across it.
    gaps = np.flatnonzero(np.diff(axis) > 1.5 * float(np.median(np.diff(axis)))) + 1
    axes.plot(np.insert(axis, gaps, np.nan), np.insert(curve, gaps, np.nan), color=colour, linewidth=0.9, label=name)


def _finish(axes: Axes, references: ReferenceSet, rows: tuple[int, ...]) -> None:
    first = int(references.coverage[list(rows), 0].min())
    stop = int(references.coverage[list(rows), 1].max())
    axes.set_xlim(references.axis[first], references.axis[stop - 1])
    axes.set_yticks([0.0], [""])
    axes.set_ylabel("signal, unit area")
    if references.technique is Technique.FTIR:
        axes.invert_xaxis()
        axes.set_xlabel("Wavenumber [cm⁻¹]")
    else:
        axes.set_xlabel("Raman shift [cm⁻¹]")


def _name(entry: ReferenceEntry) -> str:
    form = f", {entry.form}" if entry.form else ""
    return literal(shortened(f"{entry.substance}{form} ({entry.id})", 60))


def _drawn(draw_into: Callable[[Axes], None], height: float = 2.9) -> str:
    style: dict[Any, Any] = STYLE
    with mpl.rc_context(style):
        figure = Figure(figsize=(8.4, height), layout="constrained")
        FigureCanvasAgg(figure)
        draw_into(figure.subplots())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
