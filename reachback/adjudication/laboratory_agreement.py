"""Whether a laboratory's result bears out the answer that went to the officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reachback.adjudication.agreement import same_components
from reachback.adjudication.models import FindingOutcome
from reachback.adjudication.substances import folded

__all__ = ["laboratory_agrees"]


def laboratory_agrees(
    outcome: str, answered: Sequence[Mapping[str, Any]], confirmed: Sequence[Mapping[str, Any]]
) -> bool:
    """True where nothing that was answered is contradicted.

    An answer that names everything (*identified*, *mixture*) has to name exactly what the laboratory found. A family
    (*class*) is borne out by a member. An answer that left things open (*not_identified*, *needs_laboratory*) is
    contradicted only where it named a part that the laboratory did not find.
    """
    if outcome in (FindingOutcome.IDENTIFIED, FindingOutcome.MIXTURE):
        return same_components(answered, confirmed)
    found = {folded(part["substance"]) for part in confirmed}
    if outcome == FindingOutcome.CLASS:
        found |= {folded(part.get("class")) for part in confirmed}
        return all(folded(part["substance"]) in found or folded(part.get("class")) in found for part in answered)
    return all(folded(part["substance"]) in found for part in answered)
