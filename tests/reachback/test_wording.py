from __future__ import annotations

from dataclasses import replace

import pytest

from reachback.wording import alert_sentence, headline, percent, printable, target_sentences
from spectra.verdict import Alert, AlertLevel, Outcome, Target
from tests.reachback.verdicts import mixture, no_match, unusable

CLASSES = {
    "fentanyl": "fentanyl-related",
    "carfentanil": "fentanyl-related",
    "acetylfentanyl": "fentanyl-related",
    "metonitazene": "nitazene",
    "cocaine": "stimulant",
}


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.06, "6 %"),
        (0.004, "0.4 %"),
        (0.0, "0 %"),
        (0.996, "100 %"),
        (0.0002, "0 %"),
        (None, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_shares_in_words(share: float | None, words: str) -> None:
    assert percent(share) == words


def test_the_negative_has_the_words_agreed_on() -> None:
    made = replace(no_match(), targets=(Target("fentanyl", False, 0.05),))
    (sentence,) = target_sentences(made, CLASSES)
    assert sentence == (
        "Fentanyl not seen. This scan cannot see it below about 5 % of the signal; a dangerous dose can lie below."
        " Use a test strip."
    )


def test_a_negative_without_a_limit_does_not_invent_one() -> None:
    (sentence,) = target_sentences(replace(no_match(), targets=(Target("fentanyl", False, None),)), CLASSES)
    assert "not known" in sentence
    assert "%" not in sentence
    assert "Use a test strip." in sentence


def test_a_limit_is_never_rounded_down_to_nothing() -> None:
    made = replace(no_match(), targets=(Target("fentanyl", False, 0.0001),))
    assert "below about 0.1 % of the signal" in target_sentences(made, CLASSES)[0]


def test_doses_far_below_any_limit_are_never_said_to_be_excluded() -> None:
    targets = tuple(Target(name, False, 0.03) for name in ("fentanyl", "carfentanil", "metonitazene"))
    sentences = target_sentences(replace(no_match(), targets=targets), CLASSES)
    assert sentences[1:] == ["Not excluded by this method: carfentanil, metonitazene."]


def test_the_rest_of_the_watch_list_is_short() -> None:
    targets = (Target("acetylfentanyl", False, 0.05), Target("cocaine", False, 0.02), Target("fentanyl", True, None))
    assert target_sentences(replace(mixture(), targets=targets), CLASSES) == [
        "Seen: fentanyl.",
        "Other fentanyl-related substances not seen: 1 (visible from about 5 % of the signal).",
        "Other watched substances not seen: 1 (visible from about 2 % of the signal).",
    ]


def test_an_unusable_scan_excludes_nothing() -> None:
    assert target_sentences(unusable(), CLASSES) == ["This scan can exclude nothing."]


def test_a_library_without_fentanyl_says_so() -> None:
    sentences = target_sentences(replace(no_match(), targets=()), {})
    assert sentences == ["Fentanyl is not among this library's references: this scan says nothing about it."]


def test_headlines() -> None:
    made = mixture()
    assert headline(made) == "caffeine (anhydrous) + fentanyl (hydrochloride)"
    assert headline(replace(made, outcome=Outcome.INCONCLUSIVE, components=made.components[:1])) == (
        "caffeine (anhydrous), and something else"
    )
    assert "could not be named" in headline(replace(made, outcome=Outcome.INCONCLUSIVE, components=()))
    hinted = replace(made, outcome=Outcome.CLASS, components=(), class_hint="fentanyl-related")
    assert headline(hinted) == "suspected: fentanyl-related, none of them exactly"


def test_alerts_differ_by_level_in_words() -> None:
    alarm = Alert(AlertLevel.ALARM, "fentanyl-related", "fentanyl", 0.06, 0.97)
    assert alert_sentence(alarm) == ("fentanyl (fentanyl-related) indicated, about 6 % of the signal, confidence 0.97.")
    family = Alert(AlertLevel.INDICATION, "nitazene", None, None, 0.6)
    assert alert_sentence(family) == (
        "a substance of the group nitazene possible, confidence 0.60, for the chemist to judge."
    )


def test_control_characters_cannot_reach_the_terminal() -> None:
    assert printable("a\x1b[31m\nb – ⁻¹") == "a\\x1b[31m\\nb – ⁻¹"
