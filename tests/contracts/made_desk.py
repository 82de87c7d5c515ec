"""A whole desk on one database, spoken to over HTTP; scans are put into it already identified."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from device_adapters.stated import Stated
from library.opening import open_library, starter_folder
from reachback.accounts.models import Role
from reachback.app import create_app
from reachback.cases.models import Lane
from reachback.clock import SystemChance
from reachback.db.session import Database
from reachback.identification_json import identification_as_json
from reachback.identifying import Verdict, identify_bytes
from reachback.intake.models import Scan, ScanState
from reachback.settings import Settings
from tests.contracts.databases import StillClock

EXAMPLE = "ftir_cut_drug.jdx"  # cocaine in lactose and caffeine, as the machine says too
SAID = [{"substance": "cocaine"}, {"substance": "lactose"}, {"substance": "caffeine"}]


class DrawnChance(SystemChance):
    """Chance whose draws a test decides; by default nothing is drawn for a second reading."""

    drawn = 0.999

    def draw(self) -> float:
        return type(self).drawn


@cache
def identified(name: str = EXAMPLE) -> tuple[bytes, list[dict[str, Any]]]:
    """An example scan and the machine's real verdict on it."""
    content = (starter_folder() / "examples" / name).read_bytes()
    library = open_library(None)
    verdicts = identify_bytes(content, name, library, Stated())
    elements = [identification_as_json(each.identification, library) for each in verdicts if isinstance(each, Verdict)]
    return content, json.loads(json.dumps(elements))


@dataclass
class Reader:
    """Somebody with a token; a chemist keeps the lease of the case he claimed last."""

    client: TestClient
    name: str
    headers: dict[str, str]
    lease: str = "none"

    def get(self, path: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=self.headers)  # type: ignore[return-value]

    def post(self, path: str, body: dict[str, Any] | None = None) -> Response:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)  # type: ignore[return-value]

    def put(self, path: str, body: dict[str, Any]) -> Response:
        return self.client.put(f"/api/v1{path}", json=body, headers=self.headers)  # type: ignore[return-value]

    def claim(self, case_id: str) -> Response:
        answer = self.post(f"/cases/{case_id}/claim")
        if answer.status_code == 200:
            self.lease = answer.json()["lease"]["token"]
        return answer

    def say(self, where: str, case_id: str, outcome: str, *components: dict[str, Any], **more: Any) -> Response:
        body = {
            "lease_token": self.lease,
            "outcome": outcome,
            "components": list(components),
            "comment": "seen",
            **more,
        }
        return self.post(f"/cases/{case_id}/{where}", body)

    def look(self, case_id: str) -> Response:
        return self.post(f"/cases/{case_id}/first-impression", {"lease_token": self.lease, "text": "a cut"})


@dataclass
class Desk:
    """The desk, and who works at it."""

    app: FastAPI
    client: TestClient
    clock: StillClock
    readers: dict[str, Reader] = field(default_factory=dict)

    def reader(self, role: Role, name: str, unit: str | None = None) -> Reader:
        if name not in self.readers:
            token = self.app.state.services.accounts.token_for(role, name, unit)
            self.readers[name] = Reader(self.client, name, {"Authorization": f"Bearer {token}"})
        return self.readers[name]

    def chemist(self, name: str) -> Reader:
        return self.reader(Role.CHEMIST, name)

    def officer(self, name: str = "anna", unit: str = "harbour") -> Reader:
        return self.reader(Role.OFFICER, name, unit)

    def new_case(self, elements: list[dict[str, Any]] | None = None, form: dict[str, Any] | None = None) -> str:
        """A case with one scan of the officer anna, of the unit harbour."""
        services = self.app.state.services
        self.officer()
        account = services.accounts.principal_of_token(self.readers["anna"].headers["Authorization"][7:])
        content, real = identified()
        sha256 = services.files.keep(content)
        scan = Scan(
            id=services.cases.chance.new_id(),
            account_id=account.account_id,
            unit=account.unit,
            file_name=EXAMPLE,
            sha256=sha256,
            size=len(content),
            received_at=self.clock.now(),
            state=ScanState.IDENTIFIED,
            form=form or {"place": "a car", "suspicion": "coke"},
            identifications=real if elements is None else elements,
            primary_index=0,
        )
        with services.database.writing(account.account_id, "test.scan") as session:
            case = services.cases.open_case(
                session, unit=account.unit, exhibit=None, lane=Lane.GENERAL, because="a test", scan_ids=[scan.id]
            )
            session.flush()
            scan.case_id = case.id
            session.add(scan)
            return str(case.id)

    def scan_of(self, case_id: str) -> str:
        return str(self.officer().get(f"/cases/{case_id}").json()["scan_ids"][0])

    def state(self, case_id: str) -> str:
        return str(self.officer().get(f"/cases/{case_id}").json()["state"])

    def found_case(self, outcome: str = "mixture", *components: dict[str, Any]) -> str:
        """A case that a chemist has read, as the machine did unless told otherwise."""
        case_id = self.new_case()
        one = self.chemist("one")
        assert one.claim(case_id).status_code == 200
        answer = one.say("finding", case_id, outcome, *(components or SAID))
        assert answer.status_code == 200, answer.text
        return case_id

    def released_case(self, outcome: str = "mixture", *components: dict[str, Any]) -> str:
        """A case that was answered."""
        case_id = self.found_case(outcome, *components)
        answer = self.chemist("one").post(f"/cases/{case_id}/release", {})
        assert answer.status_code == 200, answer.text
        return case_id


def make_desk(database: Database, clock: StillClock, folder: Path, **settings: Any) -> Desk:
    """A desk on this database, with its files and keys in this folder."""
    used = Settings(data_dir=folder, second_read_share=0.05, **settings)
    app = create_app(used, clock=clock, chance=DrawnChance(), database=database)
    return Desk(app, TestClient(app), clock)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
