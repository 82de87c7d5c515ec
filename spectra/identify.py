"""The whole way of a scan on one page: quality, preparation, search, unmixing, decision, explanation."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spectra.alerts import list_targets, raise_alerts
from spectra.axis_correction import correctable, retold
from spectra.bands import unexplained_bands
from spectra.calibration import UNCALIBRATED, Calibration
from spectra.compilation import share_points
from spectra.criteria import CRITERIA, Criteria
from spectra.decision import Decision, decide
from spectra.detect import has_evidence, overlooked, stands_out, watch
from spectra.errors import SpectraError
from spectra.explain import explain
from spectra.family import Suspicion, is_doubtful_family, suspect_family
from spectra.packaging import (
    beside_packaging,
    explained_beside,
    is_only_packaging,
    packaging_positions,
    without_limits,
    without_packaging,
)
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.preprocess.steps.set_aside_hump import Hump, set_aside_hump
from spectra.quality import assess, gas_noise, noise
from spectra.question import Question
from spectra.reference import ReferenceSet
from spectra.scan_model import ScanModel
from spectra.search import Ranking, comparable_references, rank
from spectra.spectrum import Spectrum
from spectra.support import Support, supports
from spectra.unmix import Unmixed, explain_with, fit_only, keep_only, take_in, unmix
from spectra.verdict import (
    Candidate,
    Component,
    Identification,
    Outcome,
    QualityReport,
    Unexplained,
)

__all__ = ["Fitted", "components_of", "fit_chosen", "fit_scan", "identify", "prepare_question"]


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


def identify(
    spectrum: Spectrum,
    references: ReferenceSet,
    calibration: Calibration = UNCALIBRATED,
    criteria: Criteria = CRITERIA,
) -> Identification:
    """Say what a scan is, or that it cannot be said.

    Raises
    ------
    NoOverlap
        The scan shares too little of the axis with the judged range or with every reference.
    """
    started = time.perf_counter()
    verdict, question = _as_written(spectrum, references, calibration, criteria)
    if question is not None and verdict.outcome not in (Outcome.MATCH, Outcome.MIXTURE):
        verdict = _with_axis_corrected(verdict, question, calibration)
    return replace(verdict, timing_ms=(time.perf_counter() - started) * 1e3)


def _with_axis_corrected(written: Identification, question: Question, calibration: Calibration) -> Identification:
    """The verdict on a corrected axis, where the scan shows one reference on an axis that is plainly off."""
    references, criteria = question.references, question.criteria
    found = correctable(question.ready, question.comparable, references, criteria)
    if found is None:
        return written
    try:
        moved = found.correction.apply(written.spectrum)
        corrected, _ = _as_written(moved, references, calibration, criteria)
    except SpectraError:
        return written
    return retold(written, corrected, found, references)


def _as_written(
    spectrum: Spectrum, references: ReferenceSet, calibration: Calibration, criteria: Criteria
) -> tuple[Identification, Question | None]:
    """The verdict on the axis as it is, and the question that was asked; None where the scan is unusable."""
    judged, hump = set_aside_hump(spectrum)
    ready = _with_hump_in_baseline(prepare(judged, recipe_for(spectrum.technique)), hump)
    quality = _with_hump(assess(spectrum, ready, criteria), hump)
    comparable = comparable_references(ready, spectrum.mode, references, criteria)
    if not quality.usable:
        return _unusable(spectrum, quality), None
    fitted = _believed(fit_scan(judged, ready, comparable, references, criteria))
    found, background = _components(fitted, calibration), _background(fitted, calibration)
    only = is_only_packaging(found, background, fitted.unmixed.explained, fitted.unexplained, criteria)
    decision = decide(
        found,
        [case.score for i, case in enumerate(fitted.cases) if i not in fitted.background],
        explained_beside(fitted.unmixed, fitted.background, fitted.question),
        fitted.unexplained,
        fitted.model.band_rest() if found else 1.0,
        _Kinship(fitted),
        criteria,
    )
    decision = beside_packaging(decision, background, only=only)
    # Asked beside all that was found, listed or not: what is not listed must not pass for a trace of something else.
    traces = watch(fitted.model, fitted.unmixed, fitted.question, fitted.total)
    traces = without_limits(traces) if only else traces
    unlisted = _unlisted_that_stand(found, fitted, decision)
    fitted = _listed_only(fitted, decision)
    components = _components(fitted, calibration)
    alerts = raise_alerts(decision, components + unlisted + background, traces, references, criteria)
    verdict = Identification(
        spectrum=spectrum,
        quality=quality,
        outcome=decision.outcome,
        tentative=decision.tentative,
        components=tuple(components),
        unexplained=fitted.unexplained,
        alerts=alerts,
        class_hint=decision.class_hint,
        targets=list_targets(components, alerts, traces, references),
        candidates=_candidates(fitted.ranking, references),
        reasons=(*decision.reasons, *_hump_reason(hump)),
        explanation=explain(fitted.unmixed, references, fitted.cases, fitted.total),
        timing_ms=0.0,
        background=tuple(sorted({component.substance for component in background})),
    )
    return verdict, fitted.question


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


def prepare_question(spectrum: Spectrum, references: ReferenceSet, criteria: Criteria = CRITERIA) -> Question:
    """The scan, prepared as `identify` does, beside the references it may consist of; nothing is looked for yet.

    Raises
    ------
    NoOverlap
        As `identify`.
    """
    judged, hump = set_aside_hump(spectrum)
    ready = _with_hump_in_baseline(prepare(judged, recipe_for(spectrum.technique)), hump)
    comparable = comparable_references(ready, spectrum.mode, references, criteria)
    return Question(ready, comparable, references, _sigma(judged, ready, criteria), criteria)


def fit_chosen(question: Question, rows: list[int]) -> Fitted:
    """Areas, bands and rest of a set of references that a person has chosen, as those of a machine's set."""
    ranking = rank(question.ready, question.comparable, question.references, question.criteria, question.overview)
    fitted = _fitted(question, ranking, fit_only(rows, question))
    question.forget()
    return fitted


