"""A desk on an embedded database, with a library in its store."""

from __future__ import annotations

from pathlib import Path

import pytest

from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import Desk, make_desk
from tests.reachback.web.laboratory.made_laboratory import filled_store


@pytest.fixture
def laboratory(sqlite_database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    filled_store(tmp_path / "library", tmp_path / "folder")
    return make_desk(sqlite_database, clock, tmp_path)
