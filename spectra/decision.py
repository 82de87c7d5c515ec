"""From evidence to one of six outcomes, with the reasons in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from spectra.criteria import Criteria
from spectra.family import Suspicion
from spectra.reference import Grade
from spectra.verdict import Component, Outcome, Unexplained

__all__ = ["Decision", "Kinship", "decide"]


class Kinship(Protocol):
    """What is known of the families of a scan, asked only where a scan is not settled."""

    def suspected(self, listed: Sequence[Component]) -> Suspicion | None:
        """The family of what these components leave of the scan, or None."""

    def is_doubtful(self, name: str) -> bool:
        """True for a class whose own members do not resemble each other."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the components that may be listed, and why.

    ``explains_enough`` is True where the components found, listed or not, explain most of the scan, and ``accounted``
    where they also leave no bands to something unknown.
    """

    outcome: Outcome
    components: tuple[Component, ...]
    class_hint: str | None
    tentative: bool
    explains_enough: bool
    accounted: bool
    reasons: tuple[str, ...]


def decide(
    found: Sequence[Component],
    supports: Sequence[float],
    explained: float,
    unexplained: Unexplained,
    band_rest: float,
    kinship: Kinship,
    criteria: Criteria,
) -> Decision:
    """Settle the outcome of a usable scan.

    Parameters
    ----------
    found : sequence of Component, length n_parts
    supports : sequence of float, length n_parts
        [1] How well each component stands on its own.
    explained : float
        [1] Part of the scan's squared slopes that the components account for.
    band_rest : float
        [1] Height of the bands that are left over those of the scan.
    kinship : Kinship
        Says which family the scan seems to belong to.
    """
    enough = explained >= criteria.min_explained and unexplained.share <= criteria.max_unexplained
    accounted = bool(found) and enough and band_rest <= criteria.max_band_rest
    settle = partial(_decision, explains_enough=bool(found) and enough, accounted=accounted)
    # One substance that accounts for a whole scan needs no stand-in to do it: no left-out one ever did so much.
    needed = criteria.min_support if len(found) > 1 else criteria.min_listed_support
    if accounted and min(supports) >= needed:
        outcome = Outcome.MATCH if len(found) == 1 else Outcome.MIXTURE
        reasons = [
            f"{_names(found)} explain{'s' if len(found) == 1 else ''} {_percent(explained)} of the scan's structure"
        ]
        return settle(outcome, found, None, reasons)
    why = _why_not(found, explained, unexplained, band_rest, criteria)
    supported = [
        c
        for c, s in zip(found, supports, strict=True)
        if s >= _least_support(c, accounted, criteria) and (accounted or c.share >= criteria.min_over_rest * band_rest)
    ]
    weak = [c for c, s in zip(found, supports, strict=True) if s < needed]
    if accounted and weak:
        why.append(f"something else may stand behind {_names(weak)}, which this scan shows only in part")
    relative = _relative(found, supported, explained, criteria)
    if relative is not None and relative.substance_class is not None:
        family = _family_of(relative.substance_class, kinship)
        suspected = f": suspected {family}" if family is not None else ""
        why.append(f"it resembles {relative.substance} without being it{suspected}")
        return settle(Outcome.NO_MATCH if family is None else Outcome.CLASS, [], family, why)
    suspicion = kinship.suspected(supported)
    if suspicion is not None:
        why.append(_suspected(suspicion))
    family = suspicion.family if suspicion is not None else None
    if supported:
        why.append(f"the evidence supports {_names(supported)}; the rest is not settled")
        return settle(Outcome.INCONCLUSIVE, supported, family, why)
    return settle(Outcome.NO_MATCH if family is None else Outcome.CLASS, [], family, why)


def _family_of(name: str, kinship: Kinship) -> str | None:
    """The class of what a scan resembles, unless it is no family, or the scan's bands are those of another."""
    if kinship.is_doubtful(name):
        return None
    suspicion = kinship.suspected([])
    return name if suspicion is None or suspicion.family == name else None


def _suspected(suspicion: Suspicion) -> str:
    what = f"what is left without {_listing(suspicion.beside)}" if suspicion.beside else "it"
    return (
        f"{what} shares its bands with {_listing(suspicion.relatives)} as nothing outside their family does:"
        f" suspected {suspicion.family}"
    )


def _least_support(component: Component, accounted: bool, criteria: Criteria) -> float:
    """What a component needs to be listed where the scan is not settled."""
    if not accounted:
        return criteria.min_listed_support_beside_unknown
    # The bands of a table are rough; what they show only in part may be anything.
    return criteria.min_support if component.grade is Grade.BAND_TABLE else criteria.min_listed_support


def _relative(
    found: Sequence[Component], supported: Sequence[Component], explained: float, criteria: Criteria
) -> Component | None:
    """The one controlled component that nearly accounts for the scan, and yet leaves more than a true one would."""
    alone = len(found) == 1 and len(supported) == 1 and explained < criteria.min_explained
    related = alone and supported[0].share >= criteria.relative_share and supported[0].controlled
    return supported[0] if related else None


def _decision(
    outcome: Outcome,
    components: Sequence[Component],
    hint: str | None,
    reasons: list[str],
    *,
    explains_enough: bool,
    accounted: bool,
) -> Decision:
    reasons = list(reasons)
    tables = [c.substance for c in components if c.grade is Grade.BAND_TABLE]
    if tables:
        reasons.append(
            f"tentative: {', '.join(tables)} rest{'s' if len(tables) == 1 else ''} on a table of bands,"
            " not on a measured reference"
        )
    for component in components:
        if component.indistinguishable_from:
            others = ", ".join(component.indistinguishable_from)
            reasons.append(f"this scan cannot tell {component.substance} from {others}")
    return Decision(outcome, tuple(components), hint, bool(tables), explains_enough, accounted, tuple(reasons))


def _why_not(
    found: Sequence[Component], explained: float, unexplained: Unexplained, band_rest: float, criteria: Criteria
) -> list[str]:
    if not found:
        return ["no reference, and no mixture of references, accounts for the bands of this scan"]
    reasons = []
    if explained < criteria.min_explained:
        reasons.append(
            f"the best explanation found accounts for {_percent(explained)} of the scan's structure;"
            f" {_percent(criteria.min_explained)} is needed to name it"
        )
    if unexplained.share > criteria.max_unexplained:
        reasons.append(f"{_percent(unexplained.share)} of the signal area belongs to nothing in the library")
    if not reasons and band_rest > criteria.max_band_rest:
        reasons.append(
            f"bands of {_percent(band_rest)} of the scan's height are left that no component explains:"
            " something else may be in it"
        )
    return reasons


def _percent(part: float) -> str:
    # Rounded down: "100 %" would claim that nothing at all is left.
    return f"{math.floor(min(max(part, 0.0), 0.999) * 100)} %"


def _names(components: Sequence[Component]) -> str:
    return _listing([c.substance for c in components])


def _listing(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
