"""Every route is asked what its OpenAPI document allows, and what it does not; none may answer with a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reachback.accounts.models import Role
from reachback.app import create_app
from reachback.assembly import build_services
from reachback.db.session import sqlite_url
from reachback.settings import Settings
from tests.contracts.databases import StillClock, make_database, sqlite_template
from tests.contracts.desk import ScriptedIdentifier, file_with, identification

__all__ = ["sqlite_template"]

EXAMPLES = 10
ROLES = (Role.OFFICER, Role.CHEMIST, Role.ADMIN)
ENDLESS = "/api/v1/events"  # a stream is read by tests of its own


class KnowsOneFile(ScriptedIdentifier):
    """Reads what the test wrote, and nothing that chance makes."""

    def identify(
        self,
        path: Path,
        name: str,
        stated: Mapping[str, Any],
        while_waiting: Callable[[], None] = lambda: None,
        every: float = 5.0,
    ) -> dict[str, Any]:
        if b'"salt"' in path.read_bytes():
            return super().identify(path, name, stated, while_waiting, every)
        return {"results": [], "refusals": [{"index": None, "error": "no reader knows these bytes"}], "device": []}


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[FastAPI]:
    (tmp_path / "reachback.db").write_bytes(sqlite_template.read_bytes())
    clock, chosen = StillClock(), Settings(data_dir=tmp_path)
    database = make_database(sqlite_url(tmp_path), clock)
    services = build_services(chosen, clock=clock, database=database, identifier=KnowsOneFile())
    services.library()  # the first finding would wait for it
    yield create_app(chosen, services=services)
    database.close()


@pytest.fixture
def people(desk: FastAPI) -> list[dict[str, str]]:
    token_for = desk.state.services.accounts.token_for
    return [{"Authorization": f"Bearer {token_for(role, f'the {role}', 'harbour')}"} for role in ROLES]


@pytest.fixture
def known(desk: FastAPI, people: list[dict[str, str]]) -> dict[str, str]:
    """Identifiers that lead somewhere."""
    with TestClient(desk) as client:
        upload = {"file": ("a.jdx", file_with(identification("no_match")))}
        made = client.post("/api/v1/scans", headers={**people[0], "Idempotency-Key": "1"}, files=upload).json()
        account = client.get("/api/v1/session", headers=people[2]).json()["account_id"]
        token = client.get("/api/v1/tokens", headers=people[2]).json()["items"][0]["token_id"]
    return {
        "scan_id": made["scan_id"],
        "case_id": made["case"]["case_id"],
        "account_id": account,
        "token_id": token,
        "index": "1",
        "old_size": "1",
    }


def test_no_request_makes_the_service_fail(desk: FastAPI, people: list[dict[str, str]], known: dict[str, str]) -> None:
    document = schemathesis.openapi.from_asgi("/openapi.json", desk)
    asked, failed = 0, []
    for result in document.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if operation.path == ENDLESS:
            continue

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), who=st.sampled_from(people), leads_somewhere=st.booleans())
        def ask(case: Any, who: dict[str, str], leads_somewhere: bool) -> None:
            if leads_somewhere and case.path_parameters:
                case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
            response = case.call(headers=who, timeout=60)
            assert response.status_code < 500, f"{response.status_code} {response.text}\n{case.as_curl_command()}"

        try:
            ask()
        except AssertionError as error:
            failed.append(f"{operation.label}: {error}")
        asked += 1
    assert "\n".join(failed) == ""
    assert asked > 40
