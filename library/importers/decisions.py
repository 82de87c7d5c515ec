"""What a laboratory decided about the questions of an import: who, when, why, and what it does to the manifest.

A question about a substance's status (controlled, on the watch list) is answered by yes or no beside the reason; every
other one by the reason alone. Each decision stands in ``conflicts.csv`` and, in the column ``decided``, in the
manifest, so that it goes with the reference into the store's journal and into every release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["DECIDED_COLUMN", "STATUS_KINDS", "Decided", "decided_cells"]

STATUS_KINDS = frozenset({"status_not_stated", "status_differs"})
DECIDED_COLUMN = "decided"


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer: ``words`` say why; ``controlled`` and ``watch`` are None where the question is not about status."""

    words: str
    controlled: bool | None = None
    watch: bool | None = None
    by: str = ""
    at: str = ""

    def answers(self, kind: str) -> bool:
        """Whether this is enough for a question of the kind; words alone leave a status open."""
        return bool(self.words) and (kind not in STATUS_KINDS or self.controlled is not None)

    @property
    def is_watched(self) -> bool | None:
        """As the manifest takes it: what is controlled is watched, where nothing else was said."""
        return self.controlled if self.watch is None else self.watch

    def sentence(self, kind: str) -> str:
        """What the manifest keeps of it."""
        status = ""
        if self.controlled is not None:
            status = f" {_not(self.controlled)}controlled, {_not(bool(self.is_watched))}watched:"
        who = ", ".join(filter(None, (self.by, self.at)))
        return f"{kind.replace('_', ' ')}:{status} {self.words}" + (f" ({who})" if who else "")


def decided_cells(answered: Iterable[tuple[str, Decided]]) -> Mapping[str, str]:
    """Cells of a manifest's row that the answers about its reference fill; empty where there is none.

    Parameters
    ----------
    answered : iterable of (str, Decided)
        Kind of each question, and its answer.
    """
    found = [(kind, decided) for kind, decided in answered if decided.answers(kind)]
    cells: dict[str, str] = {}
    if found:
        cells[DECIDED_COLUMN] = "; ".join(decided.sentence(kind) for kind, decided in found)
    for kind, decided in found:
        if kind in STATUS_KINDS:
            cells |= {"controlled": _yes_no(decided.controlled), "watch": _yes_no(decided.is_watched)}
    return cells


def _not(answer: bool) -> str:
    return "" if answer else "not "


def _yes_no(answer: bool | None) -> str:
    return "yes" if answer else "no"
