"""The application as a whole: rights, problem documents, limits, figures, and what is said of all that in OpenAPI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from reachback.accounts.models import Role
from reachback.accounts.routes_rights import Right, allow, public
from reachback.app import create_app
from reachback.db.session import Database
from reachback.settings import Settings
from tests.contracts.databases import StillClock

LIMIT = 4096
PUBLIC = {
    *(("GET", "/healthz"), ("GET", "/metrics"), ("POST", "/api/v1/session")),
    *(("GET", "/api/v1/oidc/sign-in"), ("GET", "/api/v1/oidc/callback")),
}
PUBLIC_PAGES = {
    *(("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out"), ("POST", "/language")),
    ("GET", "/static/{digest}/{path}"),
}


@pytest.fixture
def app(sqlite_database: Database, clock: StillClock, tmp_path: Path) -> FastAPI:
    settings = Settings(data_dir=tmp_path, max_upload_bytes=LIMIT)
    return create_app(settings, clock=clock, database=sqlite_database)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def admin(app: FastAPI) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.state.services.accounts.token_for(Role.ADMIN, 'root', None)}"}


def routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route with its whole path; routers that are included stay routers, beside their prefix."""
    waiting: list[tuple[str, Any]] = [("", route) for route in app.routes]
    while waiting:
        prefix, route = waiting.pop()
        if isinstance(route, APIRoute):
            yield prefix + route.path_format, route
        elif hasattr(route, "original_router"):
            inside = prefix + route.include_context.prefix
            waiting += [(inside, each) for each in route.original_router.routes]


def rights(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        if isinstance(each.call, Right) or each.call is public:
            yield each.call
        yield from rights(each)


def test_every_route_states_its_right(app: FastAPI) -> None:
    documented = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    stated = {}
    for path, route in routes(app):
        for method in route.methods or ():
            stated[(method, path)] = list(rights(route.dependant))
    assert documented <= set(stated), "the walk misses routes"
    assert [where for where, found in stated.items() if not found] == []
    assert {where for where, found in stated.items() if public in found} == PUBLIC | PUBLIC_PAGES


def test_a_right_names_somebody() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        allow()


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert "Traceback" not in answer.text
    return document


def test_what_is_not_there(client: TestClient) -> None:
    assert problem(client.get("/nowhere"), 404)["detail"] == "there is nothing at /nowhere"


def test_what_is_not_possible(client: TestClient) -> None:
    answer = client.post("/healthz")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "…".encode().decode("latin-1")])
def test_a_dead_token(client: TestClient, token: str) -> None:
    problem(client.get("/api/v1/session", headers=[(b"authorization", f"Bearer {token}".encode("latin-1"))]), 401)


def test_a_right_that_is_not_held(client: TestClient, app: FastAPI) -> None:
    token = app.state.services.accounts.token_for(Role.OFFICER, "anna", None)
    answer = client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {token}"})
    assert problem(answer, 403)["detail"] == "the role officer may not do this; it is for: admin"


def test_a_wrong_type_names_the_field(client: TestClient, admin: dict[str, str]) -> None:
    answer = client.post("/api/v1/accounts", headers=admin, json={"name": 7, "role": "king"})
    document = problem(answer, 422)
    assert {each["field"] for each in document["errors"]} == {"body.name", "body.role"}
    assert "body.name" in document["detail"]


def test_an_unknown_field_is_refused(client: TestClient, admin: dict[str, str]) -> None:
    answer = client.post("/api/v1/accounts", headers=admin, json={"name": "x", "role": "officer", "rôle": 1})
    assert problem(answer, 422)["errors"][0]["field"] == "body.rôle"


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000b"}',
        b'{"na\\u0000me": []}',
        b"{",
        b"\xff\xfe{",
        b"[" * 3000,
        b'{"name": 1e999}',
    ],
)
def test_what_is_no_json_of_ours(client: TestClient, admin: dict[str, str], body: bytes) -> None:
    problem(client.post("/api/v1/accounts", headers={**admin, "Content-Type": "application/json"}, content=body), 422)


@pytest.mark.parametrize("path", ["/api/v1/tokens?account_id=%00", "/api/v1/accounts/%00", "/api/v1/accounts/%ff"])
def test_an_address_that_no_database_takes(client: TestClient, admin: dict[str, str], path: str) -> None:
    problem(client.get(path, headers=admin), 422)


def test_a_body_that_says_it_is_too_large_is_not_read(client: TestClient, admin: dict[str, str]) -> None:
    headers = {**admin, "Content-Length": str(LIMIT + 1), "Content-Type": "application/json"}
    answer = client.post("/api/v1/accounts", headers=headers, content=b"x" * (LIMIT + 1))
    problem(answer, 413)
    assert answer.headers["connection"] == "close"


def test_it_is_refused_before_it_is_read(app: FastAPI) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/scans",
        "raw_path": b"/api/v1/scans",
        "query_string": b"",
        "headers": [(b"content-length", str(LIMIT + 1).encode())],
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_that_does_not_say_how_large_it_is_is_counted(
    client: TestClient, admin: dict[str, str], kind: str
) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield b" " * 512

    problem(client.post("/api/v1/scans", headers={**admin, "Content-Type": kind}, content=chunks()), 413)


def test_the_last_resort_says_nothing_of_the_inside(
    app: FastAPI, client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(app.state.services.accounts, "accounts", fail)
    answer = client.get("/api/v1/accounts", headers=admin)
    problem(answer, 500)
    assert "inside" not in answer.text


@pytest.mark.parametrize(
    ("fault", "status"), [(OSError(28, "No space left on device"), 507), (OSError(5, "Input/output error"), 500)]
)
def test_a_full_disk_is_said(
    app: FastAPI,
    client: TestClient,
    admin: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    fault: OSError,
    status: int,
) -> None:
    def fail() -> None:
        raise fault

    monkeypatch.setattr(app.state.services.accounts, "accounts", fail)
    problem(client.get("/api/v1/accounts", headers=admin), status)


def test_health_waits_for_the_library(app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = client.get("/healthz")
    problem(answer, 503)
    assert answer.headers["retry-after"] == "2"
    monkeypatch.setattr(app.state.services.identifier, "is_ready", lambda: True)
    assert client.get("/healthz").json() == {"status": "ok"}


def test_openapi_tells_the_errors(app: FastAPI, client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["components"]["schemas"]["ProblemDocument"]["properties"]["detail"]
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            refused = {code for code in described["responses"] if code.startswith(("4", "5"))}
            assert {"401", "404", "422", "500"} <= refused, (method, path)
            for code in refused:
                assert list(described["responses"][code]["content"]) == ["application/problem+json"], (path, code)
    json.dumps(document, allow_nan=False)
