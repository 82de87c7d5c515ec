"""Calibrate a library: how well its own scores separate true from false under simulated disturbances."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectra.calibration import UNCALIBRATED, Calibration, fit_logistic
from spectra.criteria import CRITERIA, Criteria
from spectra.disturbance import Disturbance, disturb
from spectra.errors import SpectraError
from spectra.identify import Fitted, fit_scan
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import ReferenceSet
from spectra.search import comparable_references
from spectra.spectrum import Ordinate, Spectrum, Technique

__all__ = ["calibrate"]

FloatArray = NDArray[np.float64]

_SAMPLE = 60  # references drawn: three fits each keep a first answer under a minute
_TWO_SIDED = 1.96  # 95 % of a normal distribution
_FEWEST = 4  # substances below which nothing can be left out


class _Scores(NamedTuple):
    """What the simulated scans gave."""

    true: list[float]  # support of components that are in the scan
    false: list[float]  # support of components that are not
    explained: list[float]  # explained part where the substance had been left out
    deviations: list[float]  # of shares in complete mixtures, in standard errors


def calibrate(
    references: ReferenceSet,
    date: str,
    seed: int = 1,
    criteria: Criteria = CRITERIA,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Calibration:
    """Calibrate from disturbed self-queries and leave-one-out on a seeded sample of at most 60 references.

    Parameters
    ----------
    date : str
        ISO 8601 day to record.
    progress : callable
        Called with the number of references done and of all.
    """
    substances = np.array([entry.substance for entry in references.entries])
    if np.unique(substances).size < _FEWEST:
        return UNCALIBRATED
    rng = np.random.default_rng(seed)
    sample = rng.permutation(references.n_refs)[:_SAMPLE]
    scores = _Scores([], [], [], [])
    for done, row in enumerate(sample, start=1):
        other = int(rng.choice(np.flatnonzero(substances != substances[row])))
        _score(int(row), other, substances, references, rng, criteria, scores)
        progress(done, sample.size)
    return Calibration(
        method="simulated disturbances, leave-one-out",
        date=date,
        seed=seed,
        support=fit_logistic(np.array(scores.true), np.array(scores.false)),
        share_spread=_spread(np.array(scores.deviations)),
        highest_false_explained=max(scores.explained, default=0.0),
    )


def _score(
    row: int,
    other: int,
    substances: NDArray[np.str_],
    references: ReferenceSet,
    rng: np.random.Generator,
    criteria: Criteria,
    scores: _Scores,
) -> None:
    """One substance left out, one mixture, and the same mixture with one of its parts left out."""
    pure = references.curves[row].astype(np.float64)
    part = rng.uniform(0.1, 0.9)
    both = part * pure + (1 - part) * references.curves[other]
    everything = np.ones(references.n_refs, dtype=bool)
    cases = (
        ([row], pure, substances != substances[row]),
        ([row, other], both, everything),
        ([row, other], both, substances != substances[other]),
    )
    for rows, curve, allowed in cases:
        fitted = _fit(references, rows, curve, allowed, rng, criteria)
        if fitted is None:
            continue
        present = {substances[r] for r in rows}
        for found, case in zip(fitted.unmixed.rows, fitted.cases, strict=True):
            (scores.true if substances[found] in present else scores.false).append(case.score)
        if len(rows) == 1:
            scores.explained.append(fitted.unmixed.explained)
        elif allowed.all():
            scores.deviations.extend(_deviations(fitted, {row: part, other: 1 - part}))


def _deviations(fitted: Fitted, shares: dict[int, float]) -> list[float]:
    """How far each share is from the true one, in the fit's own standard errors."""
    fit = fitted.unmixed.weighed.fit
    return [
        abs(fit.amounts[i] / fitted.total - shares[found]) / (fit.errors[i] / fitted.total)
        for i, found in enumerate(fitted.unmixed.rows)
        if found in shares
    ]


def _spread(deviations: FloatArray) -> float:
    """Standard deviation that makes 95 of 100 deviations lie within 1.96 of it; at least the fit's own."""
    if not deviations.size:
        return UNCALIBRATED.share_spread
    return max(1.0, float(np.percentile(deviations, 95)) / _TWO_SIDED)


def _fit(
    references: ReferenceSet,
    rows: list[int],
    curve: FloatArray,
    allowed: NDArray[np.bool_],
    rng: np.random.Generator,
    criteria: Criteria,
) -> Fitted | None:
    first, stop = references.coverage[rows, 0].max(), references.coverage[rows, 1].min()
    if stop - first < 64:
        return None
    axis = references.axis[first:stop]
    ordinate = Ordinate.ABSORBANCE if references.technique is Technique.FTIR else Ordinate.INTENSITY
    scan = Spectrum(
        axis,
        disturb(axis, curve[first:stop], Disturbance(), rng),
        references.technique,
        ordinate,
        mode=references.entries[rows[0]].mode,
    )
    try:
        ready = prepare(scan, recipe_for(scan.technique))
        comparable = comparable_references(ready, scan.mode, references, criteria) & allowed
    except SpectraError:
        return None
    return fit_scan(scan, ready, comparable, references, criteria) if comparable.any() else None
