"""Cards say what a named and dated source says, and each answer gets the ones it needs."""

from __future__ import annotations

import pytest

from reachback.replies.hazard_cards import CARD_NAMES, card, cards_for


@pytest.mark.parametrize("name", CARD_NAMES)
def test_every_line_has_a_source_and_every_source_a_date_and_a_line(name: str) -> None:
    shown = card(name)
    sources = {source["number"]: source for source in shown["sources"]}
    assert shown["lines"]
    assert all(line["sources"] and set(line["sources"]) <= sources.keys() for line in shown["lines"])
    assert {number for line in shown["lines"] for number in line["sources"]} == sources.keys()
    assert all(source["name"] and source["by"] and source["date"] for source in sources.values())


@pytest.mark.parametrize("name", CARD_NAMES)
def test_cards_are_calm(name: str) -> None:
    text = " ".join(line["text"] for line in card(name)["lines"])
    assert "!" not in text
    assert not any(word.isupper() and len(word) > 3 for word in text.split())


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["fentanyl-related", "cutting agent"], ["fentanyl_family"]),
        (["Fentanyl precursor", "opioid"], ["fentanyl_family", "other_opioids"]),
        (["nitazene"], ["other_opioids", "unknown_powder"]),
        (["acid"], ["corrosives", "unknown_powder"]),
        (["stimulant", None], ["unknown_powder"]),
        ([], ["unknown_powder"]),
    ],
)
def test_which_cards_come_with_an_answer(classes: list[str | None], expected: list[str]) -> None:
    assert [each["card"] for each in cards_for(classes)] == expected
