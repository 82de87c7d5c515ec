"""What goes out to officers, on both databases, over HTTP."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import SAID, Desk, digest, identified, make_desk

FENTANYL = {"substance": "fentanyl"}
RESULT = {
    "laboratory": "North",
    "technique": "GC-MS",
    "components": SAID,
    "reported_at": "2030-01-02T09:00:00+01:00",
    "reference_number": "N-7",
}


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(database, clock, tmp_path)
    with made.client:
        yield made


def kinds(desk: Desk) -> list[str]:
    return [notice["kind"] for notice in desk.officer().get("/notices").json()["items"]]


def test_the_answer_reaches_the_officer(desk: Desk) -> None:
    case_id = desk.found_case()
    assert desk.officer().get(f"/cases/{case_id}/reply").status_code == 404
    desk.clock.pass_time(minutes=10)
    released = desk.chemist("two").post(f"/cases/{case_id}/release", {}).json()
    assert (released["case"]["state"], released["case"]["outcome"]) == ("released", "mixture")
    reply = desk.officer().get(f"/cases/{case_id}/reply").json()
    assert (reply["version"], reply["kind"]) == (1, "answer")
    content = reply["content"]
    assert content["marks"] == ["PRESUMPTIVE – not confirmed"]
    assert content["headline"] == "cocaine + lactose + caffeine"
    assert content["read_by"]["names"] == ["one"]
    assert content["released_by"] == "two"
    assert content["released_at"] == released["case"]["released_at"]
    assert content["checkpoint"]["size"] > 0
    assert kinds(desk) == ["reply.answer"]


def test_release_is_refused_before_anything_is_found(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    assert one.post(f"/cases/{case_id}/release", {}).status_code == 409
    one.claim(case_id)
    assert one.post(f"/cases/{case_id}/release", {}).status_code == 409
    assert one.post(f"/cases/{case_id}/release", {"force": True}).status_code == 422


def test_an_answer_is_released_once(desk: Desk) -> None:
    case_id = desk.released_case()
    assert desk.chemist("one").post(f"/cases/{case_id}/release", {}).status_code == 409
    assert len(desk.officer().get(f"/cases/{case_id}/replies").json()["items"]) == 1


def at_once(work: Callable[[int], int], times: int) -> list[int]:
    """Do the same from several threads at the same moment."""
    barrier = threading.Barrier(times)

    def start(number: int) -> int:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(start, range(times)))


def test_of_many_releases_at_once_one_goes_out(desk: Desk) -> None:
    case_id = desk.found_case()
    chemists = [desk.chemist(name) for name in ("one", "two", "three", "four")]
    statuses = at_once(lambda number: chemists[number].post(f"/cases/{case_id}/release", {}).status_code, 4)
    assert statuses == [200, 409, 409, 409]
    assert len(desk.officer().get(f"/cases/{case_id}/replies").json()["items"]) == 1
    assert kinds(desk) == ["reply.answer"]


def test_a_preliminary_answer_goes_out_from_minute_45_and_the_second_reading_amends_it(desk: Desk) -> None:
    case_id = desk.found_case("identified", FENTANYL)
    one, two, anna = desk.chemist("one"), desk.chemist("two"), desk.officer()
    desk.clock.pass_time(minutes=44, seconds=59)
    assert one.post(f"/cases/{case_id}/release", {}).status_code == 409
    desk.clock.pass_time(seconds=1)
    released = one.post(f"/cases/{case_id}/release", {})
    assert released.status_code == 200
    assert released.json()["case"]["state"] == "second_read"
    reply = anna.get(f"/cases/{case_id}/reply").json()
    assert reply["kind"] == "preliminary"
    assert reply["content"]["marks"][0] == "PRELIMINARY – ONE READER"
    assert one.post(f"/cases/{case_id}/release", {}).status_code == 409
    two.claim(case_id)
    for path in (f"/cases/{case_id}/reply", f"/scans/{desk.scan_of(case_id)}/report.pdf"):
        assert two.get(path).status_code == 409  # he still reads blind
    two.look(case_id)
    assert two.get(f"/scans/{desk.scan_of(case_id)}/package.zip").status_code == 409
    two.say("second-read", case_id, "identified", FENTANYL)
    desk.clock.pass_time(minutes=1)
    two.post(f"/cases/{case_id}/release", {})
    reply = anna.get(f"/cases/{case_id}/reply").json()
    assert (reply["version"], reply["kind"], reply["content"]["replaces"]) == (2, "amendment", 1)
    assert reply["content"]["read_by"]["in_words"].endswith("they agree.")
    assert [each["version"] for each in anna.get(f"/cases/{case_id}/replies").json()["items"]] == [2, 1]
    assert kinds(desk) == ["reply.amendment", "reply.preliminary"]


def test_no_preliminary_answer_while_a_second_reader_reads(desk: Desk) -> None:
    case_id = desk.found_case("identified", FENTANYL)
    desk.clock.pass_time(minutes=50)
    desk.chemist("two").claim(case_id)
    assert desk.chemist("one").post(f"/cases/{case_id}/release", {}).status_code == 409


def test_an_amendment_is_a_new_version_and_the_old_one_stays(desk: Desk) -> None:
    case_id = desk.released_case()
    scan_id = desk.scan_of(case_id)
    anna = desk.officer()
    before = anna.get(f"/cases/{case_id}/reply").json()
    first_report = anna.get(f"/scans/{scan_id}/report.pdf").content
    desk.clock.pass_time(minutes=5)
    body = {"outcome": "mixture", "components": SAID[:2], "comment": "caffeine was a slip"}
    body |= {"reason": "read again", "evidence_used": ["fit of FTIR: cocaine + lactose"]}
    amended = desk.chemist("two").post(f"/cases/{case_id}/amend", body)
    assert amended.status_code == 200
    after, older = anna.get(f"/cases/{case_id}/replies").json()["items"]
    assert (after["kind"], after["content"]["replaces"]) == ("amendment", 1)
    assert after["content"]["headline"] == "cocaine + lactose"
    assert after["content"]["amended_because"] == "read again"
    assert after["content"]["evidence_used"] == ["fit of FTIR: cocaine + lactose"]
    assert older == before
    assert anna.get(f"/scans/{scan_id}/report.pdf?version=1").content == first_report
    assert digest(anna.get(f"/scans/{scan_id}/report.pdf").content) == after["report_sha256"]
    assert anna.get(f"/scans/{scan_id}/report.pdf?version=3").status_code == 404
    findings = desk.chemist("one").get(f"/cases/{case_id}/evidence").json()["findings"]
    assert [finding["reading"] for finding in findings] == ["first", "amendment"]


def test_only_what_was_released_is_amended(desk: Desk) -> None:
    case_id = desk.found_case()
    body = {"outcome": "not_identified", "components": [], "comment": ""}
    assert desk.chemist("one").post(f"/cases/{case_id}/amend", body).status_code == 409


def test_a_laboratory_confirms(desk: Desk) -> None:
    case_id = desk.released_case()
    desk.chemist("one").post(f"/cases/{case_id}/laboratory-referral", {"laboratory": "North"})
    desk.clock.pass_time(hours=3)
    answer = desk.reader(Role.LIBRARIAN, "lab").post(f"/cases/{case_id}/lab-result", RESULT)
    assert answer.json()["case"]["state"] == "lab_confirmed"
    assert (answer.json()["agrees"], answer.json()["reply"]) == (True, None)
    assert kinds(desk)[0] == "case.laboratory_result"
    assert len(desk.officer().get(f"/cases/{case_id}/replies").json()["items"]) == 1


def test_a_contradiction_sends_a_correction_to_everyone_answered(desk: Desk) -> None:
    case_id = desk.released_case()
    found = RESULT | {"components": [FENTANYL, {"substance": "lactose"}]}
    desk.clock.pass_time(hours=3)
    answer = desk.reader(Role.LIBRARIAN, "lab").post(f"/cases/{case_id}/lab-result", found)
    assert answer.json()["case"]["state"] == "lab_refuted"
    assert answer.json()["agrees"] is False
    reply = desk.officer().get(f"/cases/{case_id}/reply").json()
    assert reply["kind"] == "correction"
    assert reply["content"]["headline"] == "The laboratory found: fentanyl + lactose"
    assert reply["content"]["replaced_headline"] == "cocaine + lactose + caffeine"
    assert reply["content"]["laboratory"]["reference_number"] == "N-7"
    assert reply["content"]["laboratory"]["reported_at"] == "2030-01-02T08:00:00.000000Z"
    assert reply["content"]["cards"][0]["card"] == "fentanyl_family"
    assert kinds(desk)[0] == "reply.correction"
    assert desk.reader(Role.LIBRARIAN, "lab").post(f"/cases/{case_id}/lab-result", found).status_code == 409


def test_a_laboratory_completes_an_answer_that_left_it_open(desk: Desk) -> None:
    case_id = desk.found_case("needs_laboratory", *SAID)
    desk.chemist("one").post(f"/cases/{case_id}/release", {})
    answer = desk.reader(Role.LIBRARIAN, "lab").post(f"/cases/{case_id}/lab-result", RESULT)
    assert answer.json()["case"]["state"] == "lab_confirmed"
    assert answer.json()["reply"]["kind"] == "amendment"
    assert answer.json()["reply"]["content"]["marks"][-1] == "LABORATORY RESULT"


def test_a_laboratorys_result_belongs_to_a_released_answer(desk: Desk) -> None:
    case_id = desk.found_case()
    assert desk.reader(Role.LIBRARIAN, "lab").post(f"/cases/{case_id}/lab-result", RESULT).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reported_at": "2030-01-02T09:00:00"}, "reported_at"),
        ({"reported_at": 1893579845}, "reported_at"),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, "reported_at"),
        ({"reported_at": "9999-12-31T23:59:59-14:00"}, "reported_at"),
        ({"components": None}, "components"),
        ({"laboratory": ""}, "laboratory"),
    ],
)
def test_a_wrong_result_is_refused_naming_the_field(desk: Desk, change: dict[str, Any], field: str) -> None:
    case_id = desk.released_case()
    answer = desk.chemist("one").post(f"/cases/{case_id}/lab-result", RESULT | change)
    assert answer.status_code == 422
    assert field in answer.text


def test_before_release_the_report_is_the_machines_and_says_so(desk: Desk) -> None:
    case_id = desk.found_case()
    path = f"/scans/{desk.scan_of(case_id)}/report.pdf"
    report = desk.officer().get(path)
    assert report.headers["content-type"] == "application/pdf"
    assert report.content.startswith(b"%PDF-")
    desk.clock.pass_time(minutes=1)
    assert desk.officer().get(path).content == report.content
    released = desk.released_case()
    assert desk.officer().get(f"/scans/{desk.scan_of(released)}/report.pdf").content != report.content


def test_a_released_report_is_kept_and_not_drawn_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = desk.released_case()
    path = f"/scans/{desk.scan_of(case_id)}/report.pdf"
    report = desk.officer().get(path).content
    reply = desk.officer().get(f"/cases/{case_id}/reply").json()
    assert digest(report) == reply["report_sha256"]
    monkeypatch.setattr("reachback.replies.reply_desk.report_pdf", None)
    assert desk.officer().get(path).content == report


def test_nothing_is_released_on_bytes_that_were_changed(desk: Desk, tmp_path: Path) -> None:
    case_id = desk.found_case()
    stored = desk.app.state.services.files.path(digest(identified()[0]))
    stored.write_bytes(b"other bytes")
    answer = desk.chemist("one").post(f"/cases/{case_id}/release", {})
    assert answer.status_code == 409
    assert "audit" in answer.json()["detail"]
    assert desk.state(case_id) == "found"


def test_the_package_holds_everything_and_proves_itself(desk: Desk, tmp_path: Path) -> None:
    case_id = desk.released_case()
    scan_id = desk.scan_of(case_id)
    answer = desk.officer().get(f"/scans/{scan_id}/package.zip")
    desk.clock.pass_time(minutes=1)
    assert desk.officer().get(f"/scans/{scan_id}/package.zip").content == answer.content
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    assert [path.read_bytes() for path in (folder / "originals" / scan_id).iterdir()] == [identified()[0]]
    record = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    assert {"scans", "cases", "findings", "replies"} <= record["rows"].keys()
    assert record["rows"]["scans"][0]["form"]["place"] == "a car"
    checked = check(folder)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "everything in this package is proved" in checked.stdout


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the package's own program, away from this project."""
    command = [sys.executable, str(folder / "check_package.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env={}, timeout=60, check=False)


@pytest.mark.parametrize("part", ["row", "file", "report", "proof"])
def test_a_package_that_was_changed_is_not_proved(desk: Desk, tmp_path: Path, part: str) -> None:
    case_id = desk.released_case()
    answer = desk.officer().get(f"/scans/{desk.scan_of(case_id)}/package.zip")
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    place = {
        "row": next((folder / "proof").glob("findings-*.json")),
        "file": next((folder / "originals").rglob("*.jdx")),
        "report": folder / "report-1.pdf",
        "proof": next((folder / "proof").glob("scans-*.json")),
    }[part]
    old, new = {"row": (b"mixture", b"unknown"), "proof": (b'"actor": "', b'"actor": "x')}.get(part, (b"1", b"2"))
    assert old in place.read_bytes()
    place.write_bytes(place.read_bytes().replace(old, new))
    checked = check(folder)
    assert checked.returncode == 1
    assert checked.stderr.startswith("not proved: ")


def test_an_officers_package_before_release_holds_no_finding(desk: Desk) -> None:
    case_id = desk.found_case()
    answer = desk.officer().get(f"/scans/{desk.scan_of(case_id)}/package.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert json.loads(archive.read("case.json"))["rows"].keys() == {"scans", "cases"}
    assert "report-machine.pdf" in names
    assert not any("findings" in name for name in names)
    full = desk.chemist("two").get(f"/scans/{desk.scan_of(case_id)}/package.zip")
    with zipfile.ZipFile(io.BytesIO(full.content)) as archive:
        assert "findings" in json.loads(archive.read("case.json"))["rows"]


def test_notices_are_ones_own_and_can_be_read(desk: Desk) -> None:
    desk.released_case()
    anna = desk.officer()
    (notice,) = anna.get("/notices?unread=true").json()["items"]
    assert desk.officer("boris", "airport").post(f"/notices/{notice['notice_id']}/read").status_code == 404
    assert anna.post(f"/notices/{notice['notice_id']}/read").json()["read"] is True
    assert anna.get("/notices?unread=true").json()["items"] == []
    assert "cocaine" not in json.dumps(notice)


def test_scans_and_strips_of_one_exhibit_are_told_together(desk: Desk) -> None:
    case_id = desk.new_case(form={"exhibit": "EX-1", "strips": [{"kind": "fentanyl", "result": "positive"}]})
    scan_id, one = desk.scan_of(case_id), desk.chemist("one")
    machine = desk.officer().get(f"/scans/{scan_id}/report.pdf").content
    assert machine == desk.officer().get(f"/scans/{scan_id}/report.pdf").content
    one.claim(case_id)
    assert one.get(f"/cases/{case_id}/evidence").json()["fusion"] is None
    one.look(case_id)
    fused = one.get(f"/cases/{case_id}/evidence").json()["fusion"]
    assert fused["alerts"][0]["group"] == "fentanyl-related"
    assert "the fentanyl strip is positive: this alone raises an alert" in fused["reasons"]
    one.say("finding", case_id, "mixture", *SAID)
    one.post(f"/cases/{case_id}/release", {})
    content = desk.officer().get(f"/cases/{case_id}/reply").json()["content"]
    assert content["together"]["statement"] == fused["statement"]
    assert content["cards"][0]["card"] == "fentanyl_family"
