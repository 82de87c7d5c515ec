"""A fused statement on the command line and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reachback.fusion_json import fusion_as_json
from reachback.strict_json import dump_strictly
from reachback.wording import background_sentence, headline
from spectra.fuse import fuse
from spectra.spectrum import Technique
from spectra.strips import StripReading, StripResult
from spectra.verdict import Outcome
from tests.reachback.conftest import Command
from tests.reachback.verdicts import mixture


def parsed(text: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text)
    return made


def test_json_of_a_fusion_is_strict_and_whole() -> None:
    scans = [mixture(Technique.RAMAN), mixture(Technique.FTIR)]
    made = parsed(dump_strictly(fusion_as_json(fuse(scans, [StripResult("fentanyl", StripReading.NEGATIVE)]))))
    assert set(made) == {"statement", "level", "components", "alerts", "reasons", "sources", "reach_back"}
    assert made["level"] == "corroborated"
    assert [part["substance"] for part in made["components"]] == ["caffeine", "fentanyl"]
    assert {one["technique"] for one in made["components"][0]["support"]} == {"raman", "ftir"}
    assert set(made["alerts"][0]) == {"level", "group", "substances", "confidence", "by"}
    assert made["sources"][0]["doi"].startswith("10.")
    assert made["reach_back"] is True


def test_without_an_exhibit_there_is_no_fusion(reachback: Command, lab: Path, scan: Path) -> None:
    assert fusion_as_json(None) is None
    made = parsed(reachback("identify", scan, "--library", lab, "--json").out)
    assert made["fusion"] is None
    assert "the exhibit as a whole" not in reachback("identify", scan, "--library", lab).out


def test_scans_of_one_exhibit_get_one_statement_after_their_verdicts(reachback: Command, lab: Path, scan: Path) -> None:
    ended = reachback("identify", scan, scan, "--library", lab, "--exhibit")
    assert ended.code == 0
    assert ended.out.count("Presumptive, not confirmed: alpha (FTIR)") == 1
    assert ended.out.index("the exhibit as a whole") > ended.out.rindex("PRESUMPTIVE – not confirmed")
    made = parsed(reachback("identify", scan, scan, "--library", lab, "--exhibit", "--json").out)
    assert len(made["results"]) == 2
    assert made["fusion"]["components"][0]["support"][0]["scans"] == 2


def test_a_strip_belongs_to_the_exhibit(reachback: Command, lab: Path, scan: Path) -> None:
    arguments = ("identify", scan, "--library", lab, "--strip", "fentanyl=Positive", "--strip", "xylazine=negative")
    made = parsed(reachback(*arguments, "--json").out)["fusion"]
    assert [alert["group"] for alert in made["alerts"]] == ["fentanyl-related"]
    assert made["reach_back"] is True
    assert "Handle with care" in reachback(*arguments).out


@pytest.mark.parametrize("strip", ["fentanyl", "fentanyl=maybe", "=positive", "positive"])
def test_a_strip_that_says_nothing_is_wrong_usage(reachback: Command, lab: Path, scan: Path, strip: str) -> None:
    ended = reachback("identify", scan, "--library", lab, "--strip", strip)
    assert ended.code == 2
    assert "KIND=RESULT" in ended.err
    assert ended.out == ""


def test_packaging_is_put_into_words() -> None:
    assert background_sentence(()) is None
    said = background_sentence(("polyethylene",))
    assert said == "polyethylene of the packaging: no part of the sample, and of no share"
    empty = replace(mixture(), outcome=Outcome.INCONCLUSIVE, components=(), background=("polyethylene",))
    assert headline(empty) == "only the packaging is seen"
