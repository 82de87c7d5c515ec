"""A case from the officer's file to the laboratory's word, over a whole desk with real identification."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from library.opening import starter_folder
from reachback.accounts.models import Role
from reachback.app import create_app
from reachback.assembly import open_database
from reachback.audit.desk_check import verify_desk
from reachback.clock import SystemClock
from reachback.migrations.schema import bring_up_to_date
from reachback.settings import Settings

SCAN = starter_folder() / "examples" / "ftir_cut_drug.jdx"
FORM = {"exhibit": "EX-7", "place": "parcel", "suspicion": "cocaine", "found_at": "2026-03-06T11:47:54+01:00"}


@dataclass
class Person:
    """Somebody at a terminal of the desk."""

    client: TestClient
    token: str
    lease: str = ""

    def call(self, method: str, path: str, expect: int = 200, **parts: Any) -> Any:
        answer = self.answer(method, path, **parts)
        assert answer.status_code == expect, answer.text
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.json() if is_json else answer.content

    def answer(self, method: str, path: str, **parts: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token}"} | parts.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **parts)  # type: ignore[return-value]

    def upload(self, key: str, form: dict[str, Any], content: bytes, expect: int = 201) -> Any:
        return self.call(
            "POST",
            "/scans",
            expect,
            files={"file": (SCAN.name, content)},
            data={"metadata": json.dumps(form)},
            headers={"Idempotency-Key": key},
        )

    def read(self, where: str, case_id: str, *substances: str, expect: int = 200) -> Any:
        components = [{"substance": name} for name in substances]
        body = {"lease_token": self.lease, "outcome": "mixture", "components": components, "comment": "as read"}
        return self.call("POST", f"/cases/{case_id}/{where}", expect, json=body)

    def claim(self, case_id: str) -> None:
        claimed = self.call("POST", "/cases/claim-next")
        assert claimed["case"]["case_id"] == case_id
        self.lease = claimed["lease"]["token"]


@dataclass
class Desk:
    """The desk, its people, and the folder it keeps everything in."""

    people: dict[str, Person]
    settings: Settings

    def __getattr__(self, name: str) -> Person:
        return self.people[name]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(data_dir=folder, workers=1, second_read_share=0.0)
    database = open_database(settings, SystemClock())
    bring_up_to_date(database)
    app = create_app(settings, database=database, works=True)
    with TestClient(app) as client:
        tokens = app.state.services.accounts.token_for
        roles = {
            "officer": (Role.OFFICER, "harbour"),
            "stranger": (Role.OFFICER, "airport"),
            "one": (Role.CHEMIST, None),
            "two": (Role.CHEMIST, None),
            "laboratory": (Role.LIBRARIAN, None),
            "auditor": (Role.AUDITOR, None),
        }
        people = {name: Person(client, tokens(role, name, unit)) for name, (role, unit) in roles.items()}
        yield Desk(people, settings)
    database.close()


def test_the_whole_way_of_a_case(desk: Desk, tmp_path: Path) -> None:
    officer, one, two = desk.officer, desk.one, desk.two

    uploaded = officer.upload("journey", FORM, SCAN.read_bytes())
    scan_id, case_id = uploaded["scan_id"], uploaded["case"]["case_id"]
    assert uploaded["identification"]["tentative"]
    assert uploaded["sha256"] == hashlib.sha256(SCAN.read_bytes()).hexdigest()
    assert officer.call("GET", f"/scans/{scan_id}/file") == SCAN.read_bytes()
    machine_report = officer.call("GET", f"/scans/{scan_id}/report.pdf")

    one.claim(case_id)
    assert "cocaine" not in json.dumps(one.call("GET", f"/cases/{case_id}/evidence"))
    one.call("POST", f"/cases/{case_id}/first-impression", json={"lease_token": one.lease, "text": "a mixture"})
    assert "cocaine" in json.dumps(one.call("GET", f"/cases/{case_id}/evidence"))
    question = {"lease_token": one.lease, "question": "Was it scanned through the bag?"}
    one.call("POST", f"/cases/{case_id}/ask-officer", json=question)
    assert officer.call("GET", f"/cases/{case_id}")["state"] == "awaiting_officer"
    officer.call("POST", f"/cases/{case_id}/officer-answer", json={"answer": "No, open."})
    assert one.read("finding", case_id, "fentanyl", "lactose")["case"]["state"] == "second_read"
    one.call("POST", f"/cases/{case_id}/release", 409, json={})

    two.claim(case_id)
    blind = two.call("GET", f"/cases/{case_id}/evidence")
    assert (blind["findings"], blind["findings_hidden"]) == ([], True)
    assert two.read("second-read", case_id, "Lactose", "Fentanyl")["case"]["state"] == "found"
    assert officer.call("GET", f"/cases/{case_id}")["outcome"] is None
    assert two.call("POST", f"/cases/{case_id}/release", json={})["case"]["state"] == "released"

    reply = officer.call("GET", f"/cases/{case_id}/reply")
    assert reply["content"]["headline"] == "fentanyl + lactose"
    assert reply["content"]["cards"][0]["card"] == "fentanyl_family"
    report = officer.call("GET", f"/scans/{scan_id}/report.pdf")
    assert report != machine_report
    assert report == officer.call("GET", f"/scans/{scan_id}/report.pdf")
    assert hashlib.sha256(report).hexdigest() == reply["report_sha256"]

    two.call("POST", f"/cases/{case_id}/laboratory-referral", json={"laboratory": "North"})
    result = {
        "laboratory": "North",
        "technique": "GC-MS",
        "components": [{"substance": "cocaine"}, {"substance": "lactose"}],
        "reported_at": "2026-03-07T08:00:00Z",
        "reference_number": "N-1",
    }
    refuted = desk.laboratory.call("POST", f"/cases/{case_id}/lab-result", json=result)
    assert (refuted["case"]["state"], refuted["agrees"]) == ("lab_refuted", False)
    correction = officer.call("GET", f"/cases/{case_id}/reply")
    assert (correction["kind"], correction["version"]) == ("correction", 2)
    kinds = {notice["kind"] for notice in officer.call("GET", "/notices")["items"]}
    assert kinds == {"case.question", "reply.answer", "reply.correction"}
    assert officer.call("GET", f"/scans/{scan_id}/report.pdf?version=1") == report

    package = officer.call("GET", f"/scans/{scan_id}/package.zip")
    assert package == officer.call("GET", f"/scans/{scan_id}/package.zip")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "report-1.pdf").read_bytes() == report
    tables = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))["rows"]
    assert len(tables["findings"]) == 2
    assert len(tables["replies"]) == 2
    assert tables["laboratory_results"][0]["agrees"] == 0
    command = [sys.executable, str(tmp_path / "check_package.py")]
    checked = subprocess.run(command, capture_output=True, text=True, env={}, cwd=tmp_path, timeout=60, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_log_holds_after_all_that_and_grew_out_of_the_printed_checkpoint(desk: Desk) -> None:
    (case, *_) = desk.officer.call("GET", "/cases?state=lab_refuted")["items"]
    printed = desk.officer.call("GET", f"/cases/{case['case_id']}/replies")["items"][-1]["content"]["checkpoint"][
        "note"
    ]
    database = open_database(desk.settings, SystemClock())
    try:
        found = verify_desk(database, desk.settings.data_dir, printed)
    finally:
        database.close()
    assert found.broken == []


@pytest.fixture
def case_id(desk: Desk, request: pytest.FixtureRequest) -> str:
    uploaded = desk.officer.upload(f"bad-{request.node.name[:200]}", {"place": "parcel"}, SCAN.read_bytes())
    return str(uploaded["case"]["case_id"])


def test_a_time_without_a_zone_is_refused_naming_the_field(desk: Desk) -> None:
    refused = desk.officer.upload("zone", {"found_at": "2026-03-06T11:47:54"}, SCAN.read_bytes(), expect=422)
    assert "found_at" in json.dumps(refused)


def test_a_stale_lease_is_refused_and_the_text_kept(desk: Desk, case_id: str) -> None:
    desk.one.call("POST", f"/cases/{case_id}/claim")
    desk.one.lease = "an old token"
    refused = desk.one.read("finding", case_id, "cocaine", expect=409)
    assert refused["title"] == "The lease has ended"
    assert desk.one.call("GET", f"/cases/{case_id}/drafts")["items"][0]["body"]["comment"] == "as read"


def test_a_foreign_case_is_not_there(desk: Desk, case_id: str) -> None:
    scan_id = desk.officer.call("GET", f"/cases/{case_id}")["scan_ids"][0]
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/reply", f"/scans/{scan_id}", f"/scans/{scan_id}/package.zip"):
        desk.stranger.call("GET", path, 404)


def test_a_dead_token_is_no_token(desk: Desk, case_id: str) -> None:
    Person(desk.one.client, "dead").call("POST", f"/cases/{case_id}/finding", 401, json={})


@pytest.mark.parametrize("who", ["officer", "laboratory", "auditor"])
def test_only_chemists_read(desk: Desk, case_id: str, who: str) -> None:
    desk.people[who].read("finding", case_id, "cocaine", expect=403)
    desk.people[who].call("POST", f"/cases/{case_id}/release", 403, json={})


def test_a_wrong_type_is_refused_naming_the_field(desk: Desk, case_id: str) -> None:
    body = {"lease_token": "x", "outcome": "mixture", "components": [{"substance": ["cocaine"]}], "comment": ""}
    refused = desk.one.call("POST", f"/cases/{case_id}/finding", 422, json=body)
    assert "substance" in json.dumps(refused)
