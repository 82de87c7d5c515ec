"""Chemists' processes are killed at any moment: no case is lost, and none is answered twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from reachback.cases.models import Case, CaseState, Lane
from reachback.cases.service import CaseService
from reachback.clock import SystemChance, SystemClock
from reachback.db.session import Database
from reachback.notify.models import DomainEvent
from reachback.notify.service import NotifyService
from reachback.settings import Settings

PROGRAM = Path(__file__).with_name("claimer_process.py")
KILLS, CASES, AT_ONCE = 25, 40, 4
LEASE_SECONDS, DAWDLE_SECONDS = 1, 1.3  # about one finish in four comes too late


@contextmanager
def claimer(url: str, number: int, dawdle: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), url, f"chemist-{number}", str(LEASE_SECONDS), str(dawdle)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def first_line_with(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith((word, "done")):
            return line
    return ""


@pytest.mark.slow
def test_killed_claimers_lose_no_case_and_answer_none_twice(database: Database) -> None:
    clock, chance, settings = SystemClock(), SystemChance(), Settings(lease_seconds=LEASE_SECONDS)
    cases = CaseService(database, clock, chance, settings, NotifyService(clock, chance, settings))
    with database.writing("test", "open") as session:
        for number in range(CASES):
            lane = list(Lane)[number % 3]
            cases.open_case(session, unit="u", exhibit=None, lane=lane, because="a test")
    url = database.engine.url.render_as_string(hide_password=False)
    whims = random.Random(7)
    kills = 0
    number = 0
    while kills < KILLS:
        batch = []
        for _ in range(min(AT_ONCE, KILLS - kills)):
            number += 1
            context = claimer(url, number, DAWDLE_SECONDS)
            batch.append((context, context.__enter__()))
        for context, process in batch:
            line = first_line_with(process, "claimed")
            if not line.startswith("done"):
                time.sleep(whims.uniform(0.0, 0.4))
                process.send_signal(signal.SIGKILL)
                kills += 1
            context.__exit__(None, None, None)
        if all(_is_found(database)):
            break
    killed_in_time = kills
    time.sleep(LEASE_SECONDS)
    cases.put_back_lapsed()
    with claimer(url, 1000, 0.0) as survivor:
        assert survivor.wait(timeout=60) == 0
    answers = _answers(database)
    assert killed_in_time == KILLS
    assert set(answers.values()) == {1}
    assert len(answers) == CASES
    assert all(_is_found(database))


def _is_found(database: Database) -> list[bool]:
    with database.reading() as session:
        return [state == CaseState.FOUND for state in session.scalars(select(Case.state))]


def _answers(database: Database) -> Counter[str]:
    """How often each case became found: a move and its event are one transaction."""
    with database.reading() as session:
        return Counter(session.scalars(select(DomainEvent.subject_id).where(DomainEvent.kind == "case.found")))
