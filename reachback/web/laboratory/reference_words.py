"""States, findings and events of references in a laboratory's words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from library.ledger import State
from library.qc.findings import Level
from spectra.reference import Grade

__all__ = ["CHECK_WORDS", "GRADE_WORDS", "LEVEL_WORDS", "STATE_WORDS", "STORY_WORDS", "TECHNIQUE_WORDS"]


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


# State → kind of colour, sign, words.
STATE_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        State.DRAFT: ("quiet", "…", _("draft")),
        State.PROPOSED: ("plain", "?", _("waits for review")),
        State.REVIEWED: ("good", "✓", _("reviewed, not released yet")),
        State.RELEASED: ("good", "●", _("released")),
        State.DEPRECATED: ("warning", "–", _("deprecated")),
        State.WITHDRAWN: ("quiet", "–", _("withdrawn")),
    }
)
# How grave a finding is → kind of colour, sign, words.
LEVEL_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        Level.FAILURE: ("danger", "×", _("not fit")),
        Level.CONFLICT: ("danger", "!", _("conflict")),
        Level.WARNING: ("warning", "!", _("look here")),
        Level.NOTE: ("plain", "i", _("note")),
    }
)
CHECK_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "label": _("two names for what looks the same"),
        "called_otherwise": _("the rest of the library gives it another name"),
    }
)
GRADE_WORDS: Mapping[str, str] = MappingProxyType(
    {Grade.MEASURED: _("measured"), Grade.BAND_TABLE: _("drawn from a table of bands")}
)
TECHNIQUE_WORDS: Mapping[str, str] = MappingProxyType({"ftir": "FTIR", "raman": "Raman"})
# Event in the story of a reference → words.
STORY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "taken_in": _("taken in"),
        "proposed": _("proposed"),
        "held_back": _("kept as a draft by a check"),
        "accepted": _("accepted"),
        "sent_back": _("sent back"),
        "settled": _("a conflict settled: it may stand"),
        "released": _("released"),
        "taken_out": _("taken out"),
    }
)
