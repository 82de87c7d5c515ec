"""Lanes, readings and answers in a chemist's words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reachback.adjudication.models import FindingOutcome
from reachback.cases.models import CaseState, Lane
from reachback.cases.reading_rules import DueReading
from reachback.cases.worklist import URGENT

__all__ = ["DESK_STATES", "LANE_WORDS", "OUTCOME_CHOICES", "READING_WORDS"]


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


# Lane, as a reader may know it → kind of colour, sign, words.
LANE_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        URGENT: ("warning", "!", _("Urgent")),
        Lane.EXPOSURE: ("danger", "!!", _("Exposure")),
        Lane.FENTANYL: ("warning", "!", _("Fentanyl")),
        Lane.GENERAL: ("plain", "•", _("General")),
        Lane.RETROSPECTIVE: ("quiet", "↺", _("Looked at again")),
    }
)
READING_WORDS: Mapping[str, str] = MappingProxyType(
    {
        DueReading.FIRST: _("first reading"),
        DueReading.SECOND: _("second reading, blind"),
        DueReading.THIRD: _("third reading, decides"),
    }
)
# State of a case → kind of colour, sign, words, as its readers say it.
DESK_STATES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        CaseState.QUEUED: ("plain", "…", _("waits for a reader")),
        CaseState.CLAIMED: ("plain", "▶", _("is being read")),
        CaseState.AWAITING_OFFICER: ("warning", "?", _("waits for the officer's answer")),
        CaseState.SECOND_READ: ("warning", "2", _("waits for the second reading")),
        CaseState.THIRD_READ: ("warning", "3", _("waits for the third reading")),
        CaseState.FOUND: ("plain", "▶", _("is read, and not sent yet")),
        CaseState.RELEASED: ("good", "✓", _("is answered")),
        CaseState.LAB_CONFIRMED: ("good", "✓", _("is confirmed by a laboratory")),
        CaseState.LAB_REFUTED: ("danger", "!", _("was corrected by a laboratory")),
        CaseState.WITHDRAWN: ("quiet", "–", _("was withdrawn")),
    }
)
# Answer → words, and what it is for.
OUTCOME_CHOICES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        FindingOutcome.IDENTIFIED: (_("Identified"), _("one substance, named")),
        FindingOutcome.MIXTURE: (_("Mixture"), _("several, all of them named")),
        FindingOutcome.CLASS: (_("Family"), _("the family is clear, its member is not")),
        FindingOutcome.NOT_IDENTIFIED: (_("Not identified"), _("name what is certain, if anything")),
        FindingOutcome.NEEDS_LABORATORY: (
            _("Needs a laboratory"),
            _("no scan settles it; name what is certain"),
        ),
    }
)
