"""When two findings say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reachback.adjudication.models import FindingOutcome
from reachback.adjudication.substances import folded

__all__ = ["same_components", "same_finding"]

Component = Mapping[str, Any]


def same_components(one: Sequence[Component], other: Sequence[Component]) -> bool:
    """Whether two lists name the same substances, in any order and spelling of case.

    Forms are compared where both give one: "cocaine" agrees with "cocaine, base", which disagrees with "cocaine,
    hydrochloride".
    """
    if len(one) != len(other):
        return False
    return _pairs_off([_key(part) for part in one], [_key(part) for part in other])


def same_finding(outcome: str, components: Sequence[Component], other: str, others: Sequence[Component]) -> bool:
    """Whether two readings agree: the same substances, and the same kind of answer.

    *Identified* and *mixture* are one kind: what they name decides.
    """
    return _kind(outcome) == _kind(other) and same_components(components, others)


def _kind(outcome: str) -> str:
    return "named" if outcome in (FindingOutcome.IDENTIFIED, FindingOutcome.MIXTURE) else outcome


def _key(part: Component) -> tuple[str, str]:
    return folded(part["substance"]), folded(part.get("form"))


def _pairs_off(mine: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> bool:
    """Whether each of mine finds one of theirs for itself; a form that is not given fits any."""
    if not mine:
        return True
    (substance, form), rest = mine[0], mine[1:]
    for position, (other, other_form) in enumerate(theirs):
        fits = substance == other and (not form or not other_form or form == other_form)
        if fits and _pairs_off(rest, theirs[:position] + theirs[position + 1 :]):
            return True
    return False
