"""Compile many references on all cores: chunks to processes and back, so that 20,000 of them build within a minute.

Every reference is prepared by itself, so the matrices are the same, bit for bit, as from one process.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spectra.compilation import compile_references
from spectra.errors import InvalidReference, SpectraError
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Reference, ReferenceEntry, ReferenceSet

__all__ = ["compile_on_all_cores", "in_processes", "processes_for"]

FEWEST = 1_500  # below, starting processes takes longer than they save
CHUNK = 250
MAX_PROCESSES = 8

Item = TypeVar("Item")
Result = TypeVar("Result")
Compiled = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def processes_for(n_items: int) -> int:
    """How many processes to work in: one for few items, else one a core, at most 8."""
    return 1 if n_items < FEWEST else max(1, min(MAX_PROCESSES, os.cpu_count() or 1))


def compile_on_all_cores(references: Sequence[Reference], progress: Callable[[int], None]) -> ReferenceSet:
    """As `compile_references`.

    Parameters
    ----------
    references : sequence of Reference, length n_refs
        All of one technique; asked for one chunk at a time.
    progress : callable
        Called with the number of references done.

    Raises
    ------
    InvalidReference
        As `compile_references`.
    """
    processes = processes_for(len(references))
    if processes == 1:
        return compile_references(references, progress)
    technique = references[0].spectrum.technique
    recipe = recipe_for(technique)
    shape = (len(references), recipe.axis.size)
    curves, features = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    coverage = np.zeros((len(references), 2), dtype=np.int64)
    entries: list[ReferenceEntry] = []
    edges = [*range(0, len(references), CHUNK), len(references)]
    chunks = ([references[row] for row in range(low, high)] for low, high in pairwise(edges))

    def noted() -> Iterator[list[Reference]]:
        for chunk in chunks:
            entries.extend(reference.entry for reference in chunk)
            yield chunk

    done = 0
    for part in in_processes(_compile_chunk, noted(), processes):
        if isinstance(part, str):
            raise InvalidReference(part)
        rows = slice(done, done + len(part[0]))
        curves[rows], features[rows], coverage[rows] = part
        done = rows.stop
        progress(done)
    return ReferenceSet(technique, recipe.axis, curves, features, coverage, tuple(entries), recipe.digest)


def in_processes(
    work: Callable[[Item], Result],
    items: Iterator[Item],
    processes: int,
    first: tuple[Callable[..., None], tuple[Any, ...]] | None = None,
) -> Iterator[Result]:
    """Results in the order of the items; of these no more are taken than are being worked on.

    Parameters
    ----------
    work : callable
        A function of a module, as it goes to other processes by its name.
    first : callable and its arguments, or None
        What each process does before its first item.
    """
    # Small matrices are slower on several threads, and the processes would take them from each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    waiting: deque[Future[Result]] = deque()
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (first,)) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > 2 * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise MemoryError(
                "a process that prepared references was ended from outside, probably for memory"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(first: tuple[Callable[..., None], tuple[Any, ...]] | None) -> None:
    """In a new process of the pool: end with the process that started it, also where that one was killed."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()
    if first is not None:
        first[0](*first[1])


def _end_after(sentinel: int) -> None:
    # The pool's own end is told through a pipe whose other end its processes hold too: they would wait for ever.
    wait([sentinel])
    os._exit(1)


def _compile_chunk(references: list[Reference]) -> Compiled | str:
    """The matrices of a chunk, or the sentence that refuses one of its references."""
    try:
        compiled = compile_references(references)
    except SpectraError as error:
        return str(error)
    return compiled.curves, compiled.features, compiled.coverage
