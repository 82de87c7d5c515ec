from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from library.ledger import State
from library.store import LibraryStore
from library.stored_reference import StoredReference
from reachback.accounts.models import Role
from reachback.adjudication.models import LaboratoryResult
from reachback.audit.verification import verify
from reachback.cases.models import CaseState
from reachback.curation.models import CaseReference
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import Desk, Reader, identified, make_desk

RESULT = {
    "laboratory": "north",
    "technique": "GC-MS",
    "reported_at": "2030-01-02T05:00:00Z",
    "reference_number": "7/30",
}
CAFFEINE = {"substance": "caffeine"}


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    LibraryStore.create(tmp_path / "library", "made", "setter up", "2030-01-01T00:00:00Z")
    return make_desk(database, clock, tmp_path)


@pytest.fixture
def librarian(desk: Desk) -> Reader:
    return desk.reader(Role.LIBRARIAN, "lib")


def released_case(desk: Desk, component: dict[str, Any]) -> str:
    """A case that was answered with one substance; the machine had named nothing that the chemist rejects."""
    elements = [{**identified()[1][0], "outcome": "no_match", "components": [], "alerts": [], "class_hint": None}]
    case_id = desk.new_case(elements)
    one = desk.chemist("one")
    assert one.claim(case_id).status_code == 200
    answer = one.say("finding", case_id, "identified", component)
    assert (answer.status_code, desk.state(case_id)) == (200, CaseState.FOUND), answer.text
    assert one.post(f"/cases/{case_id}/release", {}).status_code == 200
    return case_id


def confirmed_case(desk: Desk, component: dict[str, Any] | None = None, confirmed: Any = None) -> str:
    """A case that was answered with one substance, and what a laboratory said of it."""
    case_id = released_case(desk, component or CAFFEINE)
    body = {**RESULT, "components": confirmed or [component or CAFFEINE]}
    answer = desk.chemist("one").post(f"/cases/{case_id}/lab-result", body)
    assert answer.status_code == 200, answer.text
    return case_id


def standings(tmp_path: Path) -> dict[str, State]:
    ledger = LibraryStore.at(tmp_path / "library").ledger()
    return {identifier: standing.state for identifier, standing in ledger.standings.items()}


def reference(tmp_path: Path, reference_id: str) -> StoredReference:
    return LibraryStore.at(tmp_path / "library").ledger().standings[reference_id].reference


def test_a_confirmed_scan_becomes_a_candidate_with_its_chain_of_evidence(
    desk: Desk, librarian: Reader, tmp_path: Path
) -> None:
    case_id = confirmed_case(desk)
    made = librarian.post("/library/candidates", {"case_id": case_id})
    assert made.status_code == 201, made.text
    candidate = made.json()
    stored = reference(tmp_path, candidate["reference_id"])
    assert (stored.row.substance, stored.row.technique, stored.row.controlled) == ("caffeine", "ftir", False)
    assert case_id in stored.row.source
    chain = json.loads(stored.row.detail("evidence") or "")
    assert chain == candidate["evidence"]
    assert chain["scan"]["id"] == desk.scan_of(case_id)
    assert chain["scan"]["sha256"] == stored.digest  # the very bytes that were uploaded
    assert chain["laboratory"]["reference_number"] == "7/30"
    assert set(chain["audit"]) == {"scans", "findings", "laboratory_results"}
    for table, row_id in (("findings", chain["finding"]["id"]), ("laboratory_results", chain["laboratory"]["id"])):
        entry = desk.reader(Role.AUDITOR, "aud").get(f"/audit/proof/{chain['audit'][table]}").json()["entry"]
        assert (entry["table_name"], entry["row_id"]) == (table, row_id)
    again = librarian.post("/library/candidates", {"case_id": case_id})
    assert (again.status_code, again.json()["proposal_id"]) == (200, candidate["proposal_id"])
    assert len(standings(tmp_path)) == 1


def test_nothing_becomes_a_candidate_before_a_laboratory_has_confirmed_it(desk: Desk, librarian: Reader) -> None:
    released = released_case(desk, CAFFEINE)
    answer = librarian.post("/library/candidates", {"case_id": released})
    assert (answer.status_code, "a laboratory has confirmed" in answer.json()["detail"]) == (409, True)
    mixture = desk.released_case()
    body = {**RESULT, "components": [{"substance": name} for name in ("cocaine", "lactose", "caffeine")]}
    assert desk.chemist("one").post(f"/cases/{mixture}/lab-result", body).status_code == 200
    answer = librarian.post("/library/candidates", {"case_id": mixture})
    assert (answer.status_code, "a mixture is no reference" in answer.json()["detail"]) == (409, True)
    refuted = confirmed_case(desk, CAFFEINE, [{"substance": "lactose"}])
    assert desk.state(refuted) == CaseState.LAB_REFUTED
    assert librarian.post("/library/candidates", {"case_id": refuted}).status_code == 409
    assert librarian.post("/library/candidates", {"case_id": "none"}).status_code == 404


