"""Packaging between instrument and sample: found like any component, set aside, and never named as the sample.

A bag's polymer is fitted beside everything else, because what is not fitted bends everything else. What it explains
is then taken off: shares, the explained part and the unexplained rest speak of the sample alone. Two traps are
watched: packaging that only half fits may be something unknown, and so is not believed; and packaging that cannot be
told from a substance is said to be so, and settles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.decision import Decision
from spectra.detect import Trace
from spectra.preprocess.steps.differentiate import differentiate
from spectra.question import Question
from spectra.reference import Grade, ReferenceSet
from spectra.unmix import Unmixed
from spectra.verdict import Component, Outcome, Unexplained

__all__ = [
    "ONLY_PACKAGING",
    "beside_packaging",
    "explained_beside",
    "is_only_packaging",
    "packaging_positions",
    "without_limits",
    "without_packaging",
]

ONLY_PACKAGING = (
    "only the packaging is seen: aim through a thinner place, or open it – which needs the hazard card read first"
)


def packaging_positions(rows: Sequence[int], references: ReferenceSet) -> tuple[int, ...]:
    """Positions among the components found [index into ``rows``] that are packaging."""
    return tuple(i for i, row in enumerate(rows) if references.entries[row].is_packaging)


def without_packaging(question: Question) -> Question:
    """The same question, asked of the library without its packaging."""
    comparable: NDArray[np.bool_] = question.comparable & ~question.references.is_packaging
    return Question(question.ready, comparable, question.references, question.sigma, question.criteria)


def explained_beside(unmixed: Unmixed, positions: Sequence[int], question: Question) -> float:
    """Part of the sample's own squared slopes [1] that is accounted for, the packaging taken off.

    Of a scan that is nine tenths bag, a fit explains nine tenths without a word about the sample.
    """
    if not positions:
        return unmixed.explained
    ready = question.ready
    noise = question.sigma**2 * ready.recipe.slope_noise * (ready.stop - ready.first)
    whole = max(float((ready.feature**2).sum()) - noise, 0.0)
    left = (1.0 - unmixed.explained) * whole
    sample = np.delete(unmixed.weighed.fit.parts, list(positions), axis=0).sum(axis=0)
    slope = differentiate(sample, ready.recipe.derivative_window, ready.recipe.grid.step)
    own = float(slope @ slope)
    return own / (own + left) if own > 0 else 0.0


def is_only_packaging(
    found: Sequence[Component], background: Sequence[Component], explained: float, rest: Unexplained, criteria: Criteria
) -> bool:
    """True where packaging accounts for the whole scan and nothing of a sample was found.

    Parameters
    ----------
    explained : float
        [1] Part of the whole scan's squared slopes that the packaging accounts for.
    """
    # Of a noisy scan less is explained, for lack of anything to explain: then no band may stand out of the rest.
    whole = explained >= criteria.min_explained or not rest.bands
    return bool(background) and not found and whole and rest.share <= criteria.max_unexplained


def beside_packaging(decision: Decision, background: Sequence[Component], *, only: bool) -> Decision:
    """The decision about the sample, with what has to be said of its packaging.

    Parameters
    ----------
    only : bool
        Nothing but packaging is seen; then nothing is known of the sample, neither what it is nor what it is not.
    """
    if not background:
        return decision
    names = " and ".join(sorted({component.substance for component in background}))
    reasons = [f"{names} of the packaging {'was' if ' and ' not in names else 'were'} set aside"]
    alike = sorted({other for component in background for other in component.indistinguishable_from})
    if alike:
        reasons.append(f"this scan cannot tell the packaging from {', '.join(alike)}")
    if only:
        return Decision(Outcome.INCONCLUSIVE, (), decision.class_hint, False, True, True, (ONLY_PACKAGING, *reasons))
    settled = decision.outcome in (Outcome.MATCH, Outcome.MIXTURE)
    tables = any(component.grade is Grade.BAND_TABLE for component in background)
    if settled and tables:
        reasons.append("tentative: the packaging was taken off by a table of bands, not by a measured reference")
    outcome = Outcome.INCONCLUSIVE if settled and alike else decision.outcome
    return replace(
        decision,
        outcome=outcome,
        tentative=decision.tentative or (outcome in (Outcome.MATCH, Outcome.MIXTURE) and tables),
        reasons=(*decision.reasons, *reasons),
    )


def without_limits(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Traces whose detection limits are unknown: nothing was seen of the sample that they could be a share of."""
    return tuple(replace(trace, limit_share=None) for trace in traces)
