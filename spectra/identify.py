"""The whole way of a scan on one page: quality, preparation, search, unmixing, decision, explanation."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from spectra.bands import BandMatch, unexplained_bands
from spectra.calibration import UNCALIBRATED, Calibration
from spectra.compilation import share_points
from spectra.criteria import CRITERIA, Criteria
from spectra.decision import Decision, decide, suspected_class
from spectra.detect import Trace, watch
from spectra.explain import band_matches, explain
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.quality import assess, noise
from spectra.reference import ReferenceSet
from spectra.search import Ranking, comparable_references, rank
from spectra.spectrum import Spectrum
from spectra.unmix import Question, Unmixed, unmix
from spectra.verdict import (
    Alert,
    AlertLevel,
    Candidate,
    Component,
    Identification,
    Outcome,
    QualityReport,
    Target,
    Unexplained,
)

__all__ = ["Fitted", "fit_scan", "identify"]

# A watched substance whose class the library does not give.
_NO_CLASS = "watched substance"


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Everything numerical about one scan, before anything is decided."""

    ready: Prepared
    ranking: Ranking
    unmixed: Unmixed
    matches: tuple[BandMatch, ...]
    total: float
    unexplained: Unexplained


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
    ready = prepare(spectrum, recipe_for(spectrum.technique))
    quality = assess(spectrum, ready, criteria)
    comparable = comparable_references(ready, spectrum.mode, references, criteria)
    if not quality.usable:
        return _unusable(spectrum, quality, started)
    fitted = fit_scan(spectrum, ready, comparable, references, criteria)
    found = _components(fitted, references, calibration)
    hint = suspected_class(fitted.ranking, references, criteria)
    decision = decide(
        found, [match.shown for match in fitted.matches], fitted.unmixed.explained, fitted.unexplained, hint, criteria
    )
    traces = watch(fitted.unmixed, references, fitted.total, criteria)
    settled = decision.outcome in (Outcome.MATCH, Outcome.MIXTURE)
    alerts = _alerts(decision, traces, settled, references, criteria)
    return Identification(
        spectrum=spectrum,
        quality=quality,
        outcome=decision.outcome,
        tentative=decision.tentative,
        components=decision.components,
        unexplained=fitted.unexplained,
        alerts=alerts,
        class_hint=decision.class_hint,
        targets=_targets(decision, alerts, traces, references),
        candidates=_candidates(fitted.ranking, references),
        reasons=decision.reasons,
        explanation=explain(fitted.unmixed, references, fitted.matches, fitted.total),
        timing_ms=(time.perf_counter() - started) * 1e3,
    )


def fit_scan(
    spectrum: Spectrum, ready: Prepared, comparable: np.ndarray, references: ReferenceSet, criteria: Criteria
) -> Fitted:
    """Rank, unmix and look for bands: all that is numerical.

    Parameters
    ----------
    comparable : bool array, shape (n_refs,)
        References that may be named.
    """
    absorbance, _ = convert_to_absorbance(spectrum)
    # A grid finer than the scan repeats its noise instead of averaging it; both cases scale with the root.
    sigma = max(noise(absorbance.intensity) / np.sqrt(ready.thinning), 1e-4 * float(np.ptp(ready.curve)))
    ranking = rank(ready, comparable, references, criteria)
    unmixed = unmix(Question(ready, comparable, references, sigma, criteria))
    fit = unmixed.weighed.fit
    step = ready.recipe.grid.step
    axis = references.axis[unmixed.window]
    inside = share_points(axis, spectrum.technique)
    rest = float(np.clip(fit.residual[inside] - 2 * sigma, 0, None).sum()) * step
    named = float(np.clip(fit.amounts, 0, None).sum())
    total = named + rest
    top = float(np.max(fit.parts.sum(axis=0) + fit.residual))
    bands = unexplained_bands(axis, fit.residual, max(5 * sigma, 0.05 * top))
    unexplained = Unexplained(rest / total if total > 0 else 1.0, bands)
    return Fitted(ready, ranking, unmixed, band_matches(unmixed, references), total, unexplained)


