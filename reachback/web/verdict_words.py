"""A machine's verdict as pages say it: in large words with a sign and a kind of colour, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reachback.replies.hazard_cards import UNKNOWN, cards_for
from reachback.stored_verdict import StoredVerdict
from reachback.wording import OUTCOME_MEANINGS, OUTCOME_WORDS, alert_sentence, headline
from spectra.verdict import AlertLevel, Outcome

__all__ = ["VerdictWords", "has_own_card", "verdict_words"]

_KINDS = {
    Outcome.MATCH: "plain",
    Outcome.MIXTURE: "plain",
    Outcome.CLASS: "warning",
    Outcome.INCONCLUSIVE: "warning",
    Outcome.NO_MATCH: "quiet",
    Outcome.UNUSABLE: "quiet",
}


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """``kind`` is a class of the style sheet; ``alarms`` are the alerts that an officer is shown.

    An indication goes to the chemist; but where the verdict names what is indicated, and there is a hazard card on its
    family, ``caution`` has the officer read that first.
    """

    kind: str
    sign: str
    words: str
    headline: str
    meaning: str
    tentative: bool
    controlled: bool
    alarms: tuple[str, ...]
    caution: bool


def has_own_card(families: Iterable[str | None]) -> bool:
    """Whether one of these families has a hazard card beside that for unknown powders."""
    return bool(cards_for(families)[0]["card"] != UNKNOWN)


def verdict_words(element: Mapping[str, Any]) -> VerdictWords:
    """Words for one element of ``results``, fresh or stored."""
    verdict = StoredVerdict.of(element)
    sign, words = OUTCOME_WORDS[verdict.outcome]
    alarms = tuple(alert_sentence(alert) for alert in verdict.alerts if alert.level is AlertLevel.ALARM)
    controlled = any(part.controlled for part in verdict.components)
    named = {part.substance for part in verdict.components} | {part.substance_class for part in verdict.components}
    indicated = [alert.group for alert in verdict.alerts if {alert.substance, alert.group} & named]
    caution = has_own_card(indicated)
    return VerdictWords(
        kind="danger" if alarms or caution else "warning" if controlled else _KINDS[verdict.outcome],
        sign=sign,
        words=words,
        headline=headline(verdict),
        meaning=OUTCOME_MEANINGS[verdict.outcome],
        tentative=verdict.tentative,
        controlled=controlled,
        alarms=alarms,
        caution=caution,
    )
