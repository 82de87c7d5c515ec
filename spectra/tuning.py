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
_FEWEST = 4  # substances below which nothing can be left out


class _Scores(NamedTuple):
    explained_true: list[float]
    explained_false: list[float]
    shown_true: list[float]
    shown_false: list[float]


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
    false = np.array(scores.explained_false)
    return Calibration(
        method="simulated disturbances, leave-one-out",
        date=date,
        seed=seed,
        explained=fit_logistic(np.array(scores.explained_true), false),
        shown=fit_logistic(np.array(scores.shown_true), np.array(scores.shown_false)),
        highest_false_explained=float(false.max(initial=0.0)),
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
    everything = np.ones(references.n_refs, dtype=bool)
    pure = references.curves[row].astype(np.float64)
    whole = _fit(references, [row], pure, everything, rng, criteria)
    if whole is not None and {substances[r] for r in whole.unmixed.rows} == {substances[row]}:
        scores.explained_true.append(whole.unmixed.explained)
    elif whole is not None:
        scores.explained_false.append(whole.unmixed.explained)
    without = substances != substances[row]
    left_out = _fit(references, [row], pure, without, rng, criteria)
    if left_out is not None:
        scores.explained_false.append(left_out.unmixed.explained)
        scores.shown_false.extend(match.shown for match in left_out.matches)
    # One part known, the other not: what the known part's bands look like beside an unknown rest.
    both = 0.5 * (pure + references.curves[other])
    beside = _fit(references, [row, other], both, substances != substances[other], rng, criteria)
    if beside is not None:
        for found, match in zip(beside.unmixed.rows, beside.matches, strict=True):
            (scores.shown_true if substances[found] == substances[row] else scores.shown_false).append(match.shown)


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
