"""The order of what waits, whose turn each case is, and earlier cases that one reminds of, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reachback.accounts.models import Role
from reachback.cases.models import Lane
from reachback.cases.worklist import Worklist
from reachback.db.session import Database
from reachback.intake.earlier_scans import EarlierScans
from reachback.problems import NotAllowed
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, Json, file_with, identification, make_desk


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path, second_read_share=1.0) as made:
        yield made


def worklist(desk: Desk) -> Worklist:
    return Worklist(desk.database, desk.services.clock)


def answered(desk: Desk, officer: Json, element: Json, salt: str) -> str:
    """A case with this verdict, read twice and sent; its id."""
    made = desk.upload(officer, file_with(element, salt=salt), want_review=True).json()
    case_id: str = made["case"]["case_id"]
    said = {"outcome": "identified", "components": [{"substance": "caffeine"}]}
    for name, where in (("one", "finding"), ("two", "second-read")):
        reader = desk.person(Role.CHEMIST, name)
        lease = desk.client.post(f"/api/v1/cases/{case_id}/claim", headers=reader).json()["lease"]["token"]
        done = desk.client.post(f"/api/v1/cases/{case_id}/{where}", json={"lease_token": lease, **said}, headers=reader)
        assert done.status_code == 200, done.text
    assert desk.client.post(f"/api/v1/cases/{case_id}/release", json={}, headers=reader).status_code == 200
    return case_id


def test_lane_comes_first_and_then_the_deadline(desk: Desk, clock: StillClock) -> None:
    for lane in (Lane.GENERAL, Lane.FENTANYL, Lane.RETROSPECTIVE, Lane.EXPOSURE):
        for number in (1, 2):
            desk.open_case(lane, exhibit=f"{lane} {number}")
            clock.pass_time(minutes=1)
    reader = desk.principal(Role.CHEMIST, "one")
    shown = [row.exhibit for row in worklist(desk).waiting(reader)]
    assert shown == [
        f"{lane} {n}" for lane in (Lane.EXPOSURE, Lane.FENTANYL, Lane.GENERAL, Lane.RETROSPECTIVE) for n in (1, 2)
    ]
    claim = desk.cases.claim_next(reader)
    assert claim is not None
    assert claim.case["exhibit"] == shown[0], "the list's order is that of claim-next"


def test_the_holder_is_seen_and_the_case_is_not_free_for_others(desk: Desk, clock: StillClock) -> None:
    case = desk.open_case()
    one, two = desk.principal(Role.CHEMIST, "one"), desk.principal(Role.CHEMIST, "two")
    desk.cases.claim(case.id, one)
    (mine,), (others,) = worklist(desk).waiting(one), worklist(desk).waiting(two)
    assert (mine.holder, mine.is_mine, mine.is_free) == ("one", True, True)
    assert (others.holder, others.is_mine, others.is_free) == ("one", False, False)
    clock.pass_time(minutes=16)
    assert worklist(desk).waiting(two)[0].is_free, "a hold that has lapsed holds nobody off"


def test_nobody_is_offered_his_own_finding(desk: Desk) -> None:
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    case_id = desk.upload(officer, file_with(identification("no_match"))).json()["case"]["case_id"]
    one = desk.person(Role.CHEMIST, "one")
    lease = desk.client.post(f"/api/v1/cases/{case_id}/claim", headers=one).json()["lease"]["token"]
    said = {"lease_token": lease, "outcome": "not_identified"}
    assert desk.client.post(f"/api/v1/cases/{case_id}/finding", json=said, headers=one).status_code == 200
    (own,) = worklist(desk).waiting(desk.principal(Role.CHEMIST, "one"))
    (other,) = worklist(desk).waiting(desk.principal(Role.CHEMIST, "two"))
    assert (own.reading, own.is_free) == ("second", False)
    assert "nobody reads his own finding" in (own.not_mine_because or "")
    assert other.is_free
    watching = worklist(desk).waiting(desk.principal(Role.SUPERVISOR, "sam"))
    assert not watching[0].is_free, "a supervisor sees the list and reads nothing"


def test_one_case_is_shown_whatever_its_state_and_only_to_those_who_may_see_it(desk: Desk) -> None:
    case = desk.open_case(unit="harbour")
    reader = desk.principal(Role.CHEMIST, "one")
    desk.cases.withdraw(case.id, "a mistake", desk.principal(Role.SUPERVISOR, "sam"))
    shown = worklist(desk).one(case.id, reader)
    assert shown is not None
    assert (shown.state, shown.reading, shown.is_free) == ("withdrawn", None, False)
    assert worklist(desk).one(case.id, desk.principal(Role.OFFICER, "ben", "airport")) is None
    assert worklist(desk).one("no such case", reader) is None


def test_earlier_cases_name_the_same_or_lie_near(desk: Desk) -> None:
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    part = identification()["components"][0]
    near = [{"form": None, "reference": "caffeine.jdx", "score": 0.4, "substance": "caffeine"}]
    watched = [{"substance": "caffeine", "detected": False, "limit_share": 0.1}]
    same = answered(desk, officer, identification(), "same")
    alike = answered(desk, officer, identification("no_match", candidates=near), "near")
    answered(desk, officer, identification("no_match", targets=watched), "watched for, and not seen")
    other = identification(components=[{**part, "substance": "O'Neill's 100% \\ salt", "reference": "x.jdx"}])
    strange = answered(desk, officer, other, "strange")
    open_case = desk.upload(officer, file_with(identification(), salt="open"), want_review=True).json()["case"]
    reader = desk.principal(Role.CHEMIST, "three")
    earlier = EarlierScans(desk.database)

    found = earlier.like(identification(candidates=near), open_case["case_id"], reader)
    assert {each.case_id for each in found} == {same, alike}
    assert {each.case_id for each in earlier.like(other, "", reader)} == {strange}
    assert earlier.like(identification("no_match"), "", reader) == []
    raman = {**identification(), "scan": {**identification()["scan"], "technique": "raman"}}
    assert earlier.like(raman, "", reader) == [], "of another technique there is nothing to compare"
    with pytest.raises(NotAllowed):
        earlier.like(identification(), "", desk.principal(Role.OFFICER, "anna", "harbour"))
