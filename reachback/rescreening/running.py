"""Drives a run: takes chunks, has an executor work on them, writes what comes back; a kill loses what is in hand."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass

from reachback.rescreening.chunk_work import ChunkAnswer, OtherLibrary, look_through
from reachback.rescreening.repository import Progress
from reachback.rescreening.service import LEASE_FOR, Asked, RescreeningService, Taken

__all__ = ["OpenExecutor", "run_through"]

Tell = Callable[[Progress], None]
OpenExecutor = Callable[[], AbstractContextManager[tuple[Executor, int]]]

_RENEW_SECONDS = LEASE_FOR.total_seconds() / 4
_AHEAD = 2  # chunks in hand for each worker, so that none waits for the next
_LOOK_SECONDS = 2.0  # between looks at what other processes hold
_MOST_BREAKS = 20  # an executor that breaks more often than chunks may fail is no executor


@dataclass(frozen=True, slots=True)
class _Driver:
    service: RescreeningService
    run_id: str
    asked: Asked
    owner: str
    tell: Tell


def run_through(
    service: RescreeningService, run_id: str, asked: Asked, open_executor: OpenExecutor, tell: Tell
) -> Progress:
    """Work on a run until nothing of it is left for this process; several processes may work on one run.

    Parameters
    ----------
    open_executor : callable
        Gives a context with an executor and the number of its workers; called again where the executor breaks.
    tell : callable
        Called with the progress after every chunk.

    Raises
    ------
    OtherLibrary
        A worker has another library under the same name.
    """
    driver = _Driver(service, run_id, asked, f"{socket.gethostname()}/{os.getpid()}", tell)
    breaks = 0
    while breaks < _MOST_BREAKS:
        service.let_go_of(run_id, _has_gone)
        with open_executor() as (executor, n_workers):
            # Once it broke, one chunk at a time shows which of them breaks it; the others are not to pay for that.
            is_whole = _worked_off(driver, executor, 1 if breaks else _AHEAD * n_workers)
            progress = service.end_where_over(run_id)
            while is_whole and not progress.is_over:
                # Others work on the rest; where one of them was killed elsewhere, its lease runs out.
                tell(progress)
                time.sleep(_LOOK_SECONDS)
                service.let_go_of(run_id, _has_gone)
                is_whole = _worked_off(driver, executor, 1 if breaks else _AHEAD * n_workers)
                progress = service.end_where_over(run_id)
        if is_whole:
            return progress
        breaks += 1
    return service.end_where_over(run_id)


def _worked_off(driver: _Driver, executor: Executor, most_in_hand: int) -> bool:
    """True where nothing is left to take; false where the executor broke and another is needed."""
    in_hand: dict[Future[ChunkAnswer], Taken] = {}
    is_broken = False
    try:
        while True:
            while not is_broken and len(in_hand) < most_in_hand:
                taken = driver.service.take(driver.run_id, driver.owner, driver.asked)
                if taken is None:
                    break
                is_broken = not _submit(executor, taken, in_hand, driver)
            if not in_hand:
                return not is_broken
            done, _ = wait(in_hand, timeout=_RENEW_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                is_broken |= _settled(driver, future, in_hand.pop(future))
            if not done:
                for taken in in_hand.values():
                    driver.service.renew(taken)
    finally:
        for future, taken in in_hand.items():
            future.cancel()
            driver.service.release(taken, None)


def _has_gone(owner: str) -> bool:
    """Whether the owner of a lease is a process of this machine that is no more."""
    host, _, number = owner.rpartition("/")
    if host != socket.gethostname() or not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _submit(executor: Executor, taken: Taken, in_hand: dict[Future[ChunkAnswer], Taken], driver: _Driver) -> bool:
    try:
        in_hand[executor.submit(look_through, taken.work)] = taken
    except (BrokenExecutor, RuntimeError):
        driver.service.release(taken, None)  # it was never looked at: nobody's fault
        return False
    return True


def _settled(driver: _Driver, future: Future[ChunkAnswer], taken: Taken) -> bool:
    """Write what came of a chunk; true where the executor broke."""
    try:
        answer = future.result()
    except OtherLibrary:
        driver.service.release(taken, None)
        raise
    except (BrokenExecutor, CancelledError) as error:
        driver.service.release(taken, f"the process that looked at it ended ({type(error).__name__})")
        return True
    except Exception as error:  # noqa: BLE001 – a fault in a worker must not end the run; three of them end the chunk
        driver.service.release(taken, f"{type(error).__name__}: {error}"[:500])
        return False
    driver.service.finish(taken, answer)
    driver.tell(driver.service.end_where_over(driver.run_id))
    return False
