from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reachback import __version__
from reachback.identification_json import identification_as_json
from reachback.strict_json import dump_strictly
from spectra.verdict import Identification
from tests.reachback.verdicts import library, mixture, no_match, unusable

ELEMENT = {
    "scan": {"file", "index", "sha256", "technique"},
    "quality": {"usable", "snr", "flags"},
    "outcome": None,
    "tentative": None,
    "components": {
        "substance",
        "form",
        "share",
        "share_interval",
        "confidence",
        "controlled",
        "class",
        "reference",
        "grade",
        "indistinguishable_from",
    },
    "unexplained": {"share", "bands"},
    "background": None,
    "alerts": {"level", "group", "substance", "share", "confidence"},
    "class_hint": None,
    "targets": {"substance", "detected", "limit_share"},
    "candidates": {"substance", "score"},
    "reach_back": None,
    "reasons": None,
    "library": {"name", "release", "digest", "calibration"},
    "engine": None,
    "timing_ms": {"total"},
}


def element(identification: Identification) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(dump_strictly(identification_as_json(identification, library())))
    return made


def test_an_element_has_every_key_of_the_contract() -> None:
    made = element(mixture())
    assert set(made) == set(ELEMENT)
    for name, keys in ELEMENT.items():
        if keys is not None:
            for part in made[name] if isinstance(made[name], list) else [made[name]]:
                assert keys <= set(part), name


def test_values_are_in_the_words_of_the_contract() -> None:
    made = element(mixture())
    assert (made["outcome"], made["tentative"], made["reach_back"], made["engine"]) == (
        "mixture",
        True,
        True,
        __version__,
    )
    assert made["scan"]["technique"] == "ftir"
    assert made["scan"]["stated_by_user"] == {"mode": "ATR"}
    assert [alert["level"] for alert in made["alerts"]] == ["indication", "alarm"]
    fentanyl = made["components"][1]
    assert fentanyl["share_interval"] == [0.04, 0.08]
    assert (fentanyl["class"], fentanyl["grade"]) == ("fentanyl-related", "band_table")
    assert fentanyl["indistinguishable_from"] == ["acetylfentanyl"]
    assert made["library"] == {"name": "hand-made", "release": "2026.1", "digest": "ab" * 32, "calibration": "c0ffee"}


def test_what_is_unknown_is_null() -> None:
    made = element(unusable())
    assert made["quality"]["snr"] is None
    assert made["unexplained"] is None
    assert made["components"] == []
    assert element(no_match())["targets"][1]["limit_share"] is None
    endless = replace(mixture(), timing_ms=float("inf"))
    assert element(endless)["timing_ms"]["total"] is None
