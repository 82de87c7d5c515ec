"""Real processes: they share the work, one that dies costs one attempt, a full queue says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reachback.intake import identification_pool
from reachback.intake.identification_pool import IdentificationPool
from reachback.problems import Busy
from reachback.settings import Settings
from tests.reachback.intake.failing_worker import work as fail

Make = Callable[..., IdentificationPool]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made = []

    def make(**settings: Any) -> IdentificationPool:
        pool = IdentificationPool(Settings(data_dir=tmp_path, **{"workers": 2, **settings}), target=fail)
        made.append(pool)
        return pool

    yield make
    for pool in made:
        pool.close()


def ask(pool: IdentificationPool, name: str, path: Path = Path("x")) -> dict[str, Any]:
    return pool.identify(path, name, {})


def test_files_are_answered_by_several_processes(make: Make) -> None:
    pool = make()
    pids = set()

    def send() -> None:
        pids.add(ask(pool, "slow")["results"][0]["pid"])

    ask(pool, "first")
    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 2
    assert pool.is_ready()


def test_a_file_that_kills_is_answered_and_the_others_do_not_notice(make: Make, tmp_path: Path) -> None:
    pool = make()
    answers: list[dict[str, Any]] = []
    others = [threading.Thread(target=lambda: answers.append(ask(pool, "slow"))) for _ in range(4)]
    for thread in others:
        thread.start()
    killed = ask(pool, "killer", tmp_path / "killer")
    for thread in others:
        thread.join()
    assert killed["results"] == []
    assert "failed on this file twice" in killed["refusals"][0]["error"]
    assert [answer["results"][0]["name"] for answer in answers] == ["slow"] * 4
    assert ask(pool, "after")["results"][0]["name"] == "after"


def test_a_process_that_dies_once_costs_one_attempt(make: Make, tmp_path: Path) -> None:
    pool = make(workers=1)
    assert ask(pool, "kills once", tmp_path / "mark")["results"][0]["name"] == "kills once"


def test_a_file_that_takes_too_long_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identification_pool, "SECONDS_A_FILE", 0.1)
    pool = make(workers=1)
    assert "longer than 0.1 s" in ask(pool, "slow")["refusals"][0]["error"]


def test_a_full_queue_says_when_to_come_again(make: Make) -> None:
    pool = make(workers=1, queue_length=1)
    with pool.place(), pool.place():
        with pytest.raises(Busy) as busy, pool.place():
            pass
        assert busy.value.retry_after
    with pool.place():
        pass


def test_a_library_that_cannot_be_opened_is_said(make: Make) -> None:
    pool = make(library="broken")
    with pytest.raises(Busy, match="this is no library"):
        ask(pool, "x")
    assert not pool.is_ready()
    assert pool.failure == "this is no library"


def test_waiting_for_a_process_gives_signs_of_life(make: Make) -> None:
    pool = make(workers=1)
    ask(pool, "first")
    holder = threading.Thread(target=ask, args=(pool, "slow"))
    holder.start()
    time.sleep(0.1)
    signs: list[float] = []
    pool.identify(Path("x"), "then", {}, lambda: signs.append(time.monotonic()), every=0.1)
    holder.join()
    assert signs


def test_closing_ends_the_processes(make: Make) -> None:
    pool = make(workers=1)
    ask(pool, "x")
    pool.close()
    with pytest.raises(Busy, match="ending"):
        ask(pool, "y")
