"""The whole way of a scan on one page: quality, preparation, search, unmixing, decision, explanation."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from spectra.alerts import list_targets, raise_alerts
from spectra.axis_correction import Registered, correctable, retold
from spectra.calibration import UNCALIBRATED, Calibration
from spectra.components import background_of, sample_of
from spectra.criteria import CRITERIA, Criteria
from spectra.decision import Decision, Kinship, decide
from spectra.detect import stands_out, watch
from spectra.errors import SpectraError
from spectra.explain import explain
from spectra.fitting import Fitted, believed, fit_scan, fitted_with_only, prepare_scan
from spectra.kinship import FittedKinship
from spectra.packaging import beside_packaging, explained_beside, is_only_packaging, without_limits
from spectra.preprocess.steps.set_aside_hump import Hump
from spectra.quality import assess
from spectra.question import Question
from spectra.reference import ReferenceSet
from spectra.search import Ranking, comparable_references
from spectra.spectrum import Spectrum
from spectra.verdict import Candidate, Component, Identification, Outcome, QualityReport

__all__ = ["Settled", "identify", "identify_by_standard", "settle"]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What was found of the sample and of its packaging, if not ``only`` packaging, and what is decided."""

    found: list[Component]
    background: list[Component]
    only: bool
    decision: Decision


def settle(fitted: Fitted, calibration: Calibration, kinship: Kinship) -> Settled:
    """Decide what a fit amounts to."""
    criteria = fitted.question.criteria
    found, background = sample_of(fitted, calibration), background_of(fitted, calibration)
    only = is_only_packaging(found, background, fitted.unmixed.explained, fitted.unexplained, criteria)
    decision = decide(
        found,
        [case.score for i, case in enumerate(fitted.cases) if i not in fitted.background],
        explained_beside(fitted.unmixed, fitted.background, fitted.question),
        fitted.unexplained,
        fitted.model.band_rest() if found else 1.0,
        kinship,
        criteria,
    )
    return Settled(found, background, only, beside_packaging(decision, background, only=only))


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


def identify_by_standard(
    spectrum: Spectrum,
    standard: Registered,
    references: ReferenceSet,
    calibration: Calibration = UNCALIBRATED,
    criteria: Criteria = CRITERIA,
) -> Identification:
    """As `identify`, on the axis that the instrument's scan of a standard gives.

    Parameters
    ----------
    standard : Registered
        One of ``references`` on a scan of it by the same instrument (`spectra.axis_correction.by_standard`).

    Raises
    ------
    NoOverlap
        As `identify`.
    InvalidSpectrum
        The correction would turn the order of the scan's points around.
    """
    verdict = identify(standard.correction.apply(spectrum), references, calibration, criteria)
    material = references.entries[standard.row].substance
    why = f"the axis was corrected by up to {standard.largest:.0f} cm^-1 by the instrument's scan of {material}"
    flags = dict.fromkeys((*verdict.quality.flags, "axis_corrected"))
    return replace(
        verdict,
        spectrum=spectrum,
        quality=replace(verdict.quality, flags=tuple(flags)),
        reasons=(*verdict.reasons, why),
    )


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
    judged, ready, hump = prepare_scan(spectrum)
    quality = _with_hump(assess(spectrum, ready, criteria), hump)
    comparable = comparable_references(ready, spectrum.mode, references, criteria)
    if not quality.usable:
        return _unusable(spectrum, quality), None
    fitted = believed(fit_scan(judged, ready, comparable, references, criteria))
    settled = settle(fitted, calibration, FittedKinship(fitted))
    decision, background = settled.decision, settled.background
    # Asked beside all that was found, listed or not: what is not listed must not pass for a trace of something else.
    traces = watch(fitted.model, fitted.unmixed, fitted.question, fitted.total)
    traces = without_limits(traces) if settled.only else traces
    unlisted = _unlisted_that_stand(settled.found, fitted, decision)
    fitted = _listed_only(fitted, decision)
    components = sample_of(fitted, calibration)
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


def _listed_only(fitted: Fitted, decision: Decision) -> Fitted:
    """The fit without what is not listed, so that shares, rest and picture speak of the same components."""
    listed = {component.reference for component in decision.components}
    entries = fitted.question.references.entries
    rows = [row for row in fitted.unmixed.rows if entries[row].id in listed or entries[row].is_packaging]
    if len(rows) == len(fitted.unmixed.rows):
        return fitted
    return fitted_with_only(rows, fitted)


def _with_hump(quality: QualityReport, hump: Hump | None) -> QualityReport:
    return quality if hump is None else replace(quality, flags=(*quality.flags, "broad_hump_set_aside"))


def _hump_reason(hump: Hump | None) -> tuple[str, ...]:
    if hump is None:
        return ()
    return (f"a broad hump near {hump.centre:.0f} cm^-1, as glass shows under 785 nm, was set aside",)


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
