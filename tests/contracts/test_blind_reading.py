"""Every route is asked on behalf of a chemist who reads blind, and none of them says what others think or found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.db.session import Database
from reachback.notify import event_stream
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, Json, file_with, identification, make_desk
from tests.reachback.test_app import routes

MACHINE, DEVICE, OFFICER, FIRST = "unobtainium", "kryptonite", "mithril", "phlogiston"
OUTCOME = "inconclusive"
# The bytes as the device wrote them are the evidence itself: whoever reads must have them, header and all.
EVIDENCE = "/api/v1/scans/{scan_id}/file"
# Figures of the whole desk, below no right; they name no case.
OF_THE_DESK = "/metrics"
# A page on which a finding is written names every kind of answer, whatever was found.
CHOICES = re.compile(r'<form id="finding".*?</form>|<template class="words">.*?</template>', re.DOTALL)
PHOTO = {"file": (f"{OFFICER}.png", b"a photo")}


@dataclass(frozen=True)
class Case:
    """A case with everything that could tell, and the ids that lead to it."""

    desk: Desk
    ids: dict[str, str]

    @property
    def case_id(self) -> str:
        return self.ids["case_id"]

    def ask(self, reader: Json, method: str, path: str, **parts: Any) -> Any:
        filled = path.format(**self.ids)
        return self.desk.client.request(method, filled, headers=reader, **parts)

    def do(self, reader: Json, what: str, **body: Any) -> Json:
        answer = self.ask(reader, "POST", f"/api/v1/cases/{{case_id}}/{what}", json=body or None)
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    def told(self, reader: Json) -> dict[str, str]:
        """Route → everything it answers this reader."""
        return {path: _shown(self.ask(reader, "GET", path)) for path in self.paths()}

    def paths(self) -> list[str]:
        app: Any = self.desk.client.app
        named = {path for path, route in routes(app) if "GET" in (route.methods or ())}
        asked = sorted(path for path in named if set(re.findall(r"{(\w+)}", path)) <= set(self.ids))
        return [path for path in asked if path not in (EVIDENCE, OF_THE_DESK)]

    def read(self, reader: Json, where: str, lease: str, *substances: str) -> Json:
        components = [{"substance": name} for name in substances]
        said = {"outcome": "mixture", "components": components, "comment": f"{FIRST}, I think"}
        return self.do(reader, where, lease_token=lease, **said)


def _shown(answer: Any) -> str:
    headers = " ".join(value for name, value in answer.headers.items() if name == "content-disposition")
    return f"{answer.status_code} {headers} {answer.content.decode('utf-8', 'replace')}".casefold()


def _telling(told: dict[str, str], *words: str) -> dict[str, list[str]]:
    found = {path: [word for word in words if word in text] for path, text in told.items()}
    return {path: words for path, words in found.items() if words}


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(event_stream, "STREAM_SECONDS", 0.01)
    with make_desk(database, clock, tmp_path, second_read_share=1.0) as made:
        yield made


@pytest.fixture
def case(desk: Desk) -> Case:
    said = identification(OUTCOME)
    part = {**identification()["components"][0], "substance": MACHINE}
    alert = {"level": "indication", "group": MACHINE, "substance": MACHINE, "share": None, "confidence": 0.9}
    thought = {
        "scan": {**said["scan"], "file": f"{OFFICER}.jdx", "title": DEVICE},
        "components": [part],
        "alerts": [alert],
        "class_hint": MACHINE,
        "targets": [{"substance": MACHINE, "detected": True, "limit_share": None}],
        "candidates": [{"substance": MACHINE, "score": 0.9}],
        "reasons": [f"{MACHINE} is in it"],
    }
    device = [{"index": 0, "device_hits": [{"name": DEVICE}], "device_verdict": DEVICE}]
    form = {
        "suspicion": OFFICER,
        "comment": OFFICER,
        "strips": [{"kind": OFFICER, "result": "positive"}],
        "place": "gate 7",
        "exhibit": "EX-1",
    }
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    made = desk.client.post(
        "/api/v1/scans",
        files={"file": (f"{OFFICER}.jdx", file_with({**said, **thought}, device=device))},
        data={"metadata": json.dumps(form)},
        headers=officer,
    ).json()
    scan_id, case_id = made["scan_id"], made["case"]["case_id"]
    photo = desk.client.post(f"/api/v1/scans/{scan_id}/attachments", files=PHOTO, headers=officer).json()
    ids = {"scan_id": scan_id, "case_id": case_id, "attachment_id": photo["attachment_id"], "index": "3"}
    return Case(desk, {**ids, "old_size": "1"})


def test_the_officer_is_told_at_once_what_a_reader_is_not(case: Case) -> None:
    told = case.told(case.desk.person(Role.OFFICER, "anna", "harbour"))
    of_scan = told["/api/v1/scans/{scan_id}"]
    assert all(word in of_scan for word in (MACHINE, DEVICE, OFFICER, OUTCOME))
    assert 'withheld":null' in of_scan


def test_no_route_tells_a_reader_anything_before_his_first_impression(case: Case) -> None:
    one = case.desk.person(Role.CHEMIST, "one")
    assert len(case.paths()) > 15
    everything = (MACHINE, DEVICE, OFFICER, OUTCOME)
    assert _telling(case.told(one), *everything) == {}, "before he holds it"
    claimed = case.do(one, "claim")
    lease = claimed["lease"]["token"]
    answers = {
        "claim": str(claimed),
        "renew": str(case.do(one, "renew", lease_token=lease)),
        "ask": str(case.do(one, "ask-officer", lease_token=lease, question="Was it wet?")),
        "refer": str(case.do(one, "laboratory-referral", laboratory="North")),
        "review": _shown(case.ask(one, "POST", "/api/v1/scans/{scan_id}/review")),
        "attach": _shown(case.ask(one, "POST", "/api/v1/scans/{scan_id}/attachments", files=PHOTO)),
        "release": _shown(case.ask(one, "POST", "/api/v1/cases/{case_id}/release", json={})),
        "read": _shown(case.ask(one, "POST", "/api/v1/cases/{case_id}/second-read", json={})),
        "hand back": str(case.do(one, "hand-back", lease_token=lease)),
    }
    assert _telling({**answers, **case.told(one)}, *everything) == {}, "while he holds it"
    shown = case.ask(one, "GET", "/api/v1/scans/{scan_id}").json()
    assert (shown["identification"], shown["identifications"], shown["device_results"]) == (None, [], [])
    assert shown["form"] == {"place": "gate 7", "exhibit": "EX-1"}
    assert "first impression" in shown["withheld"]
    assert case.ask(one, "GET", EVIDENCE).headers["content-disposition"].endswith(".jdx")


def test_his_first_impression_unfolds_it(case: Case) -> None:
    one = case.desk.person(Role.CHEMIST, "one")
    lease = case.do(one, "claim")["lease"]["token"]
    case.do(one, "first-impression", lease_token=lease, text="a mixture")
    shown = _shown(case.ask(one, "GET", "/api/v1/scans/{scan_id}"))
    assert all(word in shown for word in (MACHINE, DEVICE, OFFICER, OUTCOME))
    assert OFFICER in case.ask(one, "GET", "/api/v1/cases/{case_id}").json()["opened_because"]
    (listed,) = case.ask(one, "GET", "/api/v1/cases").json()["items"]
    assert OFFICER in listed["opened_because"]
    other = case.desk.person(Role.CHEMIST, "two")
    assert _telling(case.told(other), MACHINE, DEVICE, OFFICER, OUTCOME) == {}


def test_a_second_reader_is_blind_until_his_own_finding(case: Case) -> None:
    one, two = case.desk.person(Role.CHEMIST, "one"), case.desk.person(Role.CHEMIST, "two")
    lease = case.do(one, "claim")["lease"]["token"]
    assert case.read(one, "finding", lease, FIRST)["case"]["state"] == "second_read"
    everything = (MACHINE, DEVICE, OFFICER, OUTCOME, FIRST)
    assert _telling(case.told(two), *everything) == {}
    lease = case.do(two, "claim")["lease"]["token"]
    assert _telling(case.told(two), *everything) == {}
    case.do(two, "first-impression", lease_token=lease, text="a mixture")
    assert MACHINE in _shown(case.ask(two, "GET", "/api/v1/scans/{scan_id}"))
    assert _telling(case.told(two), FIRST) == {}
    assert case.read(two, "second-read", lease, FIRST)["case"]["state"] == "found"
    assert FIRST in _shown(case.ask(two, "GET", "/api/v1/cases/{case_id}/evidence"))


def test_a_preliminary_answer_tells_the_second_reader_nothing(case: Case, clock: StillClock) -> None:
    one, two = case.desk.person(Role.CHEMIST, "one"), case.desk.person(Role.CHEMIST, "two")
    lease = case.do(one, "claim")["lease"]["token"]
    case.read(one, "finding", lease, FIRST)
    clock.pass_time(minutes=46)
    case.do(one, "release")
    officer = case.desk.person(Role.OFFICER, "anna", "harbour")
    assert case.ask(officer, "GET", "/api/v1/cases/{case_id}").json()["outcome"] == "mixture"
    case.do(two, "claim")
    told = case.told(two)
    assert _telling(told, MACHINE, DEVICE, OFFICER, OUTCOME, FIRST) == {}
    assert _telling({path: CHOICES.sub("", text) for path, text in told.items()}, "mixture") == {}
    assert case.ask(one, "GET", "/api/v1/cases/{case_id}/reply").status_code == 200, "his own answer"


def test_whoever_uploaded_a_scan_was_told_then_and_may_look_again(desk: Desk) -> None:
    chemist = desk.person(Role.CHEMIST, "one")
    made = desk.upload(chemist, file_with(identification(OUTCOME))).json()
    again = desk.client.get(f"/api/v1/scans/{made['scan_id']}", headers=chemist).json()
    assert again["identification"] == made["identification"]


def test_a_finding_needs_no_first_impression(case: Case) -> None:
    one = case.desk.person(Role.CHEMIST, "one")
    lease = case.do(one, "claim")["lease"]["token"]
    assert case.read(one, "finding", lease, "caffeine")["case"]["state"] == "second_read"
    assert MACHINE in _shown(case.ask(one, "GET", "/api/v1/scans/{scan_id}")), "he has committed himself"
