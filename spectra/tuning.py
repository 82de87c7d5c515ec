"""Calibrate a library: how well its own scores separate true from false under simulated disturbances."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectra.calibration import UNCALIBRATED, Calibration, fit_logistic
from spectra.criteria import CRITERIA, Criteria
from spectra.disturbance import Disturbance, disturb
from spectra.errors import SpectraError
from spectra.fitting import Fitted, fit_scan
from spectra.identify import settle
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import ReferenceSet
from spectra.search import comparable_references
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.verdict import Component

__all__ = ["Scores", "Trial", "calibrate", "fit_trial", "fit_trials"]

FloatArray = NDArray[np.float64]

# References drawn, those of a small library several times: three fits each keep a first answer under a minute.
_SAMPLE = 60
_TWO_SIDED = 1.96  # 95 % of a normal distribution
_FEWEST = 4  # substances below which nothing can be left out


class Scores(NamedTuple):
    """What the simulated scans gave."""

    true: list[float]  # support of listed components that are in the scan
    false: list[float]  # support of listed components that are not
    explained: list[float]  # explained part where the substance had been left out
    deviations: list[float]  # of shares in complete mixtures, in standard errors


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One simulated scan, drawn before anything is fitted, so that trials can be fitted anywhere and in any order.

    Parameters
    ----------
    scan : Spectrum
    shares : tuple of (int, float)
        Rows of the references in it, and the share [1] of each.
    left_out : int or None
        Row of the reference whose substance may not be named.
    """

    scan: Spectrum
    shares: tuple[tuple[int, float], ...]
    left_out: int | None


FitTrials = Callable[[Sequence[Sequence[Trial]], ReferenceSet, Criteria], Iterable[Scores]]


def fit_trials(trials: Sequence[Sequence[Trial]], references: ReferenceSet, criteria: Criteria) -> Iterator[Scores]:
    """Fit the trials of one reference after the other, here; the scores in the same order."""
    for each in trials:
        yield fit_trial(each, references, criteria)


def calibrate(
    references: ReferenceSet,
    date: str,
    seed: int = 1,
    criteria: Criteria = CRITERIA,
    progress: Callable[[int, int], None] = lambda done, of: None,
    fit_all: FitTrials = fit_trials,
) -> Calibration:
    """Calibrate from disturbed self-queries and leave-one-out on a seeded sample of 60 references.

    Those of a smaller library are drawn again and again, each time with another disturbance, partner and share: a
    confidence speaks of scans of this library's substances, and the few scans of six could not carry a high one.

    Parameters
    ----------
    date : str
        ISO 8601 day to record.
    progress : callable
        Called with the number of references done and of all.
    fit_all : callable
        As `fit_trials`; where the fits are to be done. The calibration is the same wherever that is.
    """
    substances = np.array([entry.substance for entry in references.entries])
    if np.unique(substances).size < _FEWEST:
        return UNCALIBRATED
    rng = np.random.default_rng(seed)
    trials = []
    for row in _drawn_rows(references.n_refs, rng):
        other = int(rng.choice(np.flatnonzero(substances != substances[row])))
        trials.append(_drawn(int(row), other, references, rng))
    scores = Scores([], [], [], [])
    for done, found in enumerate(fit_all(trials, references, criteria), start=1):
        for all_of_a_kind, these in zip(scores, found, strict=True):
            all_of_a_kind.extend(these)
        progress(done, len(trials))
    return Calibration(
        method="simulated disturbances, leave-one-out",
        date=date,
        seed=seed,
        support=fit_logistic(np.array(scores.true), np.array(scores.false), criteria.min_listed_support),
        share_spread=_spread(np.array(scores.deviations)),
        highest_false_explained=max(scores.explained, default=0.0),
    )


def _drawn_rows(n_refs: int, rng: np.random.Generator) -> list[int]:
    """A sample of the references, each as often as the others or once more."""
    rounds = [rng.permutation(n_refs) for _ in range(math.ceil(_SAMPLE / n_refs))]
    rows: list[int] = np.concatenate(rounds)[:_SAMPLE].tolist()
    return rows


def _drawn(row: int, other: int, references: ReferenceSet, rng: np.random.Generator) -> list[Trial]:
    """One substance left out, one mixture, and the same mixture with one of its parts left out."""
    pure = references.curves[row].astype(np.float64)
    part = rng.uniform(0.1, 0.9)
    both = part * pure + (1 - part) * references.curves[other]
    of_both = ((row, part), (other, 1 - part))
    cases: tuple[tuple[tuple[tuple[int, float], ...], FloatArray, int | None], ...] = (
        (((row, 1.0),), pure, row),
        (of_both, both, None),
        (of_both, both, other),
    )
    drawn = []
    for shares, curve, left_out in cases:
        scan = _disturbed(references, [each for each, _ in shares], curve, rng)
        if scan is not None:
            drawn.append(Trial(scan, shares, left_out))
    return drawn


def _disturbed(
    references: ReferenceSet, rows: list[int], curve: FloatArray, rng: np.random.Generator
) -> Spectrum | None:
    """The curve as another measurement might show it, where all of its parts were measured; None where that is little.

    Parameters
    ----------
    curve : array, shape (n_points,)
    """
    first, stop = references.coverage[rows, 0].max(), references.coverage[rows, 1].min()
    if stop - first < 64:
        return None
    axis = references.axis[first:stop]
    return Spectrum(
        axis,
        disturb(axis, curve[first:stop], Disturbance(), rng),
        references.technique,
        Ordinate.ABSORBANCE if references.technique is Technique.FTIR else Ordinate.INTENSITY,
        mode=references.entries[rows[0]].mode,
    )


class _Strangers:
    """No family is asked about: none lists a component."""

    def suspected(self, listed: Sequence[Component]) -> None:
        return None

    def is_doubtful(self, name: str) -> bool:
        return False


def fit_trial(trials: Sequence[Trial], references: ReferenceSet, criteria: Criteria = CRITERIA) -> Scores:
    """What the trials of one reference give, together."""
    scores = Scores([], [], [], [])
    for trial in trials:
        fitted = _fit(trial, references, criteria)
        if fitted is None:
            continue
        present = {references.entries[row].substance for row, _ in trial.shares}
        listed = {component.reference for component in settle(fitted, UNCALIBRATED, _Strangers()).decision.components}
        for found, case in zip(fitted.unmixed.rows, fitted.cases, strict=True):
            entry = references.entries[found]
            if entry.id in listed:
                (scores.true if entry.substance in present else scores.false).append(case.score)
        if len(trial.shares) == 1:
            scores.explained.append(fitted.unmixed.explained)
        elif trial.left_out is None:
            scores.deviations.extend(_deviations(fitted, dict(trial.shares)))
    return scores


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


def _fit(trial: Trial, references: ReferenceSet, criteria: Criteria) -> Fitted | None:
    scan = trial.scan
    try:
        ready = prepare(scan, recipe_for(scan.technique))
        comparable = comparable_references(ready, scan.mode, references, criteria)
    except SpectraError:
        return None
    if trial.left_out is not None:
        gone = references.entries[trial.left_out].substance
        comparable = comparable & np.array([entry.substance != gone for entry in references.entries])
    return fit_scan(scan, ready, comparable, references, criteria) if comparable.any() else None
