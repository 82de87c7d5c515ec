"""The archive looked through on a real Dask cluster, by the command that a laboratory types."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reachback.clock import SystemClock
from reachback.db.session import sqlite_url
from reachback.migrations.schema import bring_up_to_date
from tests.contracts.databases import make_database
from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, Archive, made_library, made_scan


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))  # the workers inherit it
    distributed: Any = pytest.importorskip("distributed", reason="Dask comes with the extra `cluster`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks of ports and of this machine's memory
        options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        with distributed.LocalCluster(**options) as cluster:
            yield cluster.scheduler_address


def test_the_archive_is_looked_through_on_a_cluster(scheduler: str, tmp_path: Path) -> None:
    database = make_database(sqlite_url(tmp_path), SystemClock())
    bring_up_to_date(database)
    earlier = made_library(tmp_path / "earlier", OLD_NAMES)
    present = made_library(tmp_path / "present", [*OLD_NAMES, NEW_NAME])
    archive = Archive(database, SystemClock(), tmp_path, earlier, present)
    for salt in range(6):
        archive.keep(made_scan((NEW_NAME if salt % 2 else OLD_NAMES[salt], 1.0), salt=salt), size=5 * 2**20)
    database.close()
    options = ("--since", earlier, "--library", present, "--data-dir", tmp_path, "--scheduler", scheduler)
    ended = subprocess.run(
        [sys.executable, "-m", "reachback", "rescreen", *map(str, options)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "1 new references, 0 gone since earlier unreleased: 6 of 6 chunks, 6 spectra looked at" in ended.stdout
    assert "3 hits" in ended.stdout
