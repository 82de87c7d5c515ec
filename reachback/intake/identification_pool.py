"""The processes that identify: one a core, each with the library open; a crash costs one attempt at one file."""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from reachback.intake.identification_worker import work
from reachback.problems import Busy
from reachback.settings import Settings

__all__ = ["IdentificationPool", "Target"]

_log = logging.getLogger(__name__)

ATTEMPTS = 2  # a worker may die of what another program does to the machine; twice in a row it is the file
SECONDS_A_FILE = 60.0  # [s]
SECONDS_TO_OPEN = 900.0  # [s] a raw folder of many references is compiled the first time
RETRY_AFTER = 2  # [s]

Target = Callable[[Connection, str | None], None]
_FAILED: dict[str, Any] = {"results": [], "device": []}


class _WorkerGone(Exception):
    """The process ended, or had to be ended."""


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, target: Target, library: str | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=target, args=(theirs, library), daemon=True, name="identification")
        self.process.start()
        theirs.close()

    def wait_until_ready(self) -> str | None:
        """None once it can identify; else why it cannot."""
        answer = self._receive(SECONDS_TO_OPEN)
        return None if "ready" in answer else str(answer.get("failed", "it gave no sensible answer"))

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Have one file identified."""
        try:
            self.pipe.send_bytes(json.dumps(request).encode())
        except OSError as error:
            raise _WorkerGone("it had ended before") from error
        return self._receive(SECONDS_A_FILE)

    def _receive(self, seconds: float) -> dict[str, Any]:
        try:
            if not self.pipe.poll(seconds):
                raise _WorkerGone(f"it took longer than {seconds:g} s")
            answer: dict[str, Any] = json.loads(self.pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self.process.join(1.0)
            raise _WorkerGone(f"it ended with code {self.process.exitcode}") from error
        return answer

    def end(self) -> None:
        """Close the pipe, and end the process where it does not end by itself."""
        with contextlib.suppress(OSError):
            self.pipe.close()
        self.process.kill()
        self.process.join()


class IdentificationPool:
    """Identifies stored files in processes of its own; started with the first file, or by `start`."""

    def __init__(self, settings: Settings, *, target: Target = work) -> None:
        self._library, self._target = settings.library, target
        self.n_workers = settings.workers or os.cpu_count() or 1
        self._room = threading.BoundedSemaphore(self.n_workers + settings.queue_length)
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()  # None stands for one that is to be started
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._started = self._closed = False
        self._failure: str | None = None
        self._opened = threading.Lock()  # the first to open a raw folder compiles it, the others find it compiled

    def start(self) -> None:
        """Start the processes in the background; `is_ready` tells when the first can identify."""
        with self._lock:
            if self._started or self._closed:
                return
            self._started = True
        threading.Thread(target=self._start_all, name="identification start", daemon=True).start()

    def is_ready(self) -> bool:
        """Whether a file would be identified now."""
        return self._ready.is_set() and not self._closed

    @property
    def failure(self) -> str | None:
        """Why no process can identify, None where nothing is known to be wrong."""
        return self._failure

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                worker = self._idle.get_nowait()
                if worker is not None:
                    worker.end()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, held while a file is identified; Busy where all are taken."""
        if not self._room.acquire(blocking=False):
            raise Busy("all identification processes are at work, and the queue is full", retry_after=RETRY_AFTER)
        try:
            yield
        finally:
            self._room.release()

    def identify(
        self,
        path: Path,
        name: str,
        stated: Mapping[str, Any],
        while_waiting: Callable[[], None] = lambda: None,
        every: float = 5.0,
    ) -> dict[str, Any]:
        """Answers for a stored file: ``results`` and ``refusals`` of its spectra, and what the ``device`` said.

        ``while_waiting`` is called every few seconds until a process is free.
        """
        self.start()
        request = {"path": str(path), "name": name, "stated": dict(stated)}
        why = ""
        for _attempt in range(ATTEMPTS):
            worker = self._take(while_waiting, every)
            try:
                answer = worker.ask(request)
            except _WorkerGone as gone:
                why = str(gone)
                _log.warning("an identification process was lost: %s", why)
                worker.end()
                self._idle.put(None)
                continue
            except BaseException:
                worker.end()
                self._idle.put(None)
                raise
            self._give_back(worker)
            return answer
        sentence = f"identification failed on this file twice ({why}); a chemist can look at the file itself"
        return {**_FAILED, "refusals": [{"index": None, "error": sentence}]}

    def _take(self, while_waiting: Callable[[], None], every: float) -> _Worker:
        while not self._closed:
            try:
                worker = self._idle.get(timeout=every)
            except queue.Empty:
                if self._failure is not None:
                    raise Busy(f"identification is not possible: {self._failure}", retry_after=60) from None
                while_waiting()
                continue
            if worker is None:
                worker = self._start_one()
            return worker
        raise Busy("the service is ending", retry_after=5)

    def _give_back(self, worker: _Worker) -> None:
        self._idle.put(worker)
        if self._closed:
            self.close()

    def _start_all(self) -> None:
        for number in range(self.n_workers):
            try:
                self._give_back(self._start_one())
            except Busy:  # what is wrong is written in `failure`; the others would fail alike, the next file tries them
                for _later in range(number + 1, self.n_workers):
                    self._idle.put(None)
                return

    def _start_one(self) -> _Worker:
        with self._opened:
            worker = _Worker(self._target, self._library)
            try:
                self._failure = worker.wait_until_ready()
            except _WorkerGone as gone:
                self._failure = f"a process could not start: {gone}"
            if self._failure is not None:
                worker.end()
                _log.error("no identification: %s", self._failure)
                self._idle.put(None)  # the next file tries again
                raise Busy(f"identification is not possible: {self._failure}", retry_after=60)
            self._ready.set()
            return worker
