"""Laboratory results as pages: what waits, what is entered, and what a contradiction sets off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reachback.accounts.models import Role
from reachback.web.laboratory.result_form import ResultForm
from tests.contracts.made_desk import SAID, Desk
from tests.reachback.web.laboratory.made_laboratory import person

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
RESULT = {
    "laboratory": "North",
    "technique": "GC-MS",
    "reported_at": "2030-01-02T04:00",
    "zone": "+02:00",
    "reference_number": "7/30",
}
RIGHT = {f"substance_{n}": part["substance"] for n, part in enumerate(SAID, start=1)}


@pytest.fixture
def case_id(laboratory: Desk) -> str:
    """A case that was answered and whose sample is at a laboratory."""
    made = laboratory.released_case()
    sent = laboratory.chemist("one").post(f"/cases/{made}/laboratory-referral", {"laboratory": "North"})
    assert sent.status_code == 200, sent.text
    return made


def test_what_waits_is_listed_with_its_clock(laboratory: Desk, case_id: str) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    page = lib.get("/library/referrals").text
    assert f"/library/referrals/{case_id}#result" in page
    assert 'datetime="2030-01-03T03:04:05Z" data-time="left"' in page
    auditor = person(laboratory, Role.AUDITOR, "aud").get("/library/referrals").text
    assert "North" in auditor
    assert "Enter the result" not in auditor
    assert person(laboratory, Role.OFFICER, "anna").get("/library/referrals").status_code == 403
    assert person(laboratory, Role.AUDITOR, "aud").post(f"/library/referrals/{case_id}", RESULT).status_code == 403
    waiting = laboratory.reader(Role.LIBRARIAN, "lib").get("/laboratory-referrals").json()["items"]
    assert [(each["case_id"], each["laboratory"]) for each in waiting] == [(case_id, "North")]
    assert lib.get(f"/library/referrals?case={case_id}").headers["location"] == f"/library/referrals/{case_id}"
    assert lib.get("/library/referrals/none").status_code == 404


def test_a_result_that_agrees_confirms_the_case(laboratory: Desk, case_id: str) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    done = lib.post(f"/library/referrals/{case_id}", {**RESULT, **RIGHT})
    assert done.headers["location"] == f"/library/referrals/{case_id}?note=confirmed", done.text
    assert laboratory.state(case_id) == "lab_confirmed"
    page = lib.get(done.headers["location"]).text
    assert "bears out what was answered" in page
    assert "Enter the result" not in page
    (result,) = laboratory.reader(Role.LIBRARIAN, "lib").get(f"/cases/{case_id}/laboratory").json()["results"]
    assert (result["reported_at"][:19], result["agrees"]) == ("2030-01-02T02:00:00", True)
    listed = lib.get("/library/referrals").text
    assert "No sample waits" in listed
    assert "bears the answer out" in listed


def test_a_contradiction_is_asked_for_twice_and_sends_a_correction(laboratory: Desk, case_id: str) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    fields = {**RESULT, "substance_1": "heroin"}
    asked = lib.post(f"/library/referrals/{case_id}", fields)
    assert asked.status_code == 422
    assert "Nothing is entered yet" in asked.text
    assert 'value="heroin"' in asked.text
    assert laboratory.state(case_id) == "released"
    done = lib.post(f"/library/referrals/{case_id}", {**fields, "confirmed": "yes"})
    assert done.headers["location"].endswith("?note=refuted-told"), done.text
    assert laboratory.state(case_id) == "lab_refuted"
    page = lib.get(done.headers["location"]).text
    assert "a CORRECTION has gone to everyone" in page
    assert page.count("<strong>") > 1
    assert laboratory.officer().get(f"/cases/{case_id}/reply").json()["kind"] == "correction"
    again = lib.post(f"/library/referrals/{case_id}", {**fields, "confirmed": "yes"})
    assert (again.status_code, "belongs to a released answer" in again.text) == (422, True)


def test_every_slip_stands_beside_its_field(laboratory: Desk, case_id: str) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    page = lib.post(f"/library/referrals/{case_id}", {"laboratory": "North", "reported_at": "yesterday", "zone": "UTC"})
    assert page.status_code == 422
    for field in ("technique", "reference_number", "parts", "reported_at"):
        assert f'id="field-{field}-wrong"' in page.text, field
    assert 'value="North"' in page.text
    more = lib.post(f"/library/referrals/{case_id}", {**RESULT, "substance_1": "heroin", "step": "more"})
    assert (more.status_code, 'id="field-substance_8"' in more.text) == (200, True)
    assert 'value="heroin"' in more.text
    assert laboratory.state(case_id) == "released"


def test_the_pages_are_light(laboratory: Desk, case_id: str) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    for path in (f"/library/referrals/{case_id}", "/library/propose", "/library/references", "/library/review"):
        assert int(lib.get(path).headers["content-length"]) < 40_000, path


def test_a_case_that_is_not_answered_takes_no_result_and_tells_no_reader(laboratory: Desk) -> None:
    case_id = laboratory.new_case()
    one = laboratory.chemist("one")
    one.post(f"/cases/{case_id}/laboratory-referral", {"laboratory": "North"})
    for role, name in ((Role.LIBRARIAN, "lib"), (Role.CHEMIST, "two")):
        page = person(laboratory, role, name).get(f"/library/referrals/{case_id}").text
        assert "Nothing yet" in page
        assert "cocaine" not in page.partition("<main")[2].partition("<datalist")[0]
        assert "Enter the result" not in page
    refused = person(laboratory, Role.LIBRARIAN, "lib").post(f"/library/referrals/{case_id}", {**RESULT, **RIGHT})
    assert (refused.status_code, "belongs to a released answer" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("reported_at", "zone", "taken"),
    [
        ("2030-01-02T04:00", "Europe/Madrid", "2030-01-02T03:00:00+00:00"),
        ("2030-01-02T04:00", "UTC+1", "2030-01-02T03:00:00+00:00"),
        ("2030-01-02T01:00-0500", "UTC", None),  # an hour that is still to come
        ("2030-01-02T03:00Z", "", "2030-01-02T03:00:00+00:00"),
        ("1030-01-02T03:00", "UTC", None),
        ("2030-01-02T03:00", "Nowhere/Here", None),
        ("2030-01-02T03:00", "../../etc/passwd", None),
        ("2030-01-02T03:00", "+99:00", None),
        ("0001-01-01T00:00", "+14:00", None),
    ],
)
def test_a_time_has_a_zone(reported_at: str, zone: str, taken: str | None) -> None:
    form = ResultForm({**RESULT, **RIGHT, "reported_at": reported_at, "zone": zone}, NOW)
    assert bool(form.wrong()) is (taken is None)
    if taken is not None:
        assert form.report().reported_at.isoformat() == taken
