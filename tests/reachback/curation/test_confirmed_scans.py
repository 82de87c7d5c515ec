from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reachback.adjudication.models import Finding, LaboratoryResult
from reachback.cases.models import Case, CaseState
from reachback.curation.confirmed_scans import Confirmed, broken_confirmation, refusal, same_substance
from reachback.intake.models import Scan

AT = datetime(2030, 1, 2, tzinfo=UTC)
CAFFEINE = [{"substance": "caffeine", "form": None}]


def confirmed(state: CaseState = CaseState.LAB_CONFIRMED, **changes: Any) -> Confirmed:
    finding = Finding(id="f", version=1, outcome=changes.get("outcome", "identified"), components=CAFFEINE, at=AT)
    finding.components = changes.get("answered", CAFFEINE)
    result = LaboratoryResult(id="l", components=changes.get("found", CAFFEINE), agrees=changes.get("agrees", 1))
    results = changes.get("results", [result])
    return Confirmed(Case(id="c", state=state, scan_ids=["s"]), finding, results)


def scan(*, usable: bool = True, scan_id: str = "s") -> Scan:
    made = {"quality": {"usable": usable}, "scan": {"index": 0}}
    return Scan(id=scan_id, primary_index=0, identifications=[made])


def test_one_confirmed_substance_may_become_a_reference() -> None:
    assert refusal(confirmed(), scan()) is None


@pytest.mark.parametrize(
    ("case", "of", "words"),
    [
        (confirmed(CaseState.RELEASED), scan(), "the case is released"),
        (confirmed(CaseState.LAB_REFUTED), scan(), "the case is lab_refuted"),
        (confirmed(outcome="mixture"), scan(), "a mixture is no reference"),
        (confirmed(answered=CAFFEINE * 2), scan(), "a mixture is no reference"),
        (confirmed(results=[]), scan(), "exactly this one substance"),
        (confirmed(agrees=0), scan(), "exactly this one substance"),
        (confirmed(found=[*CAFFEINE, {"substance": "lactose"}]), scan(), "exactly this one substance"),
        (confirmed(found=[{"substance": "lactose"}]), scan(), "another substance"),
        (confirmed(), scan(scan_id="other"), "does not belong"),
        (confirmed(), scan(usable=False), "fit to be judged"),
    ],
)
def test_anything_less_may_not_and_the_reason_is_said(case: Confirmed, of: Scan, words: str) -> None:
    assert words in (refusal(case, of) or "")


def test_a_form_that_only_one_states_contradicts_nothing_and_two_forms_do() -> None:
    base, salt = {"substance": "X", "form": "base"}, {"substance": "x", "form": "hydrochloride"}
    assert same_substance(base, {"substance": "x"})
    assert not same_substance(base, salt)


def test_a_confirmation_breaks_with_its_case_its_laboratory_and_its_answer() -> None:
    assert broken_confirmation(confirmed(), "f") is None
    assert "refuted" in (broken_confirmation(confirmed(CaseState.LAB_REFUTED), "f") or "")
    assert "refuted" in (broken_confirmation(confirmed(agrees=0), "f") or "")
    assert "no longer confirmed" in (broken_confirmation(confirmed(CaseState.RELEASED), "f") or "")
    assert "was corrected" in (broken_confirmation(confirmed(), "earlier") or "")