def components_of(fitted: Fitted, calibration: Calibration = UNCALIBRATED) -> list[Component]:
    """The components of a fit in its order, packaging among them."""
    return [_component(fitted, i, calibration) for i in range(len(fitted.unmixed.rows))]


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


@dataclass(frozen=True, slots=True, eq=False)
class _Kinship:
    """What the library's families say of a fitted scan."""

    fitted: Fitted

    def suspected(self, listed: Sequence[Component]) -> Suspicion | None:
        """The family of what is left once components that are listed are taken off, or all that is not watched.

        A cut beside something unknown is seldom certain enough to be listed, and yet hides a family as long as it is
        in. Where the two ways speak of two families, neither is believed.
        """
        references = self.fitted.question.references
        known = {component.reference for component in listed}
        rows = self.fitted.unmixed.rows
        certain = [
            i for i, row in enumerate(rows) if references.entries[row].id in known or i in self.fitted.background
        ]
        unwatched = [i for i, row in enumerate(rows) if i in certain or not references.entries[row].watch]
        ways = [certain] if unwatched == certain else [certain, unwatched]
        found = [one for one in map(self._suspected_without, ways) if one is not None]
        return found[0] if len({one.family for one in found}) == 1 else None

    def _suspected_without(self, positions: list[int]) -> Suspicion | None:
        question, unmixed = self.fitted.question, self.fitted.unmixed
        entries = [question.references.entries[row] for row in unmixed.rows]
        # What the search put in the unknown's place must be of the family too: two known substances of other families
        # together can look like one of a third.
        others = {one.substance_class for i, one in enumerate(entries) if i not in positions}
        if len(others) != 1:
            return None
        curve = question.ready.curve.copy()
        curve[unmixed.window] -= unmixed.weighed.fit.parts[positions].sum(axis=0)
        suspicion = suspect_family(curve, question, tuple(entries[i].substance for i in positions))
        return suspicion if suspicion is not None and others == {suspicion.family} else None

    def is_doubtful(self, name: str) -> bool:
        """True for a class whose own members do not resemble each other."""
        return is_doubtful_family(name, self.fitted.question)


def _listed_only(fitted: Fitted, decision: Decision) -> Fitted:
    """The fit without what is not listed, so that shares, rest and picture speak of the same components."""
    question, unmixed = fitted.question, fitted.unmixed
    listed = {component.reference for component in decision.components}
    entries = question.references.entries
    rows = [row for row in unmixed.rows if entries[row].id in listed or entries[row].is_packaging]
    if len(rows) == len(unmixed.rows):
        return fitted
    return _fitted(question, fitted.ranking, keep_only(rows, unmixed, question))


def _with_hump(quality: QualityReport, hump: Hump | None) -> QualityReport:
    return quality if hump is None else replace(quality, flags=(*quality.flags, "broad_hump_set_aside"))


