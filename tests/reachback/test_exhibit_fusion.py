"""What was stored of scans and strips fuses as the fresh verdicts would, and no negative strip lowers anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reachback.exhibit_fusion import fuse_stored, strip_groups, strips_of
from reachback.identification_json import identification_as_json
from spectra.fuse import fuse
from spectra.fusion import FusionLevel
from spectra.spectrum import Technique
from spectra.strips import StripReading, StripResult
from spectra.verdict import Identification
from tests.reachback.verdicts import library, mixture, no_match, unusable

NEGATIVE, POSITIVE = (StripResult("fentanyl", reading) for reading in (StripReading.NEGATIVE, StripReading.POSITIVE))
HELD = {technique: frozenset({"caffeine", "fentanyl"}) for technique in Technique}


def stored(*verdicts: Identification) -> list[dict[str, Any]]:
    elements = [identification_as_json(verdict, library(technique=verdict.spectrum.technique)) for verdict in verdicts]
    read: list[dict[str, Any]] = json.loads(json.dumps(elements))
    return read


@pytest.mark.parametrize("strips", [[], [NEGATIVE], [POSITIVE, NEGATIVE]])
@pytest.mark.parametrize("second", [mixture(Technique.RAMAN), no_match(), unusable()])
def test_stored_verdicts_fuse_as_fresh_ones(second: Identification, strips: list[StripResult]) -> None:
    first = mixture(Technique.FTIR)
    assert fuse_stored([stored(first), stored(second)], strips, HELD) == fuse([first, second], strips, HELD)


def test_both_techniques_corroborate() -> None:
    fused = fuse_stored([stored(mixture(Technique.RAMAN)), stored(mixture(Technique.FTIR))], [], HELD)
    assert fused is not None
    assert fused.level is FusionLevel.CORROBORATED


def test_one_file_without_a_strip_has_nothing_to_join() -> None:
    assert fuse_stored([stored(mixture())], [], HELD) is None
    assert fuse_stored([stored(mixture()), []], [], HELD) is None, "the other file could not be read"
    assert fuse_stored([], [], HELD) is None
    assert fuse_stored([stored(mixture())], [NEGATIVE], HELD) is not None


def test_the_spectra_of_a_map_that_say_the_same_speak_once() -> None:
    fused = fuse_stored([stored(*[mixture()] * 50), stored(mixture())], [], HELD)
    assert fused is not None
    assert {one.usable for part in fused.components for one in part.support} == {2}


@pytest.mark.parametrize("second", [mixture(Technique.RAMAN), no_match()])
@pytest.mark.parametrize("first", [mixture(), no_match(), unusable()])
def test_a_negative_strip_lowers_no_alert(first: Identification, second: Identification) -> None:
    files = [stored(first), stored(second)]
    for strips in ([], [POSITIVE]):
        without, beside = fuse_stored(files, strips, HELD), fuse_stored(files, [*strips, NEGATIVE], HELD)
        assert without is not None
        assert beside is not None
        assert beside.alerts == without.alerts
        assert beside.reach_back == without.reach_back


def test_a_strip_told_with_every_scan_of_an_exhibit_counts_once() -> None:
    told = {"strips": [{"kind": "fentanyl", "result": "positive"}]}
    assert strips_of([told, {}, told, {"strips": [{"kind": "cocaine"}]}]) == [POSITIVE]


def test_only_a_positive_strip_points_anywhere() -> None:
    assert strip_groups([POSITIVE]) == ["fentanyl-related"]
    assert strip_groups([NEGATIVE, StripResult("fentanyl", StripReading.INVALID)]) == []
