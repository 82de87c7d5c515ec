"""What an officer reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reachback.wording import PRESUMPTIVE
from tests.reachback.replies.made_replies import content, element, scan


def said(outcome: str, *components: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": outcome, "components": list(components), "comment": "", "confidence": None}


FENTANYL = {"substance": "fentanyl", "form": None, "class": "fentanyl-related", "in_library": True}
LABORATORY = {
    "laboratory": "North",
    "technique": "GC-MS",
    "reference_number": "7",
    "reported_at": "2030-01-02T00:00:00.000000Z",
    "components": [FENTANYL],
    "agrees": False,
}


def test_an_answer_is_presumptive_and_strict_json() -> None:
    made = content()
    assert made["marks"] == [PRESUMPTIVE]
    assert made["headline"] == "cocaine"
    assert made["next_steps"][-2:] == [
        "Treat it as presumptive until a laboratory has confirmed it.",
        "Handle the sample as the cards below say.",
    ]
    json.dumps(made, allow_nan=False)


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"kind": "preliminary"}, "PRELIMINARY – ONE READER"),
        ({"kind": "amendment", "version": 3, "replaces": 2, "readers": ["one", "two"]}, "AMENDED – REPLACES VERSION 2"),
        ({"kind": "machine", "said": None}, "MACHINE VERDICT – NOT REVIEWED"),
    ],
)
def test_what_is_no_plain_answer_is_marked_first(changes: dict[str, Any], mark: str) -> None:
    assert content(**changes)["marks"] == [mark, PRESUMPTIVE]


def test_an_amendment_by_one_reader_says_so() -> None:
    made = content(kind="amendment", version=2, replaces=1)
    assert made["marks"] == ["AMENDED – REPLACES VERSION 1", "ONE READER", PRESUMPTIVE]


def test_a_correction_is_a_laboratorys_result_and_not_presumptive() -> None:
    made = content(kind="correction", version=2, replaces=1, replaced_headline="cocaine", laboratory=LABORATORY)
    assert made["marks"] == ["CORRECTION – REPLACES VERSION 1", "LABORATORY RESULT"]
    assert made["headline"] == "The laboratory found: fentanyl"
    assert made["next_steps"][0].startswith("Do not use version 1 (“cocaine”) any more")
    assert "presumptive" not in " ".join(made["next_steps"])
    assert made["cards"][0]["card"] == "fentanyl_family"


def test_a_family_is_suspected_only() -> None:
    family = {"substance": "fentanyl-related", "form": None, "class": "fentanyl-related", "in_library": False}
    made = content(said=said("class", family))
    assert made["headline"].startswith("Suspected family: fentanyl-related")
    assert any("laboratory, together with this report" in step for step in made["next_steps"])


def test_a_name_outside_the_library_is_said_to_be_so() -> None:
    stranger = {"substance": "bluezine", "form": None, "class": None, "in_library": False}
    assert "[not in the library]" in content(said=said("identified", stranger))["headline"]


def test_fentanyl_not_seen_stands_in_the_answer_with_its_limit() -> None:
    told = " ".join(content()["not_seen"])
    assert "Fentanyl not seen. This scan cannot see it below about 5 % of the signal" in told
    assert "Not excluded by this method: carfentanil." in told


def test_what_the_answer_names_is_not_called_not_seen() -> None:
    told = " ".join(content(said=said("identified", FENTANYL))["not_seen"])
    assert "Fentanyl" not in told
    assert "carfentanil" in told


def test_of_several_scans_the_one_that_sees_best_counts() -> None:
    better = element(targets=[{"substance": "fentanyl", "detected": False, "limit_share": 0.02}])
    made = content(scans=[scan(), scan(better, name="b.jdx")])
    assert "about 2 % of the signal" in made["not_seen"][0]
    (row,) = [each for each in made["limits"] if each["family"] == "fentanyl-related"]
    assert (row["lowest_limit_share"], row["not_excluded"]) == (0.02, ["carfentanil"])


def test_unusable_scans_exclude_nothing() -> None:
    assert content(scans=[scan(element(outcome="unusable", components=[]))])["not_seen"] == [
        "These scans can exclude nothing."
    ]


def test_where_the_answer_leaves_it_open_the_machines_suspicion_decides_the_card() -> None:
    alert = {
        "level": "indication",
        "group": "fentanyl-related",
        "substance": "fentanyl",
        "share": 0.1,
        "confidence": 0.9,
    }
    suspicious = [scan(element(alerts=[alert]))]
    assert content(scans=suspicious, said=said("not_identified"))["cards"][0]["card"] == "fentanyl_family"
    assert content(scans=suspicious)["cards"][0]["card"] == "unknown_powder"


@pytest.mark.parametrize(
    ("readers", "agreed", "words"),
    [
        (["one"], False, "Read by one chemist."),
        (["one", "two"], True, "they agree."),
        (["one", "two", "three"], False, "Read by 3 chemists; the last one decided."),
    ],
)
def test_who_read_is_told_in_words(readers: list[str], agreed: bool, words: str) -> None:
    assert content(readers=readers, agreed=agreed)["read_by"]["in_words"].endswith(words)


def test_the_basis_can_be_followed() -> None:
    made = content()
    spectrum = made["scans"][0]["spectra"][0]
    assert spectrum["library"] == {"name": "lab", "release": "1", "digest": "d1", "calibration": "c1"}
    assert (spectrum["engine"], made["engine"], made["checkpoint"]["size"]) == ("0.1.0", "0.1.0", 7)
    assert spectrum["verdict"] == "? INCONCLUSIVE (tentative)"


POSITIVE = [{"kind": "fentanyl", "result": "positive"}]
NEGATIVE = [{"kind": "fentanyl", "result": "negative"}]


def test_scans_and_strips_of_one_exhibit_make_one_statement() -> None:
    raman = element(scan={"file": "b.spc", "index": 0, "sha256": "01", "technique": "raman", "stated_by_user": {}})
    made = content(scans=[scan(), scan(raman, name="b.spc") | {"strips": NEGATIVE}])["together"]
    assert made["statement"].startswith("Presumptive, not confirmed: cocaine (Raman and FTIR)")
    assert made["in_words"] == "? PARTLY NAMED"
    assert "the fentanyl strip is negative: that lowers no alert" in made["reasons"]
    assert content()["together"] is None


def test_a_scan_beside_counts_in_what_all_say_together_and_is_not_shown() -> None:
    made = content(kind="machine", said=None, beside=[scan(name="b.jdx")])
    assert "in 2 of 2 scans" in " ".join(made["together"]["reasons"])
    assert [each["file_name"] for each in made["scans"]] == ["a.jdx"]


@pytest.mark.parametrize(("strips", "first"), [(POSITIVE, "fentanyl_family"), (NEGATIVE, "unknown_powder")])
def test_a_positive_strip_brings_its_card_whatever_the_scan_shows(strips: list[dict[str, str]], first: str) -> None:
    assert content(scans=[scan() | {"strips": strips}])["cards"][0]["card"] == first


def test_cards_that_the_library_cannot_lead_to_are_said() -> None:
    assert content()["cards_out_of_reach"] == []
    assert "Corrosives" in " ".join(content(known_classes=["stimulant"])["cards_out_of_reach"])