def _with_hump_in_baseline(ready: Prepared, hump: Hump | None) -> Prepared:
    if hump is None:
        return ready
    baseline = ready.baseline.copy()
    baseline[ready.covered] += hump.curve(ready.recipe.axis[ready.covered])
    return replace(ready, baseline=baseline)


def _hump_reason(hump: Hump | None) -> tuple[str, ...]:
    if hump is None:
        return ()
    return (f"a broad hump near {hump.centre:.0f} cm^-1, as glass shows under 785 nm, was set aside",)


def _believed(fitted: Fitted) -> Fitted:
    """The fit, asked anew without packaging where what passes for packaging is not well supported."""
    criteria = fitted.question.criteria
    if all(fitted.cases[i].score >= criteria.min_listed_support for i in fitted.background):
        return fitted
    question = without_packaging(fitted.question)
    return _fitted(question, fitted.ranking, unmix(question))


def _unlisted_that_stand(found: list[Component], fitted: Fitted, decision: Decision) -> list[Component]:
    """Watched components that are not listed, and yet account for enough of what the others leave to be told of."""
    listed = {component.reference for component in decision.components}
    entries = fitted.question.references.entries
    rows = {entries[row].id: row for row in fitted.unmixed.rows}
    doubted = [one for one in found if decision.accounted and one.reference not in listed]
    watched = {entry.substance for entry in fitted.question.references.watched_entries}
    return [
        one
        for one in doubted
        if not watched.isdisjoint({one.substance, *one.indistinguishable_from})
        and stands_out(rows[one.reference], fitted.unmixed, fitted.question)
    ]


def _components(fitted: Fitted, calibration: Calibration) -> list[Component]:
    """What was found of the sample."""
    positions = [i for i in range(len(fitted.unmixed.rows)) if i not in fitted.background]
    return [_component(fitted, i, calibration) for i in positions]


def _background(fitted: Fitted, calibration: Calibration) -> list[Component]:
    """The packaging, with the substances of a sample that it cannot be told from."""
    references = fitted.question.references
    packaging = {references.entries[row].substance for row in np.flatnonzero(references.is_packaging).tolist()}
    found = [_component(fitted, i, calibration) for i in fitted.background]
    return [
        replace(one, indistinguishable_from=tuple(n for n in one.indistinguishable_from if n not in packaging))
        for one in found
    ]


def _component(fitted: Fitted, position: int, calibration: Calibration) -> Component:
    references, fit = fitted.question.references, fitted.unmixed.weighed.fit
    entry = references.entries[fitted.unmixed.rows[position]]
    alike = sorted(
        {
            references.entries[other].substance
            for other in fitted.unmixed.look_alikes[position]
            if references.entries[other].substance != entry.substance
        }
    )
    alone = calibration.support.probability(fitted.cases[position].score)
    share = float(fit.amounts[position]) / fitted.total
    spread = calibration.share_spread * float(fit.errors[position]) / fitted.total
    # The area of a band system depends on where its baseline is drawn, whatever the noise.
    baseline = fitted.question.criteria.baseline_share if len(fit.amounts) > 1 else 0.0
    margin = 1.96 * math.hypot(spread, baseline)
    return Component(
        substance=entry.substance,
        form=entry.form,
        share=min(max(share, 0.0), 1.0),
        share_interval=(max(share - margin, 0.0), min(share + margin, 1.0)),
        confidence=alone / (1 + len(alike)),
        controlled=entry.controlled,
        substance_class=entry.substance_class,
        reference=entry.id,
        grade=entry.grade,
        indistinguishable_from=tuple(alike),
    )


def _candidates(ranking: Ranking, references: ReferenceSet) -> tuple[Candidate, ...]:
    hits = ((references.entries[int(row)], float(ranking.scores[row])) for row in ranking.order)
    return tuple(
        Candidate(entry.substance, entry.form, entry.id, score)
        for entry, score in hits
        if score > 0 and not entry.is_packaging
    )


def _unusable(spectrum: Spectrum, quality: QualityReport) -> Identification:
    return Identification(
        spectrum=spectrum,
        quality=quality,
        outcome=Outcome.UNUSABLE,
        tentative=False,
        components=(),
        unexplained=None,
        alerts=(),
        class_hint=None,
        targets=(),
        candidates=(),
        reasons=quality.advice,
        explanation=None,
        timing_ms=0.0,
    )
