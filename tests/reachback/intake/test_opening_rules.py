"""Which scans open a case, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from reachback.cases.models import Lane
from reachback.intake.opening_rules import decide_opening, primary_of
from tests.contracts.desk import identification

Json = dict[str, Any]

CLEAN = identification()
COCAINE = {**CLEAN["components"][0], "substance": "cocaine", "controlled": True, "class": "stimulant"}
FENTANYL = {**COCAINE, "substance": "fentanyl", "class": "fentanyl-related"}
BY_TABLE = {**COCAINE, "grade": "band_table"}


def alert(substance: str | None, group: str) -> Json:
    return {"level": "indication", "group": group, "substance": substance, "share": 0.1, "confidence": 0.9}


def match(component: Json, *alerts: Json, **changes: Any) -> Json:
    return identification(components=[component], alerts=list(alerts), **changes)


def strip(kind: str, result: str) -> Json:
    return {"strips": [{"kind": kind, "result": result}]}


def hits(*names: str, **more: Any) -> Json:
    return {"index": 0, "device_hits": [{"id": "1", "name": name, "value": 0.9} for name in names], **more}


WATCHING: Json = {"targets": [{"substance": "cocaine", "detected": False, "limit_share": 0.1}]}


@pytest.mark.parametrize(
    ("results", "form", "device", "lane", "reason"),
    [
        ([CLEAN], {}, [], None, ""),
        ([match(COCAINE, alert("cocaine", "stimulant"))], {}, [], None, ""),
        ([identification("mixture")], {}, [], None, ""),
        ([CLEAN], strip("fentanyl", "negative"), [], None, ""),
        ([CLEAN], strip("fentanyl", "invalid"), [], None, ""),
        ([CLEAN], {}, [hits()], None, ""),  # a measured match of ours settles the device's "no match"
        ([CLEAN], {}, [hits("Caffeine")], None, ""),
        ([match(COCAINE, **WATCHING)], {}, [hits("Cocaine HCl", device_alarm=True)], None, ""),
        ([identification("no_match")], {}, [], Lane.GENERAL, "no reference fits"),
        ([identification("inconclusive")], {}, [], Lane.GENERAL, "not every part"),
        ([identification("class", class_hint="cathinone")], {}, [], Lane.GENERAL, "only the family"),
        ([identification("class", class_hint="fentanyl-related")], {}, [], Lane.FENTANYL, "only the family"),
        ([match(BY_TABLE, tentative=True)], {}, [], Lane.GENERAL, "table of bands"),
        ([match(FENTANYL, alert("fentanyl", "fentanyl-related"))], {}, [], Lane.FENTANYL, "fentanyl family"),
        ([match(CLEAN["components"][0], alert("4-ANPP", "fentanyl precursor"))], {}, [], Lane.FENTANYL, "4-ANPP"),
        ([match(BY_TABLE, alert("cocaine", "stimulant"))], {}, [], Lane.GENERAL, "no measured reference settles"),
        ([match(COCAINE, alert(None, "stimulant"))], {}, [], Lane.GENERAL, "settles: stimulant"),
        ([identification(reach_back=True)], {}, [], Lane.GENERAL, "asks for a chemist"),
        ([CLEAN], strip("Fentanyl", "positive"), [], Lane.FENTANYL, "strip for Fentanyl is positive"),
        ([CLEAN], strip("nitazene", "positive"), [], Lane.GENERAL, "strip for nitazene is positive"),
        ([CLEAN], {"want_review": True}, [], Lane.GENERAL, "officer wants"),
        ([CLEAN], {"exposure": True}, [], Lane.EXPOSURE, "exposed"),
        ([identification("unusable")], {"exposure": True}, [], Lane.EXPOSURE, "exposed"),
        ([CLEAN], {}, [{"index": 0, "device_alarm": True}], Lane.GENERAL, "do not reproduce"),
        ([identification(**WATCHING)], {}, [hits("Cocaine HCl")], Lane.GENERAL, "names cocaine"),
        ([identification("no_match")], {}, [hits()], Lane.GENERAL, "device found no match"),
        ([identification("unusable"), identification("no_match")], {}, [], Lane.GENERAL, "no reference fits"),
        ([], {"want_review": True}, [], Lane.GENERAL, "officer wants"),
        ([], {}, [], None, ""),
    ],
)  # fmt: skip
def test_a_case_is_opened(results: list[Json], form: Json, device: list[Json], lane: Lane | None, reason: str) -> None:
    opening = decide_opening(results, form, device)
    if lane is None:
        assert opening is None
        return
    assert opening is not None
    assert opening.at_once
    assert opening.lane is lane
    assert reason in opening.because


def test_reasons_are_said_once_and_all_of_them() -> None:
    unsure = identification("inconclusive", tentative=True)
    opening = decide_opening([unsure, unsure], {"want_review": True})
    assert opening is not None
    assert len(opening.reasons) == 3


def test_an_unusable_scan_waits_for_a_better_one() -> None:
    opening = decide_opening([identification("unusable")], {})
    assert opening is not None
    assert not opening.at_once
    together = decide_opening([identification("unusable"), CLEAN], {})
    assert together is None


def test_the_first_usable_spectrum_speaks_for_the_file() -> None:
    unusable = identification("unusable")
    assert primary_of([]) is None
    assert primary_of([unusable, unusable]) == 0
    assert primary_of([unusable, CLEAN, CLEAN]) == 1
