"""Watched substances that are no major part of the scan: seen, or the share at which they would have been seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.evidence import WeighedFit
from spectra.question import Question
from spectra.unmix import Unmixed

__all__ = ["Trace", "watch"]

# How much the bands of the components vary is taken from the scan itself: the most likely of these multiples of the
# usual variation. A quiet scan then shows smaller traces, and a cut of another habit raises no false alarm.
_SCALES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0)
# One-sided 95 %: the amount that would have passed the threshold in 95 of 100 scans like this one.
_POWER = 1.645


@dataclass(frozen=True, slots=True)
class Trace:
    """Evidence for one watched reference beside the components found.

    ``z`` [standard deviations], ``share`` it would have and ``limit_share`` it would have needed [1]; ``limit_share``
    is None where the reference cannot be told from the components, or is not covered by the scan.
    """

    row: int
    z: float
    share: float
    limit_share: float | None


def watch(unmixed: Unmixed, question: Question, total: float) -> tuple[Trace, ...]:
    """Ask the fitted scan for every watched reference that may be named and is not among its components.

    Parameters
    ----------
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
    fit = max((question.fit(list(unmixed.rows), window, scale) for scale in _SCALES), key=_likelihood)
    z, amount = fit.ask(references.curves[rows][:, window].astype(np.float64))
    traces = []
    for row, its_z, its_amount, usable in zip(rows, z, amount, enough, strict=True):
        error = float(its_amount / its_z) if its_z else math.inf
        limit = (criteria.trace_evidence + _POWER) * error / total
        known = bool(usable) and math.isfinite(limit) and limit < 1
        traces.append(Trace(row, float(its_z) if usable else 0.0, float(its_amount) / total, limit if known else None))
    return tuple(traces)


def _likelihood(fit: WeighedFit) -> float:
    return fit.log_likelihood
