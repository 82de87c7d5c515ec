"""Cards say what a named and dated source says, and each answer gets the ones it needs."""

from __future__ import annotations

import pytest

from library.opening import open_library
from reachback.replies.hazard_cards import CARD_NAMES, card, cards_for, cards_out_of_reach


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


def test_a_card_that_no_reference_leads_to_is_said_to_be_out_of_reach() -> None:
    lacking = cards_out_of_reach(["Fentanyl-related", "opioid", "stimulant"])
    assert len(lacking) == 1
    assert "Corrosives" in lacking[0]
    assert "corrosive or acid or alkali" in lacking[0]
    assert cards_out_of_reach(["fentanyl precursor", "nitazene", "Acid"]) == []


def test_the_starter_library_says_what_it_does_not_cover() -> None:
    library = open_library(None)
    classes = {entry.substance_class for each in library.sets.values() for entry in each.entries}
    lacking = " ".join(cards_out_of_reach(each for each in classes if each))
    assert ("Corrosives" in lacking) == (not classes & {"corrosive", "acid", "alkali"})
    assert "Fentanyl" not in lacking
