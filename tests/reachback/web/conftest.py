"""A whole desk behind pages, on an embedded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reachback.accounts.models import BrowserSession, Role
from reachback.accounts.routes_rights import SESSION_COOKIE
from reachback.accounts.secrets_kept import digest
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, make_desk

PASSWORD = "a long enough password"  # noqa: S105 – of accounts that live as long as a test
OURS = {"Accept": "text/html", "Origin": "http://testserver"}


@pytest.fixture
def desk(sqlite_database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(sqlite_database, clock, tmp_path / "data") as made:
        yield made


@pytest.fixture
def browser(desk: Desk) -> Callable[..., TestClient]:
    """Somebody's browser: ``browser(Role.OFFICER, "anna", "harbour")``; without a role, nobody's."""

    def open_browser(role: Role | None = None, name: str = "anna", unit: str | None = "harbour") -> TestClient:
        client = TestClient(desk.client.app, headers=OURS, follow_redirects=False)
        if role is not None:
            person = desk.principal(role, name, unit)
            secret, now = desk.services.cases.chance.new_secret(), desk.services.clock.now()
            with desk.database.writing("test", "session.open") as session:
                session.add(
                    BrowserSession(sha256=digest(secret), account_id=person.account_id, created_at=now, seen_at=now)
                )
            client.cookies.set(SESSION_COOKIE, secret)
        return client

    return open_browser
