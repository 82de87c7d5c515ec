"""Watched substances that are no major part of the scan: seen, or the share at which they would have been seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.question import Question
from spectra.scan_model import ScanModel
from spectra.unmix import Unmixed, fit_only

__all__ = ["Trace", "has_evidence", "overlooked", "stands_out", "watch"]

FloatArray = NDArray[np.float64]

_WORTH_ANOTHER_LOOK = 3.0  # [standard deviations] of the best candidate
# One-sided 95 %: the amount that would have passed the threshold in 95 of 100 scans like this one.
_POWER = 1.645


@dataclass(frozen=True, slots=True)
class Trace:
    """Evidence for one watched reference beside the components found.

    ``z`` [standard deviations], ``share`` it would have and ``limit_share`` it would have needed [1]; ``limit_share``
    is None where the reference cannot be told from the components, or is not covered by the scan. ``is_seen`` is True
    where the evidence suffices and little else is left of the scan's bands once the trace is in.
    """

    row: int
    z: float
    share: float
    limit_share: float | None
    is_seen: bool


def watch(model: ScanModel, unmixed: Unmixed, question: Question, total: float) -> tuple[Trace, ...]:
    """Ask the fitted scan for every watched reference that may be named and is not among its components.

    Parameters
    ----------
    model : ScanModel
        Of the fit.
    total : float
        [area of the scan] What a share of 1 would be.
    """
    references, criteria = question.references, question.criteria
    rows = [row for row in references.watched if question.comparable[row] and row not in unmixed.rows]
    if not rows or total <= 0:
        return ()
    window = unmixed.window
    low, high = references.coverage[rows].T
    covered = np.minimum(high, window.stop) - np.maximum(low, window.start)
    enough: NDArray[np.bool_] = covered >= criteria.min_overlap * (window.stop - window.start)
    curves = model.at_points(references.curves[rows][:, window].astype(np.float64))
    z, amount = _asked(model, curves)
    _look_again(model, curves, z, amount)
    accounted, lengths, left = model.weigh_against_rest(curves)
    traces = []
    for i, row in enumerate(rows):
        error = float(amount[i] / z[i]) if z[i] else math.inf
        stands_from = _least_amount(float(lengths[i]), left, criteria)
        needed = max((criteria.trace_evidence + _POWER) * error, stands_from)
        limit = criteria.limit_factor * needed / total
        known = bool(enough[i]) and math.isfinite(limit) and limit < 1
        is_seen = bool(
            enough[i]
            and z[i] >= criteria.trace_evidence
            and _stands(float(accounted[i]), left, criteria)
            and model.band_rest(curves[i : i + 1]) <= criteria.max_band_rest
        )
        evidence = float(z[i]) if enough[i] else 0.0
        traces.append(Trace(row, evidence, float(amount[i]) / total, limit if known else None, is_seen))
    return tuple(traces)


def overlooked(model: ScanModel, unmixed: Unmixed, question: Question, total: float) -> int | None:
    """The reference that has to be taken in, where one of those looked at is plainly there and was not found.

    Parameters
    ----------
    total : float
        [area of the scan] What a share of 1 would be.
    """
    references, criteria, window = question.references, question.criteria, unmixed.window
    taken = references.identities[list(unmixed.rows)]
    low, high = references.coverage.T
    rows = [
        row
        for row in unmixed.pool
        if references.identities[row] not in taken and low[row] <= window.start and high[row] >= window.stop
    ]
    if not rows or not unmixed.rows or len(unmixed.rows) >= criteria.max_parts or total <= 0:
        return None
    curves = model.at_points(references.curves[rows][:, window].astype(np.float64))
    z, amount = _asked(model, curves)
    best = int(np.argmax(z))
    is_plain = z[best] >= criteria.plain_evidence and amount[best] >= criteria.plain_share * total
    return rows[best] if is_plain else None


def has_evidence(row: int, unmixed: Unmixed, question: Question) -> bool:
    """True where a component that was found has as much evidence beside the others as a trace must have."""
    z, _, _ = _beside_others(row, unmixed, question)
    return z >= question.criteria.trace_evidence


def stands_out(row: int, unmixed: Unmixed, question: Question) -> bool:
    """True where a component that was found also accounts for enough of what the others leave to be told of."""
    z, accounted, left = _beside_others(row, unmixed, question)
    return z >= question.criteria.trace_evidence and _stands(accounted, left, question.criteria)


def _beside_others(row: int, unmixed: Unmixed, question: Question) -> tuple[float, float, float]:
    """Evidence [standard deviations] of a component beside the others, what it accounts for and what they leave."""
    others = fit_only([other for other in unmixed.rows if other != row], question)
    model = ScanModel(others, question)
    curves = model.at_points(question.references.curves[[row]][:, others.window].astype(np.float64))
    z, amount = _asked(model, curves)
    _look_again(model, curves, z, amount)
    accounted, _, left = model.weigh_against_rest(curves)
    return float(z[0]), float(accounted[0]), left


def _stands(accounted: float, left: float, criteria: Criteria) -> bool:
    """True where a trace accounts for as much as it has to of what is left without it [squared deviations]."""
    return accounted >= criteria.min_over_left * max(left - accounted, 0.0)


def _least_amount(length: float, left: float, criteria: Criteria) -> float:
    """[as the scan, per unit of the curve] What a trace would need to stand beside what is left of this scan."""
    return math.sqrt(criteria.min_over_left * max(left, 0.0)) / length if length > 0 else math.inf


def _asked(model: ScanModel, curves: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Evidence [standard deviations] and amount of each candidate, shape (n_asked,)."""
    without = model.likeliest()
    z, amount = without.ask(curves, 1.0)
    # Student's t: the variance of the rest is the one that is left once the candidate is in.
    left = (without.variance * without.free - z**2) / max(1, without.free - 1)
    return z / np.sqrt(np.maximum(left, model.least_variance)), amount


def _look_again(model: ScanModel, curves: FloatArray, z: FloatArray, amount: FloatArray) -> None:
    """Ask once more for the best candidate, with the errors that are likeliest when it is in.

    A trace that is there makes the other errors look larger than they are.
    """
    best = int(np.argmax(z))
    if z[best] >= _WORTH_ANOTHER_LOOK:
        beside = model.likeliest(curves[best : best + 1])
        amount[best] = beside.solution[0]
        z[best] = amount[best] / beside.errors(1, max(beside.variance, model.least_variance))[0]