def test_a_substance_that_the_library_does_not_know_has_to_be_stated(
    desk: Desk, librarian: Reader, tmp_path: Path
) -> None:
    case_id = confirmed_case(desk, {"substance": "novel"})
    answer = librarian.post("/library/candidates", {"case_id": case_id})
    assert (answer.status_code, answer.json()["detail"][:11]) == (422, "controlled:")
    answer = librarian.post("/library/candidates", {"case_id": case_id, "controlled": True})
    assert (answer.status_code, answer.json()["detail"][:9]) == (422, "inchikey:")
    stated = {"controlled": True, "cas": "50-36-2", "substance_class": "fentanyl-related"}
    answer = librarian.post("/library/candidates", {"case_id": case_id, **stated})
    assert answer.status_code == 201, answer.text
    row = reference(tmp_path, answer.json()["reference_id"]).row
    assert (row.substance, row.controlled, row.watch, row.substance_class) == ("novel", True, True, "fentanyl-related")


def test_a_candidate_falls_with_its_confirmation(desk: Desk, librarian: Reader, tmp_path: Path) -> None:
    case_id = confirmed_case(desk)
    candidate = librarian.post("/library/candidates", {"case_id": case_id}).json()
    curation = desk.app.state.services.curation
    assert curation.withdraw_unconfirmed() == 0
    _add_refuting_result(desk, case_id)
    assert curation.withdraw_unconfirmed() == 1
    assert curation.withdraw_unconfirmed() == 0
    assert standings(tmp_path) == {candidate["reference_id"]: State.WITHDRAWN}
    (shown,) = librarian.get("/library/candidates").json()["items"]
    assert (shown["state"], shown["withdrawn_because"]) == ("withdrawn", "a laboratory has refuted the answer")


def _add_refuting_result(desk: Desk, case_id: str) -> None:
    services = desk.app.state.services
    with services.database.writing("test", "laboratory.correct") as session:
        first = session.scalars(select(LaboratoryResult).where(LaboratoryResult.case_id == case_id)).one()
        session.add(
            LaboratoryResult(
                id="second",
                case_id=case_id,
                laboratory="south",
                technique="NMR",
                components=[{"substance": "lactose"}],
                reported_at=first.reported_at,
                reference_number="8/30",
                entered_by=first.entered_by,
                entered_at=desk.clock.now(),
                agrees=0,
            )
        )


def test_a_librarian_may_withdraw_and_another_reviews(desk: Desk, librarian: Reader, tmp_path: Path) -> None:
    candidate = librarian.post("/library/candidates", {"case_id": confirmed_case(desk)}).json()
    reference_id = candidate["reference_id"]
    if standings(tmp_path)[reference_id] is State.DRAFT:
        pytest.skip("the store's checks hold the example scan back")
    own = librarian.post("/library/references/review", {"reference_ids": [reference_id]})
    assert (own.status_code, "another person" in own.json()["detail"]) == (409, True)
    other = desk.reader(Role.LIBRARIAN, "other").post("/library/references/review", {"reference_ids": [reference_id]})
    assert other.json() == {"reference_ids": [reference_id]}
    (shown,) = librarian.get("/library/references?state=reviewed").json()["items"]
    assert (shown["proposed_by"], shown["reviewed_by"], shown["substance"]) == ("lib", "other", "caffeine")
    gone = librarian.post(f"/library/candidates/{candidate['proposal_id']}/withdraw", {"because": "a wrong label"})
    assert gone.json()["state"] == "withdrawn"
    assert standings(tmp_path)[reference_id] is State.WITHDRAWN
    again = librarian.post(f"/library/candidates/{candidate['proposal_id']}/withdraw", {"because": "again"})
    assert again.status_code == 409


def test_only_librarians_propose_and_review(desk: Desk) -> None:
    for reader in (desk.chemist("one"), desk.officer(), desk.reader(Role.ADMIN, "root")):
        for path, body in (
            ("/library/candidates", {"case_id": "x"}),
            ("/library/candidates/x/withdraw", {"because": "x"}),
            ("/library/references/review", {"reference_ids": ["R000001"]}),
        ):
            assert reader.post(path, body).status_code == 403
    for path in ("/library/references", "/library/releases", "/library/candidates", "/rescreenings"):
        assert desk.officer().get(path).status_code == 403
        assert desk.chemist("one").get(path).json()["items"] == []


def test_pages_of_references_lead_through_all_of_them(desk: Desk, librarian: Reader) -> None:
    ids = [librarian.post("/library/candidates", {"case_id": confirmed_case(desk)}).json()["reference_id"]]
    page = librarian.get("/library/references?limit=1").json()
    assert [item["reference_id"] for item in page["items"]] == ids
    assert page["next"] is None


def test_candidates_are_in_the_audit_log(desk: Desk, librarian: Reader) -> None:
    librarian.post("/library/candidates", {"case_id": confirmed_case(desk)})
    services = desk.app.state.services
    checked = verify(services.database, services.files, None)
    assert "case_references" in checked.audited
    assert [each for each in checked.broken if each.table == "case_references"] == []
    with services.database.reading() as session:
        assert len(session.scalars(select(CaseReference)).all()) == 1


def test_without_a_store_it_is_said_where_one_is_made(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    desk = make_desk(database, clock, tmp_path)
    librarian = desk.reader(Role.LIBRARIAN, "lib")
    answer = librarian.post("/library/candidates", {"case_id": confirmed_case(desk)})
    assert answer.status_code == 409
    assert "reachback library init" in answer.json()["detail"]
    assert librarian.get("/library/references").status_code == 404
    with desk.app.state.services.database.reading() as session:
        assert session.scalars(select(CaseReference)).all() == []