def _components(fitted: Fitted, references: ReferenceSet, calibration: Calibration) -> list[Component]:
    fit = fitted.unmixed.weighed.fit
    together = calibration.explained.probability(fitted.unmixed.explained)
    components = []
    for i, row in enumerate(fitted.unmixed.rows):
        entry = references.entries[row]
        alike = sorted(
            {
                references.entries[other].substance
                for other in fitted.unmixed.look_alikes[i]
                if references.entries[other].substance != entry.substance
            }
        )
        alone = calibration.shown.probability(fitted.matches[i].shown)
        share, margin = (float(v) / fitted.total for v in (fit.amounts[i], 1.96 * fit.errors[i]))
        components.append(
            Component(
                substance=entry.substance,
                form=entry.form,
                share=min(max(share, 0.0), 1.0),
                share_interval=(max(share - margin, 0.0), min(share + margin, 1.0)),
                confidence=max(together, alone) / (1 + len(alike)),
                controlled=entry.controlled,
                substance_class=entry.substance_class,
                reference=entry.id,
                grade=entry.grade,
                indistinguishable_from=tuple(alike),
            )
        )
    return components


def _alerts(
    decision: Decision, traces: tuple[Trace, ...], settled: bool, references: ReferenceSet, criteria: Criteria
) -> tuple[Alert, ...]:
    """One alert for each watched substance that is listed, or seen beside components that account for the rest."""
    watched = {entry.id for entry in references.entries if entry.watch}
    alerts = [
        Alert(AlertLevel.INDICATION, c.substance_class or _NO_CLASS, c.substance, c.share, c.confidence)
        for c in decision.components
        if c.reference in watched
    ]
    families = {entry.substance_class for entry in references.entries if entry.watch}
    if decision.class_hint in families and decision.class_hint is not None:
        alerts.append(Alert(AlertLevel.INDICATION, decision.class_hint, None, None, criteria.class_confidence))
    # Beside an unknown rest, anything fits a little: traces are claimed only where the majors are known.
    for trace in _traces_seen(decision, traces, references, criteria) if settled else ():
        entry = references.entries[trace.row]
        alerts.append(
            Alert(
                AlertLevel.INDICATION,
                entry.substance_class or _NO_CLASS,
                entry.substance,
                trace.share,
                criteria.trace_confidence,
            )
        )
    return tuple(alerts)


def _traces_seen(
    decision: Decision, traces: tuple[Trace, ...], references: ReferenceSet, criteria: Criteria
) -> list[Trace]:
    """The strongest trace, if it is significant; others that share its bands would only repeat it."""
    named = {component.substance for component in decision.components}
    seen = [t for t in traces if t.z >= criteria.trace_evidence and references.entries[t.row].substance not in named]
    return sorted(seen, key=lambda trace: -trace.z)[:1]


def _targets(
    decision: Decision, alerts: tuple[Alert, ...], traces: tuple[Trace, ...], references: ReferenceSet
) -> tuple[Target, ...]:
    seen = {c.substance for c in decision.components} | {alert.substance for alert in alerts}
    limits: dict[str, float | None] = {}
    for trace in traces:
        name = references.entries[trace.row].substance
        known = [limit for limit in (limits.get(name), trace.limit_share) if limit is not None]
        limits[name] = min(known) if known else None
    watched = sorted({entry.substance for entry in references.entries if entry.watch})
    return tuple(Target(name, name in seen, None if name in seen else limits.get(name)) for name in watched)


def _candidates(ranking: Ranking, references: ReferenceSet) -> tuple[Candidate, ...]:
    hits = ((references.entries[int(row)], float(ranking.scores[row])) for row in ranking.order)
    return tuple(Candidate(entry.substance, entry.form, entry.id, score) for entry, score in hits if score > 0)


def _unusable(spectrum: Spectrum, quality: QualityReport, started: float) -> Identification:
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
        timing_ms=(time.perf_counter() - started) * 1e3,
    )
