"""Where chunks are worked on: processes of this machine, or a Dask cluster; both are plain executors."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from reachback.errors import ReachbackError

__all__ = ["cluster", "own_processes"]

_CONNECT_SECONDS = 20


@contextmanager
def own_processes(n_workers: int) -> Iterator[tuple[Executor, int]]:
    """Processes of this machine, started fresh, each with one thread for its matrices."""
    for name in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{name}_NUM_THREADS", "1")  # a process inherits it before it loads numpy
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n_workers, mp_context=context, initializer=_leave_signals_to_the_parent)
    try:
        yield pool, n_workers
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(scheduler: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask scheduler; each needs this package and the library at the same place.

    Raises
    ------
    ReachbackError
        Dask is not installed, nobody answers there, or the cluster has no worker.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise ReachbackError("--scheduler needs Dask: install reachback[cluster]") from None
    try:
        client = distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        raise ReachbackError(f"no Dask scheduler can be reached at {scheduler} ({cause})") from None
    try:
        n_workers = sum(client.ncores().values())
        if not n_workers:
            raise ReachbackError(f"the Dask scheduler at {scheduler} has no worker; start some first")
        yield client.get_executor(pure=False), n_workers
    finally:
        client.close()


def _leave_signals_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
