"""The state of a case in an officer's words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reachback.cases.models import CaseState
from reachback.cases.states import OPEN

__all__ = ["CASE_WORDS", "is_open"]


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


# State → kind of colour, sign, words.
CASE_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        CaseState.QUEUED: ("plain", "…", _("Waiting for a chemist")),
        CaseState.CLAIMED: ("plain", "▶", _("A chemist is reading it")),
        CaseState.AWAITING_OFFICER: ("warning", "?", _("The chemist has a question for you")),
        CaseState.SECOND_READ: ("plain", "▶", _("Read once; a second chemist reads it")),
        CaseState.THIRD_READ: ("plain", "▶", _("Read twice; a third chemist decides")),
        CaseState.FOUND: ("plain", "▶", _("Read; the answer is about to be sent")),
        CaseState.RELEASED: ("good", "✓", _("Answered")),
        CaseState.LAB_CONFIRMED: ("good", "✓", _("Confirmed by a laboratory")),
        CaseState.LAB_REFUTED: ("danger", "!", _("Corrected by a laboratory")),
        CaseState.WITHDRAWN: ("quiet", "–", _("Withdrawn")),
    }
)


def is_open(state: str) -> bool:
    """Whether the clock of a case runs."""
    return CaseState(state) in OPEN
