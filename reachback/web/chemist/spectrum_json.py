"""A scan, a reference and a fit as the spectrum view takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from library.model import OpenLibrary
from reachback.strict_json import plain
from reachback.web.chemist.opened_scans import OpenedScan, fit_of
from reachback.web.chemist.packed_curves import pack, pack_axis, thin_out
from reachback.wording import component_name, grade_words
from spectra.bands import find_bands
from spectra.fitting import Fitted
from spectra.question import Question
from spectra.reference import ReferenceEntry
from spectra.search import rank
from spectra.selection import Selection
from spectra.spectrum import Technique
from spectra.verdict import Component

__all__ = ["entry_name", "fit_as_json", "ranked", "reference_as_json", "scan_as_json"]

FloatArray = NDArray[np.float64]
_SUGGESTED = 5
_LEAST_SUGGESTED = 3.0  # [standard deviations] below, what is left over speaks for nothing
_SHORTLIST = 40
_NEARLY_ALL = 0.95  # of the points that are fitted


def entry_name(entry: ReferenceEntry) -> str:
    """Substance and form in one."""
    return f"{entry.substance} ({entry.form})" if entry.form else entry.substance


def scan_as_json(opened: OpenedScan) -> dict[str, Any]:
    """The curve as measured, and what the preparation takes off it; nothing here says what it might be."""
    shown = opened.absorbance
    axis, values = thin_out(shown.axis, shown.intensity)
    shown_as: dict[str, Any] = plain(
        {
            "technique": shown.technique,
            "reversed": shown.technique is Technique.FTIR,
            "ordinate": shown.ordinate,
            "n_points": shown.n_points,
            "axis": pack_axis(axis),
            "values": pack(values),
            "judged": None if opened.question is None else _judged(opened.question),
            "why_not": opened.why_not,
        }
    )
    return shown_as


def _judged(question: Question) -> dict[str, Any]:
    ready = question.ready
    return {
        "axis": pack_axis(question.references.axis[ready.covered]),
        "baseline": pack(ready.baseline[ready.covered]),
        "slope_window": ready.recipe.derivative_window,
        "noise": question.sigma,
        "trace": [f"{step.replace('_', ' ')}: {words}" for step, words in ready.trace],
    }


def reference_as_json(question: Question, row: int) -> dict[str, Any]:
    """A reference where the scan was measured, and its bands."""
    references = question.references
    entry, window = references.entries[row], question.window([row])
    axis, curve = references.axis[window], question.curves([row], window)[0]
    peaks, _ = find_bands(curve)
    shown_as: dict[str, Any] = plain(
        {
            "reference": entry.id,
            "name": entry_name(entry),
            "class": entry.substance_class,
            "controlled": entry.controlled,
            "grade": grade_words(entry.grade),
            "source": entry.source,
            "axis": pack_axis(axis),
            "curve": pack(curve),
            "bands": [round(float(x), 1) for x in axis[peaks]],
        }
    )
    return shown_as


def fit_as_json(opened: OpenedScan, rows: list[int], library: OpenLibrary) -> dict[str, Any]:
    """The fit of a set of references: curves in the scan's units, shares, bands, and what might be missing in it."""
    fitted, components = fit_of(opened, rows, library)
    question, fit = fitted.question, fitted.unmixed.weighed.fit
    window = fitted.unmixed.window
    scan, selection = question.ready.curve[window], Selection(question)
    parts = [
        _part(fitted, i, components[i]) | {"in_its_place": _in_its_place(selection, question, rows, i)}
        for i in range(len(rows))
    ]
    shown_as: dict[str, Any] = plain(
        {
            "axis": pack_axis(question.references.axis[window]),
            # The scan less what is left: so it lies on the scan as drawn, whatever slow baseline the fit took.
            "fit": pack(scan - fit.residual),
            "residual": pack(fit.residual),
            "parts": parts,
            "unexplained": {"share": fitted.unexplained.share, "bands": fitted.unexplained.bands},
            "misfit": fit.variance,
            "suggestions": _suggestions(selection, question, rows),
        }
    )
    return shown_as


def _part(fitted: Fitted, position: int, component: Component) -> dict[str, Any]:
    bands = fitted.cases[position].bands
    return {
        "reference": component.reference,
        "substance": component.substance,
        "form": component.form,
        "name": component_name(component),
        "class": component.substance_class,
        "controlled": component.controlled,
        "grade": grade_words(component.grade),
        "share": component.share,
        "share_interval": component.share_interval,
        "evidence": float(fitted.unmixed.weighed.z[position]),
        "shown": bands.shown,
        "matched": bands.matched,
        "missing": bands.missing,
        "curve": pack(fitted.unmixed.weighed.fit.parts[position]),
    }


def ranked(question: Question) -> list[dict[str, Any]]:
    """The references most like the whole scan, for a scan that the machine did not judge."""
    ranking, entries = rank(question.ready, question.comparable, question.references, question.criteria), []
    for row in ranking.order.tolist():
        entry, score = question.references.entries[row], float(ranking.scores[row])
        if score > 0 and not entry.is_packaging:
            said = {"substance": entry.substance, "form": entry.form, "reference": entry.id, "score": score}
            entries.append(said)
    return entries


def _suggestions(selection: Selection, question: Question, rows: list[int]) -> list[dict[str, Any]]:
    """References that what is left over speaks for."""
    return _asked(selection, question, rows, question.window(rows))


def _in_its_place(selection: Selection, question: Question, rows: list[int], position: int) -> list[dict[str, Any]]:
    """The references that would explain most in the place of one: how far it stands out among its relatives."""
    own = question.references.identities[rows[position]]
    others = rows[:position] + rows[position + 1 :]
    found = _asked(selection, question, others, question.window(rows))
    return [each for each in found if each["identity"] != int(own)][:1]


def _asked(selection: Selection, question: Question, rows: list[int], window: slice) -> list[dict[str, Any]]:
    """References that a fit of ``rows`` over a window has most evidence for, strongest first."""
    references, length = question.references, window.stop - window.start
    shared = {row: question.window([*rows, row]) for row in selection.shortlist(rows, _SHORTLIST)}
    # Tables end where their source does: those that cover nearly all of the window are asked over what they share.
    wide = [row for row, each in shared.items() if each.stop - each.start >= _NEARLY_ALL * length]
    if not wide:
        return []
    window = slice(
        max([window.start, *(shared[row].start for row in wide)]),
        min([window.stop, *(shared[row].stop for row in wide)]),
    )
    z, amounts = question.fit(rows, window).ask(question.curves(wide, window))
    best = [i for i in np.argsort(-z).tolist() if z[i] >= _LEAST_SUGGESTED and amounts[i] > 0]
    return [
        {
            "reference": references.entries[wide[i]].id,
            "name": entry_name(references.entries[wide[i]]),
            "identity": int(references.identities[wide[i]]),
            "evidence": float(z[i]),
            "controlled": references.entries[wide[i]].controlled,
        }
        for i in best[:_SUGGESTED]
    ]
