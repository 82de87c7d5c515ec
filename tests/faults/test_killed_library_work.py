"""Whoever makes a release is killed in the middle of it: nothing is half-released, and the next one makes it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from library.ledger import State
from library.opening import open_library
from library.proposals import propose_folder
from library.store import LibraryStore, review
from reachback.accounts.models import Role
from reachback.assembly import Services, build_services
from reachback.settings import Settings
from tests.library.made_store import ANN, AT, BOB, made_folder

PROGRAM = Path(__file__).with_name("library_work_process.py")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    from reachback.migrations.schema import bring_up_to_date

    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))
    made = build_services(Settings(data_dir=tmp_path))
    bring_up_to_date(made.database)
    yield made
    made.database.close()


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, str(PROGRAM), str(folder)], env=environment)


def wait_for(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 90.0  # a busy machine is no failure
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.005)


def children_of(number: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells of a process's children")
def test_a_release_survives_its_workers(services: Services, tmp_path: Path) -> None:
    store = LibraryStore.create(tmp_path / "library", "made", "setter up", AT)
    manifest = made_folder(tmp_path / "folder") / "manifest.csv"
    review(store, propose_folder(store, manifest.parent, ANN, AT).proposed, BOB, AT)
    ann = services.accounts.principal_of_token(services.accounts.token_for(Role.LIBRARIAN, ANN, None))
    work_id = services.library_work.ask_release(ann)["work_id"]

    def now() -> dict[str, Any]:
        return services.library_work.show(work_id)

    # Once as soon as it is begun, once when it has said how far it is: two workers, and what they had started.
    for moment in (lambda: now()["state"] == "running", lambda: now()["progress"]["words"] is not None):
        with start(tmp_path) as process:
            wait_for(moment)
            wait_for(lambda number=process.pid: children_of(number) != [])  # type: ignore[misc]
            children = children_of(process.pid)
            process.send_signal(signal.SIGKILL)
        wait_for(lambda gone=children: not any(Path(f"/proc/{each}/stat").exists() for each in gone))  # type: ignore[misc]
        assert now()["state"] == "running"
        assert {each.state for each in store.ledger().standings.values()} == {State.REVIEWED}
        assert store.ledger().releases == []
    with start(tmp_path) as process:
        assert process.wait(timeout=120) == 0
    ended = now()
    assert (ended["state"], ended["result"]["release"]) == ("done", "made-1")
    assert {each.state for each in store.ledger().standings.values()} == {State.RELEASED}
    assert [each.digest for each in store.ledger().releases] == [ended["result"]["digest"]]
    assert open_library(str(store.path / "made-1")).n_refs == len(store.ledger().standings)
