"""Who differs from whom: the rules on single cases that a person would argue about."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reachback.insight.disagreement import Compared, Difference, PairKey, case_words, compare, pair_figures
from reachback.insight.repository import MachineWords, ReaderWords, ReportedWords

AT = datetime(2030, 1, 1, tzinfo=UTC)


def parts(*names: str) -> list[dict[str, Any]]:
    classes = {"fentanyl": "fentanyl-related", "acetylfentanyl": "fentanyl-related"}
    return [{"substance": name, "form": None, "class": classes.get(name)} for name in names]


def reading(which: str, outcome: str, *names: str, version: int = 1) -> ReaderWords:
    return ReaderWords("c", which, version, outcome, parts(*names), AT + timedelta(minutes=10 * version))


def machine(*names: str, hint: str | None = None, alike: tuple[str, ...] = (), minutes: int = 0) -> MachineWords:
    components = [{**part, "indistinguishable_from": list(alike)} for part in parts(*names)]
    said = json.dumps([["class" if hint else "match", hint, components, []]])
    return MachineWords("c", AT + timedelta(minutes=minutes), said)


def report(*names: str, agrees: bool = True) -> ReportedWords:
    return ReportedWords("c", "north", parts(*names), agrees, AT + timedelta(days=1))


def compared(
    readings: list[ReaderWords], scans: list[MachineWords], reports: list[ReportedWords] | None = None
) -> dict[PairKey, Compared]:
    (case,) = case_words(readings, reports or [], scans)
    return {each.pair: each for each in compare(case)}


@pytest.mark.parametrize(
    ("scan", "said", "difference"),
    [
        (machine("fentanyl"), reading("first", "identified", "Fentanyl"), None),
        (machine("fentanyl"), reading("first", "not_identified"), Difference.MACHINE_ONLY),
        (machine(), reading("first", "not_identified"), None),
        (machine(), reading("first", "identified", "caffeine"), Difference.OTHER_ONLY),
        (machine("cocaine"), reading("first", "identified", "caffeine"), Difference.BOTH),
        (machine("cocaine", alike=("caffeine",)), reading("first", "identified", "caffeine"), None),
        (machine(hint="fentanyl-related"), reading("first", "class", "fentanyl-related"), None),
        (machine(hint="opioid"), reading("first", "class", "fentanyl-related"), Difference.OTHER_ONLY),
        (machine("fentanyl", minutes=30), reading("first", "identified", "caffeine"), "nothing to compare"),
    ],
)
def test_machine_and_first_reader(scan: MachineWords, said: ReaderWords, difference: object) -> None:
    found = compared([said], [scan]).get(PairKey.MACHINE_FIRST)
    assert (found.difference if found else "nothing to compare") == difference
    assert found is None or found.differs == (difference is not None)


def test_every_pair_that_has_spoken_is_compared_and_no_other() -> None:
    readings = [
        reading("first", "identified", "caffeine"),
        reading("second", "identified", "cocaine", version=2),
        reading("third", "identified", "cocaine", version=3),
    ]
    found = compared(readings, [machine("caffeine")], [report("cocaine")])
    assert {pair: each.differs for pair, each in found.items()} == {
        PairKey.MACHINE_FIRST: False,
        PairKey.MACHINE_SECOND: True,
        PairKey.MACHINE_LABORATORY: True,
        PairKey.FIRST_SECOND: True,
        PairKey.FIRST_LABORATORY: True,
        PairKey.SECOND_LABORATORY: False,
        PairKey.ANSWER_LABORATORY: False,
    }
    assert found[PairKey.ANSWER_LABORATORY].one_said == "cocaine"  # the third reading decides
    figures = {each.pair: (each.differs.n, each.differs.of) for each in pair_figures(found.values())}
    assert set(figures) == set(PairKey)
    assert {each.differs.of for each in pair_figures([])} == {0}


def test_the_answer_that_stood_when_the_laboratory_spoke() -> None:
    first = reading("first", "identified", "caffeine")
    before = ReaderWords("c", "amendment", 2, "identified", parts("cocaine"), AT + timedelta(hours=2))
    later = ReaderWords("c", "amendment", 2, "identified", parts("cocaine"), AT + timedelta(days=2))
    assert compared([first, before], [], [report("cocaine")])[PairKey.ANSWER_LABORATORY].one_said == "cocaine"
    assert compared([first, later], [], [report("cocaine")])[PairKey.ANSWER_LABORATORY].one_said == "caffeine"


def test_what_was_left_open_is_said_so() -> None:
    found = compared([reading("first", "needs_laboratory")], [machine()], [report("caffeine", agrees=False)])
    assert found[PairKey.FIRST_LABORATORY].one_said == "needs laboratory: nothing named"
    assert not found[PairKey.FIRST_LABORATORY].differs  # nothing that was named is contradicted
    assert found[PairKey.ANSWER_LABORATORY].differs  # as it was measured when the result was entered
