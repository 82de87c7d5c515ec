"""A run through the archive that is killed goes on where it was, and ends as an undisturbed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from reachback.cases.models import Case, Lane
from reachback.clock import SystemClock
from reachback.db.session import Database, sqlite_url
from reachback.migrations.schema import bring_up_to_date
from reachback.rescreening.models import ChunkState, RescreeningChunk, RetrospectiveHit
from tests.contracts.databases import make_database
from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, Archive, made_library, made_scan

N_SCANS = 24


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))
    database = make_database(sqlite_url(tmp_path), SystemClock())
    bring_up_to_date(database)
    earlier = made_library(tmp_path / "earlier", OLD_NAMES)
    yield Archive(
        database, SystemClock(), tmp_path, earlier, made_library(tmp_path / "present", [*OLD_NAMES, NEW_NAME])
    )
    database.close()


def command(archive: Archive) -> list[str]:
    options = ["--since", str(archive.earlier), "--library", str(archive.present), "--data-dir", str(archive.folder)]
    return [sys.executable, "-m", "reachback", "rescreen", *options, "--workers", "1"]


def count(database: Database, state: ChunkState) -> int:
    with database.reading() as session:
        query = select(func.count()).where(RescreeningChunk.state == state)
        return session.scalar(query) or 0


def test_a_run_survives_being_killed(archive: Archive) -> None:
    content = made_scan((NEW_NAME, 1.0))
    scans = {archive.keep(content, size=5 * 2**20) for _ in range(N_SCANS)}  # each fills a chunk
    with subprocess.Popen(command(archive), stdout=subprocess.PIPE, start_new_session=True) as process:
        for _ in range(1200):
            if count(archive.database, ChunkState.DONE) >= 2:
                break
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    done = count(archive.database, ChunkState.DONE)
    assert 2 <= done < N_SCANS
    started = time.monotonic()
    again = subprocess.run(command(archive), capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stderr
    assert time.monotonic() - started < 90  # what the killed process held was not waited for
    assert f"{N_SCANS} of {N_SCANS} chunks" in again.stdout
    assert f"{N_SCANS} hits" in again.stdout
    with archive.database.reading() as session:
        hits = list(session.scalars(select(RetrospectiveHit)))
        cases = list(session.scalars(select(Case)))
    assert {hit.scan_id for hit in hits} == scans
    assert len(hits) == len(cases) == N_SCANS
    assert {case.lane for case in cases} == {Lane.RETROSPECTIVE}
