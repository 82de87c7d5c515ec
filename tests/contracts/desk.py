"""A whole service for tests: real database, real HTTP application; only identification follows a script."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.app import create_app
from reachback.assembly import Services, build_services
from reachback.cases.models import Case, Lane
from reachback.cases.service import CaseService
from reachback.clock import Clock, SystemChance
from reachback.db.session import Database
from reachback.intake.identification_pool import IdentificationPool
from reachback.intake.service import IntakeService
from reachback.settings import Settings

Json = dict[str, Any]


def identification(outcome: str = "match", **changes: Any) -> Json:
    """One element of ``results``: a clean measured match of caffeine, unless changed."""
    settled = outcome in ("match", "mixture")
    component = {
        "substance": "caffeine",
        "form": None,
        "share": 1.0,
        "share_interval": [0.98, 1.0],
        "confidence": 0.99,
        "controlled": False,
        "class": "cutting agent",
        "reference": "caffeine.jdx",
        "grade": "measured",
        "indistinguishable_from": [],
    }
    made = {
        "scan": {"file": "a.jdx", "index": 0, "sha256": "0" * 64, "technique": "ftir"},
        "quality": {"usable": outcome != "unusable", "snr": 100.0, "flags": [], "advice": []},
        "outcome": outcome,
        "tentative": False,
        "components": [component] if settled else [],
        "unexplained": None,
        "alerts": [],
        "class_hint": None,
        "targets": [],
        "candidates": [],
        "reach_back": not settled,
        "reasons": [],
        "library": {"name": "made", "release": "1", "digest": "d", "calibration": "c"},
        "engine": "0",
        "timing_ms": {"total": 1.0},
    }
    return {**made, **changes}


def file_with(
    *results: Json, refusals: list[Json] | None = None, device: list[Json] | None = None, salt: str = ""
) -> bytes:
    """A file that the scripted identifier answers with these results."""
    script = {"results": list(results), "refusals": refusals or [], "device": device or [], "salt": salt}
    return json.dumps(script).encode()


class ScriptedIdentifier(IdentificationPool):
    """Answers with what stands in the file itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pause = 0.0
        self.before: Callable[[], None] = lambda: None
        self.n_workers = 1

    def start(self) -> None: ...

    def close(self) -> None: ...

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def place(self) -> Iterator[None]:
        yield

    def identify(
        self,
        path: Path,
        name: str,
        stated: Mapping[str, Any],
        while_waiting: Callable[[], None] = lambda: None,
        every: float = 5.0,
    ) -> Json:
        self.asked.append(name)
        self.before()
        time.sleep(self.pause)
        try:
            script: Json = json.loads(path.read_bytes())
        except ValueError:
            return {"results": [], "refusals": [{"index": None, "error": "no reader knows these bytes"}], "device": []}
        return script


@dataclass(frozen=True)
class Desk:
    """The service, a client, and people who may speak to it."""

    services: Services
    client: TestClient
    identifier: ScriptedIdentifier

    @property
    def cases(self) -> CaseService:
        service: CaseService = self.services.cases
        return service

    @property
    def intake(self) -> IntakeService:
        service: IntakeService = self.services.intake
        return service

    @property
    def database(self) -> Database:
        return self.services.database

    def person(self, role: Role, name: str, unit: str | None = None) -> Json:
        """Headers of somebody."""
        return {"Authorization": f"Bearer {self.services.accounts.token_for(role, name, unit)}"}

    def principal(self, role: Role, name: str, unit: str | None = None) -> Principal:
        """Somebody, as services see him."""
        return self.services.accounts.principal_of_token(self.services.accounts.token_for(role, name, unit))

    def upload(self, headers: Json, content: bytes, key: str | None = None, **form: Any) -> Any:
        """Send a scan."""
        more = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(
            "/api/v1/scans",
            files={"file": ("a.jdx", content)},
            data={"metadata": json.dumps(form)},
            headers={**headers, **more},
        )

    def open_case(self, lane: Lane = Lane.GENERAL, unit: str = "harbour", exhibit: str | None = None) -> Case:
        """A case without a scan."""
        with self.database.writing("test", "case.open") as session:
            return self.cases.open_case(session, unit=unit, exhibit=exhibit, lane=lane, because="a test")


def make_services(
    database: Database, clock: Clock, data_dir: Path, identifier: ScriptedIdentifier, **settings: Any
) -> tuple[Services, Settings]:
    """All services, with scripted identification."""
    made = Settings(data_dir=data_dir, **{"second_read_share": 0.0, **settings})  # nothing is left to chance
    built = build_services(made, clock=clock, database=database)
    parts = {name: getattr(built, name) for name in ("database", "clock", "notify", "cases", "audit", "files")}
    intake = IntakeService(**parts, chance=SystemChance(), settings=made, identifier=identifier)
    return replace(built, identifier=identifier, intake=intake), made


@contextmanager
def make_desk(database: Database, clock: Clock, data_dir: Path, **settings: Any) -> Iterator[Desk]:
    """A running service."""
    identifier = ScriptedIdentifier()
    services, made = make_services(database, clock, data_dir, identifier, **settings)
    with TestClient(create_app(made, services=services)) as client:
        yield Desk(services, client, identifier)
    services.intake.close()
