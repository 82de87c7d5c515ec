"""From evidence to one of six outcomes, with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spectra.criteria import Criteria
from spectra.reference import Grade, ReferenceSet
from spectra.search import Ranking
from spectra.verdict import Component, Outcome, Unexplained

__all__ = ["Decision", "decide", "suspected_class"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the components that may be listed, and why."""

    outcome: Outcome
    components: tuple[Component, ...]
    class_hint: str | None
    tentative: bool
    reasons: tuple[str, ...]


def decide(
    found: Sequence[Component],
    shown: Sequence[float],
    explained: float,
    unexplained: Unexplained,
    hint: str | None,
    criteria: Criteria,
) -> Decision:
    """Settle the outcome of a usable scan.

    Parameters
    ----------
    found : sequence of Component, length n_parts
    shown : sequence of float, length n_parts
        [1] Share of each component's band height that the scan shows.
    explained : float
        [1] Part of the scan's squared slopes that the components account for.
    hint : str or None
        The family the scan looks like, where one stands out.
    """
    settled = explained >= criteria.min_explained and unexplained.share <= criteria.max_unexplained
    if found and settled:
        outcome = Outcome.MATCH if len(found) == 1 else Outcome.MIXTURE
        reasons = [f"{_names(found)} explain{'s' if len(found) == 1 else ''} {explained:.0%} of the scan's structure"]
        return _decision(outcome, found, None, reasons)
    why = _why_not(found, explained, unexplained, criteria)
    supported = [c for c, s in zip(found, shown, strict=True) if s >= criteria.min_bands_shown]
    relative = supported[0] if len(found) == 1 and supported and supported[0].share >= criteria.relative_share else None
    if relative is not None and relative.substance_class is not None:
        why.append(f"it resembles {relative.substance} without being it: suspected {relative.substance_class}")
        return _decision(Outcome.CLASS, [], relative.substance_class, why)
    if supported:
        why.append(f"the bands of {_names(supported)} are there; the rest is not accounted for")
        return _decision(Outcome.INCONCLUSIVE, supported, hint, why)
    if hint is not None:
        why.append(f"the most similar references are all of one family: suspected {hint}")
        return _decision(Outcome.CLASS, [], hint, why)
    return _decision(Outcome.NO_MATCH, [], None, why)


def _decision(outcome: Outcome, components: Sequence[Component], hint: str | None, reasons: list[str]) -> Decision:
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
    return Decision(outcome, tuple(components), hint, bool(tables), tuple(reasons))


def _why_not(found: Sequence[Component], explained: float, unexplained: Unexplained, criteria: Criteria) -> list[str]:
    if not found:
        return ["no reference, and no mixture of references, accounts for the bands of this scan"]
    reasons = []
    if explained < criteria.min_explained:
        reasons.append(
            f"the best explanation found accounts for {max(explained, 0):.0%} of the scan's structure;"
            f" {criteria.min_explained:.0%} is needed to name it"
        )
    if unexplained.share > criteria.max_unexplained:
        reasons.append(f"{unexplained.share:.0%} of the signal area belongs to nothing in the library")
    return reasons


def suspected_class(ranking: Ranking, references: ReferenceSet, criteria: Criteria) -> str | None:
    """The family that stands out among the most similar references, or None.

    It takes a high similarity, a second substance of the same family close behind, and a clear distance to the best
    of all other families: a wrong family is a defect, silence is not.
    """
    best: dict[str, list[float]] = {}
    seen: set[str] = set()
    for row in ranking.order:
        entry = references.entries[int(row)]
        if entry.substance_class is None or entry.substance in seen:
            continue
        seen.add(entry.substance)
        best.setdefault(entry.substance_class, []).append(float(ranking.scores[row]))
    families = sorted(best.items(), key=lambda item: -item[1][0])
    if not families or len(families[0][1]) < 2:
        return None
    name, scores = families[0]
    other = families[1][1][0] if len(families) > 1 else 0.0
    stands_out = scores[0] >= criteria.min_class_similarity and scores[1] - other >= criteria.min_class_margin
    return name if stands_out else None


def _names(components: Sequence[Component]) -> str:
    names = [c.substance for c in components]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
