"""One scan fitted: what its components account for, what is left, and how well each component stands."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spectra.bands import unexplained_bands
from spectra.compilation import share_points
from spectra.criteria import CRITERIA, Criteria
from spectra.detect import has_evidence, overlooked
from spectra.packaging import packaging_positions, without_packaging
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.preprocess.steps.set_aside_hump import Hump, set_aside_hump
from spectra.quality import gas_noise, noise
from spectra.question import Question
from spectra.reference import ReferenceSet
from spectra.scan_model import ScanModel
from spectra.search import Ranking, comparable_references, rank
from spectra.spectrum import Spectrum
from spectra.support import Support, supports
from spectra.unmix import Unmixed, explain_with, fit_only, keep_only, take_in, unmix
from spectra.verdict import Unexplained

__all__ = ["Fitted", "believed", "fit_chosen", "fit_scan", "fitted_with_only", "prepare_question", "prepare_scan"]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Everything numerical about one scan, before anything is decided."""

    question: Question
    ranking: Ranking
    unmixed: Unmixed
    cases: tuple[Support, ...]
    total: float
    unexplained: Unexplained
    model: ScanModel

    @property
    def background(self) -> tuple[int, ...]:
        """Positions of the packaging among the components."""
        return packaging_positions(self.unmixed.rows, self.question.references)


def prepare_scan(spectrum: Spectrum) -> tuple[Spectrum, Prepared, Hump | None]:
    """The scan without the broad hump of glass, the same after its recipe, and the hump where there is one.

    Raises
    ------
    NoOverlap
        The scan covers too little of the judged range.
    """
    judged, hump = set_aside_hump(spectrum)
    return judged, _with_hump_in_baseline(prepare(judged, recipe_for(spectrum.technique)), hump), hump


def fit_scan(
    spectrum: Spectrum,
    ready: Prepared,
    comparable: NDArray[np.bool_],
    references: ReferenceSet,
    criteria: Criteria,
) -> Fitted:
    """Rank, unmix and look for bands: all that is numerical.

    Parameters
    ----------
    comparable : bool array, shape (n_refs,)
        References that may be named.
    """
    question = Question(ready, comparable, references, _sigma(spectrum, ready, criteria), criteria)
    fitted = _fitted(question, rank(ready, comparable, references, criteria, question.overview), unmix(question))
    while (row := overlooked(fitted.model, fitted.unmixed, question, fitted.total)) is not None:
        fitted = _fitted(question, fitted.ranking, take_in(row, fitted.unmixed, question))
    while (rows := _well_founded(fitted)) != fitted.unmixed.rows:
        fitted = _fitted(question, fitted.ranking, explain_with(rows, fitted.unmixed, question))
    return fitted


def prepare_question(spectrum: Spectrum, references: ReferenceSet, criteria: Criteria = CRITERIA) -> Question:
    """The scan, prepared as `identify` does, beside the references it may consist of; nothing is looked for yet.

    Raises
    ------
    NoOverlap
        As `identify`.
    """
    judged, ready, _ = prepare_scan(spectrum)
    comparable = comparable_references(ready, spectrum.mode, references, criteria)
    return Question(ready, comparable, references, _sigma(judged, ready, criteria), criteria)


def fit_chosen(question: Question, rows: list[int]) -> Fitted:
    """Areas, bands and rest of a set of references that a person has chosen, as those of a machine's set."""
    ranking = rank(question.ready, question.comparable, question.references, question.criteria, question.overview)
    fitted = _fitted(question, ranking, fit_only(rows, question))
    question.forget()
    return fitted


def fitted_with_only(rows: list[int], fitted: Fitted) -> Fitted:
    """The fit with a part of its components."""
    return _fitted(fitted.question, fitted.ranking, keep_only(rows, fitted.unmixed, fitted.question))


def believed(fitted: Fitted) -> Fitted:
    """The fit, asked anew without packaging where what passes for packaging is not well supported."""
    criteria = fitted.question.criteria
    if all(fitted.cases[i].score >= criteria.min_listed_support for i in fitted.background):
        return fitted
    question = without_packaging(fitted.question)
    return _fitted(question, fitted.ranking, unmix(question))


def _well_founded(fitted: Fitted) -> tuple[int, ...]:
    """The components without the weakest that has no evidence by the scan's own errors: it stands in for some of them.

    What an instrument does to a strong component leaves small bands, which the search takes for others.
    """
    rows, criteria = fitted.unmixed.rows, fitted.question.criteria
    if len(rows) == 1:
        return rows
    weak = sorted((case.score, row) for case, row in zip(fitted.cases, rows, strict=True))
    for score, row in weak:
        if score < criteria.min_listed_support and not has_evidence(row, fitted.unmixed, fitted.question):
            return tuple(other for other in rows if other != row)
    return rows


def _sigma(spectrum: Spectrum, ready: Prepared, criteria: Criteria) -> float:
    absorbance, _ = convert_to_absorbance(spectrum)
    # A grid finer than the scan repeats its noise instead of averaging it; both cases scale with the root.
    of_a_point = max(noise(absorbance.intensity), gas_noise(absorbance))
    return max(of_a_point / math.sqrt(ready.thinning), criteria.least_noise * float(np.ptp(ready.curve)))


def _fitted(question: Question, ranking: Ranking, unmixed: Unmixed) -> Fitted:
    """Areas, bands and the unexplained rest of a fit."""
    fit, recipe = unmixed.weighed.fit, question.ready.recipe
    axis = question.references.axis[unmixed.window]
    inside = share_points(axis, recipe.technique)
    whole = fit.parts.sum(axis=0)
    # What stands where the components' own bands may be higher than in the library does not count as something else.
    allowed = 2 * np.hypot(question.sigma, question.criteria.height_tolerance * whole)
    excess = np.clip(fit.residual - allowed, 0, None)
    rest = float(excess[inside].sum()) * recipe.grid.step
    amounts = np.clip(fit.amounts, 0, None)
    sample = np.delete(amounts, packaging_positions(unmixed.rows, question.references))
    # Shares are of the sample; where none of it was found, the rest is measured by all that is there.
    total = float((sample if sample.size else amounts).sum()) + rest
    top = float(np.max(whole + fit.residual))
    bands = unexplained_bands(axis, excess, max(3 * question.sigma, 0.05 * top))
    unexplained = Unexplained(rest / total if total > 0 else 1.0, bands)
    return Fitted(
        question, ranking, unmixed, supports(unmixed, question), total, unexplained, ScanModel(unmixed, question)
    )


def _with_hump_in_baseline(ready: Prepared, hump: Hump | None) -> Prepared:
    if hump is None:
        return ready
    baseline = ready.baseline.copy()
    baseline[ready.covered] += hump.curve(ready.recipe.axis[ready.covered])
    return replace(ready, baseline=baseline)
