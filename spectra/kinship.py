"""What the library's families say of a fitted scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spectra.family import Suspicion, is_doubtful_family, suspect_family
from spectra.fitting import Fitted
from spectra.verdict import Component

__all__ = ["FittedKinship"]


@dataclass(frozen=True, slots=True, eq=False)
class FittedKinship:
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
