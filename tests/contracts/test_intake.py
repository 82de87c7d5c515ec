"""Uploads on both databases: once per key, all or nothing, joined by exhibit, and shown to whom they belong."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reachback.accounts.models import Role
from reachback.db.session import Database
from reachback.intake.models import Reservation, Scan
from reachback.intake.schemas import ScanForm
from reachback.problems import Busy
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, Json, ScriptedIdentifier, file_with, identification, make_desk, make_services

UNSURE = identification("inconclusive")
UNUSABLE = identification("unusable")


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path) as made:
        yield made


@pytest.fixture
def officer(desk: Desk) -> Json:
    return desk.person(Role.OFFICER, "anna", "harbour")


def stored_scans(desk: Desk) -> list[Scan]:
    with desk.database.reading() as session:
        return session.query(Scan).order_by(Scan.received_at, Scan.id).all()


def record(desk: Desk, headers: Json, scan_id: str) -> Json:
    answer = desk.client.get(f"/api/v1/scans/{scan_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def test_an_upload_is_answered_as_the_contract_says(desk: Desk, officer: Json) -> None:
    content = file_with(UNSURE)
    answer = desk.upload(officer, content, "key", technique="ftir", place="quay 3")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"scan_id", "sha256", "identification", "case", "receipt"}
    assert body["sha256"] == hashlib.sha256(content).hexdigest()
    assert body["identification"] == UNSURE
    assert set(body["case"]) == {"case_id", "state", "due_at"}
    assert body["case"]["state"] == "queued"
    assert set(body["receipt"]) == {"received_at", "audit_index", "checkpoint"}
    proof = desk.client.get(
        f"/api/v1/audit/proof/{body['receipt']['audit_index']}", headers=desk.person(Role.AUDITOR, "otto")
    )
    assert proof.status_code == 200
    assert body["scan_id"] in proof.text
    again = desk.upload(officer, content, "key", technique="ftir", place="quay 3")
    assert (again.status_code, again.json()) == (200, body)
    assert len(desk.identifier.asked) == 1


def test_a_clean_match_opens_no_case(desk: Desk, officer: Json) -> None:
    assert desk.upload(officer, file_with(identification()), "key").json()["case"] is None
    assert desk.client.get("/api/v1/cases", headers=officer).json()["items"] == []


def test_the_same_key_with_other_bytes_is_refused(desk: Desk, officer: Json) -> None:
    desk.upload(officer, file_with(UNSURE), "key")
    other = desk.upload(officer, file_with(UNSURE, salt="other"), "key")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    mate = desk.person(Role.OFFICER, "ben", "harbour")
    assert desk.upload(mate, file_with(UNSURE, salt="other"), "key").status_code == 201, "keys belong to accounts"


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "tab\t"])
def test_a_malformed_key_is_refused(desk: Desk, officer: Json, key: str) -> None:
    answer = desk.upload(officer, file_with(UNSURE), key)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]
    assert stored_scans(desk) == []


def test_without_a_key_every_upload_is_a_scan(desk: Desk, officer: Json) -> None:
    ids = {desk.upload(officer, file_with(UNSURE)).json()["scan_id"] for _ in range(2)}
    assert len(ids) == 2


def test_fifty_equal_uploads_at_once_are_one_scan(desk: Desk) -> None:
    desk.identifier.pause = 0.3
    anna = desk.principal(Role.OFFICER, "anna", "harbour")
    content = file_with(UNSURE)
    answers = []

    def send() -> None:
        answers.append(desk.intake.upload(anna, "key", "a.jdx", content, ScanForm()))

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert sum(answer.is_new for answer in answers) == 1
    assert all(answer.body == answers[0].body for answer in answers)
    assert len(stored_scans(desk)) == len(desk.identifier.asked) == 1
    assert len(desk.client.get("/api/v1/cases", headers=desk.person(Role.CHEMIST, "m")).json()["items"]) == 1


def test_what_cannot_be_read_is_kept_and_refused_again(desk: Desk, officer: Json, tmp_path: Path) -> None:
    answers = [desk.upload(officer, b"%PDF", "key") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert "no reader knows these bytes" in answers[0].json()["detail"]
    scan_id = answers[0].json()["scan_id"]
    assert record(desk, officer, scan_id)["state"] == "unreadable"
    assert desk.client.get(f"/api/v1/scans/{scan_id}/file", headers=officer).content == b"%PDF"
    assert len(desk.identifier.asked) == 1


def test_the_first_usable_spectrum_is_answered_and_the_others_are_kept(desk: Desk, officer: Json) -> None:
    refusal = {"index": 2, "error": "a peak table"}
    content = file_with(UNUSABLE, identification(), UNSURE, refusals=[refusal])
    body = desk.upload(officer, content, "key").json()
    assert body["identification"]["outcome"] == "match"
    kept = record(desk, officer, body["scan_id"])
    assert [each["outcome"] for each in kept["identifications"]] == ["unusable", "match", "inconclusive"]
    assert kept["identification"] == body["identification"]
    assert kept["refusals"] == [refusal]
    assert kept["receipt"] == body["receipt"]


def test_original_bytes_come_back_unchanged_to_their_unit_only(desk: Desk, officer: Json) -> None:
    content = file_with(UNSURE)
    scan_id = desk.upload(officer, content, "key").json()["scan_id"]
    stranger = desk.person(Role.OFFICER, "theo", "airport")
    for path in ("", "/file"):
        assert desk.client.get(f"/api/v1/scans/{scan_id}{path}", headers=stranger).status_code == 404
        assert desk.client.get(f"/api/v1/scans/{scan_id}{path}", headers=officer).status_code == 200
    assert desk.client.post(f"/api/v1/scans/{scan_id}/review", headers=stranger).status_code == 404
    answer = desk.client.get(f"/api/v1/scans/{scan_id}/file", headers=desk.person(Role.CHEMIST, "marie"))
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"colour": "white"}, "metadata.colour"),
        ({"scanned_at": "2030-01-01T10:00:00"}, "metadata.scanned_at"),
        ({"scanned_at": 1893456000}, "metadata.scanned_at"),
        ({"technique": "xrd"}, "metadata.technique"),
        ({"laser_nm": 5}, "metadata.laser_nm"),
        ({"strips": [{"kind": "fentanyl", "result": "maybe"}]}, "metadata.strips.0.result"),
        ({"weight": {"value": 3}}, "metadata.weight.unit"),
        ({"want_review": "perhaps"}, "metadata.want_review"),
        ({"exhibit": "a\0b"}, "metadata.exhibit"),
    ],
)
def test_a_wrong_form_names_its_field_and_keeps_nothing(desk: Desk, officer: Json, form: Json, named: str) -> None:
    answer = desk.upload(officer, file_with(UNSURE), "key", **form)
    assert answer.status_code == 422
    assert named in {error["field"] for error in answer.json()["errors"]}
    assert stored_scans(desk) == []


def test_the_form_is_kept_as_said(desk: Desk, officer: Json) -> None:
    form = {
        "technique": "raman",
        "laser_nm": 785,
        "strips": [{"kind": "fentanyl", "result": "negative"}],
        "weight": {"value": 0.4, "unit": "g"},
        "sampled_through_bag": True,
        "scanned_at": "2030-01-01T10:00:00+02:00",
        "self_test": True,
    }
    kept = record(desk, officer, desk.upload(officer, file_with(UNSURE), "key", **form).json()["scan_id"])["form"]
    assert kept["laser_nm"] == 785
    assert kept["strips"] == form["strips"]
    assert kept["weight"] == form["weight"]
    assert kept["self_test"] == "passed"
    assert kept["scanned_at"] == form["scanned_at"]


def test_scans_of_one_exhibit_join_one_open_case(desk: Desk, clock: StillClock, officer: Json) -> None:
    clean = desk.upload(officer, file_with(identification()), "1", exhibit="E7").json()
    assert clean["case"] is None
    clock.pass_time(minutes=1)
    unsure = desk.upload(officer, file_with(UNSURE), "2", exhibit="E7").json()
    clock.pass_time(minutes=20)
    third = desk.upload(officer, file_with(identification(), salt="3"), "3", exhibit="E7", exposure=True).json()
    assert third["case"] == unsure["case"], "neither another case nor another deadline"
    mate = desk.person(Role.OFFICER, "far", "airport")
    foreign = desk.upload(mate, file_with(UNSURE), "4", exhibit="E7").json()
    assert foreign["case"]["case_id"] != unsure["case"]["case_id"]
    case = desk.client.get(f"/api/v1/cases/{unsure['case']['case_id']}", headers=officer).json()
    assert case["scan_ids"] == [clean["scan_id"], unsure["scan_id"], third["scan_id"]]
    assert case["lane"] == "exposure"
    assert record(desk, officer, clean["scan_id"])["case"]["case_id"] == case["case_id"]


def test_scans_of_one_exhibit_at_the_same_time_open_one_case(desk: Desk) -> None:
    desk.identifier.pause = 0.1
    anna = desk.principal(Role.OFFICER, "anna", "harbour")
    threads = [
        threading.Thread(
            target=desk.intake.upload,
            args=(anna, str(number), "a", file_with(UNSURE, salt=str(number)), ScanForm(exhibit="E")),
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cases = desk.client.get("/api/v1/cases", headers=desk.person(Role.CHEMIST, "m")).json()["items"]
    assert len(cases) == 1
    assert sorted(cases[0]["scan_ids"]) == sorted(scan.id for scan in stored_scans(desk))


def test_an_unusable_scan_waits_ten_minutes_for_a_better_one(desk: Desk, clock: StillClock, officer: Json) -> None:
    lonely = desk.upload(officer, file_with(UNUSABLE), "1", exhibit="A").json()
    bettered = desk.upload(officer, file_with(UNUSABLE, salt="b"), "2", exhibit="B").json()
    assert lonely["case"] is bettered["case"] is None
    clock.pass_time(minutes=9)
    desk.upload(officer, file_with(identification()), "3", exhibit="B")
    assert desk.intake.decide_late() == 0
    clock.pass_time(minutes=1)
    assert desk.intake.decide_late() == 1
    assert desk.intake.decide_late() == 0
    assert record(desk, officer, lonely["scan_id"])["case"]["state"] == "queued"
    assert record(desk, officer, bettered["scan_id"])["case"] is None


def test_an_officers_wish_opens_a_case_once(desk: Desk, officer: Json) -> None:
    scan_id = desk.upload(officer, file_with(identification()), "1").json()["scan_id"]
    url = f"/api/v1/scans/{scan_id}/review"
    first, second = desk.client.post(url, headers=officer), desk.client.post(url, headers=officer)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    case_id = first.json()["case"]["case_id"]
    assert record(desk, officer, scan_id)["case"]["case_id"] == case_id
    desk.client.post(f"/api/v1/cases/{case_id}/withdraw", headers=officer)
    again = desk.client.post(url, headers=officer)
    assert again.status_code == 201
    assert again.json()["case"]["case_id"] != case_id


def test_photos_stand_beside_a_scan(desk: Desk, officer: Json) -> None:
    scan_id = desk.upload(officer, file_with(identification()), "1").json()["scan_id"]
    url = f"/api/v1/scans/{scan_id}/attachments"
    sent = [
        desk.client.post(
            url, headers=officer, files={"file": ("t.jpg", b"\xff\xd8photo", "image/jpeg")}, data={"kind": "tablet"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in sent] == [201, 200]
    assert sent[0].json() == sent[1].json()
    kept = record(desk, officer, scan_id)["attachments"]
    assert [each["kind"] for each in kept] == ["tablet"]
    answer = desk.client.get(f"{url}/{kept[0]['attachment_id']}", headers=officer)
    assert answer.content == b"\xff\xd8photo"
    assert answer.headers["content-type"] == "application/octet-stream"
    wrong = desk.client.post(url, headers=officer, files={"file": ("t", b"x")}, data={"kind": "selfie"})
    assert wrong.status_code == 422


def test_a_failure_leaves_the_scan_to_the_next_request(desk: Desk, officer: Json) -> None:
    def fail() -> None:
        desk.identifier.before = lambda: None
        raise RuntimeError("struck by lightning")

    desk.identifier.before = fail
    anna = desk.principal(Role.OFFICER, "anna", "harbour")
    content = file_with(UNSURE)
    with pytest.raises(RuntimeError, match="lightning"):
        desk.intake.upload(anna, "key", "a", content, ScanForm())
    reserved = stored_scans(desk)[0]
    assert reserved.state == "reserved"
    answer = desk.upload(officer, content, "key")
    assert (answer.status_code, answer.json()["scan_id"]) == (200, reserved.id)


def test_a_new_process_takes_up_what_a_dead_one_reserved(desk: Desk, clock: StillClock, tmp_path: Path) -> None:
    identifier = ScriptedIdentifier()
    dead = make_services(desk.database, clock, tmp_path, identifier)[0].intake
    identifier.before = _die
    anna = desk.principal(Role.OFFICER, "anna", "harbour")
    with pytest.raises(SystemExit):
        dead.upload(anna, "key", "a", file_with(UNSURE), ScanForm())
    with desk.database.writing("test", "as a killed process leaves it") as session:
        reservation = session.query(Reservation).one()
        reservation.expires_at = clock.now() + (reservation.expires_at - reservation.expires_at.replace(year=2029))
    assert desk.intake.resume() == 0, "its owner lives"
    dead.sign.lower()
    assert desk.intake.resume() == 1
    assert desk.intake.resume() == 0
    scan = stored_scans(desk)[0]
    assert (scan.state, scan.outcome) == ("identified", "inconclusive")
    assert scan.case_id is not None


def _die() -> None:
    raise SystemExit(1)


def test_a_slow_owner_who_lost_his_reservation_writes_nothing(desk: Desk, clock: StillClock, tmp_path: Path) -> None:
    identifier = ScriptedIdentifier()
    slow = make_services(desk.database, clock, tmp_path, identifier)[0].intake

    def overtake() -> None:
        clock.pass_time(minutes=6)
        assert desk.intake.resume() == 1

    identifier.before = overtake
    anna = desk.principal(Role.OFFICER, "anna", "harbour")
    answer = slow.upload(anna, "key", "a", file_with(UNSURE), ScanForm())
    assert answer.status == 201
    assert len(desk.client.get("/api/v1/cases", headers=desk.person(Role.CHEMIST, "m")).json()["items"]) == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN, Role.LIBRARIAN])
def test_who_may_not_upload(desk: Desk, role: Role) -> None:
    assert desk.upload(desk.person(role, "x"), file_with(UNSURE), "k").status_code == 403


def test_a_full_queue_is_said_and_keeps_nothing(desk: Desk, officer: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    content = file_with(UNSURE)
    answered = desk.upload(officer, content, "answered-before")

    def full() -> None:
        raise Busy("all identification processes are at work", retry_after=2)

    monkeypatch.setattr(desk.identifier, "place", full)
    busy = desk.upload(officer, content, "new")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert len(stored_scans(desk)) == 1
    again = desk.upload(officer, content, "answered-before")
    assert (again.status_code, again.json()) == (200, answered.json()), "an answer that is known needs no process"
