"""What a check found: how grave, which references, in words, and the figures behind the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Finding", "Level", "worst"]


class Level(StrEnum):
    """How grave a finding is.

    A *failure* keeps a reference a draft; a *conflict* keeps a release back until somebody settles it or takes one of
    the references out; a *warning* is for the reviewer's eyes; a *note* is what a user of the library should know.
    """

    FAILURE = "failure"
    CONFLICT = "conflict"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found.

    Parameters
    ----------
    check : str
        Name of the check: ``noise``, ``label`` …
    level : Level
    references : tuple of str
        Ids, the one that is judged first.
    words : str
        One sentence: what, where, and what to do.
    figures : mapping of str to float
        What was measured, with the unit in the name.
    """

    check: str
    level: Level
    references: tuple[str, ...]
    words: str
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What a decision about this finding is filed under; the same whenever the same references are at odds."""
        return f"{self.check}:{'+'.join(sorted(self.references))}"

    @property
    def is_blocking(self) -> bool:
        """True where a release has to wait for somebody's decision."""
        return self.level in (Level.FAILURE, Level.CONFLICT)


def worst(findings: Iterable[Finding]) -> list[Finding]:
    """The same, gravest first, then by check and references."""
    order = list(Level)
    return sorted(findings, key=lambda each: (order.index(each.level), each.check, each.references))
