"""Works on what was asked of the library, one piece after the other, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from reachback.intake.process_sign import ProcessSign
from reachback.jobs.sweeps import Sweep
from reachback.library_work.jobs import Ended, Told
from reachback.library_work.models import WorkState
from reachback.library_work.service import HOLD_FOR, LibraryWorkService, TakenWork

__all__ = ["LibraryWorker", "library_work_sweeps"]

_log = logging.getLogger(__name__)
_RENEW_SECONDS = HOLD_FOR.total_seconds() / 4
_WRITE_SECONDS = 0.5  # [s] between two notes of how far it is
_LOOK_SECONDS = 0.2
_PROGRAM = (sys.executable, "-m", "reachback.library_work.child")


class LibraryWorker:
    """Takes pieces of work and has child processes do them; what is in hand when it stops waits again at once."""

    def __init__(self, service: LibraryWorkService, sign: ProcessSign) -> None:
        self._service, self._sign = service, sign
        self._stopping = threading.Event()

    def run_once(self) -> int:
        """Work on all that waits; the number of pieces that came to an end."""
        done = 0
        while not self._stopping.is_set():
            taken = self._service.take(self._sign.raise_sign(), self._sign.has_gone)
            if taken is None:
                break
            done += self._work_on(taken)
        return done

    def stop(self) -> None:
        """End the process that is at work; its piece waits for the next worker."""
        self._stopping.set()

    def end(self) -> None:
        """After the last round: nobody needs to ask any more whether this process is alive."""
        self._sign.lower()

    def _work_on(self, taken: TakenWork) -> bool:
        child = _Child(taken)
        try:
            ended = self._await(taken, child)
        finally:
            child.end()
        if ended is not None:
            return self._service.finish(taken, ended)
        self._service.let_go(taken, is_lost=not self._stopping.is_set())
        return False

    def _await(self, taken: TakenWork, child: _Child) -> Ended | None:
        """What came of it; None where the process has gone without a word, was stopped, or the lease is another's."""
        told: Told | None = None
        wrote = time.monotonic()
        while not self._stopping.is_set():
            said = child.next(_LOOK_SECONDS)
            if said is not None:
                if "ended" in said:
                    return Ended(**{**said["ended"], "state": WorkState(said["ended"]["state"])})
                told = Told(**said["told"]) if "told" in said else told
            elif child.has_gone:
                _log.warning("a process of library work ended by itself: %s", taken.work_id)
                return None
            waited = time.monotonic() - wrote
            if waited >= (_RENEW_SECONDS if told is None else _WRITE_SECONDS):
                if not self._service.renew(taken, told):
                    return None
                told, wrote = None, time.monotonic()
        return None


class _Child:
    """One process, the pipe to it, and the lines that came from it."""

    def __init__(self, taken: TakenWork) -> None:
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        # A session of its own: it is ended together with all that it has started.
        self._process = subprocess.Popen(  # noqa: S603 – our own program, and no argument of anybody's
            _PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        self._said: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self.has_gone = False
        with contextlib.suppress(OSError):  # it ended at once: the reader says so
            assert self._process.stdin is not None  # noqa: S101 – a pipe was asked for
            self._process.stdin.write(taken.job.to_line())
            self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read, name="library work", daemon=True)
        self._reader.start()

    def next(self, seconds: float) -> Mapping[str, Any] | None:
        """The next line; None where none came in time, or none will come any more (``has_gone``)."""
        try:
            said = self._said.get(timeout=seconds)
        except queue.Empty:
            return None
        self.has_gone = said is None
        return said

    def end(self) -> None:
        """Kill it with all that it has started, where it is not at its end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 – a pipe was asked for
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):
                self._said.put(json.loads(line))
        self._said.put(None)


def library_work_sweeps(worker: LibraryWorker) -> list[Sweep]:
    """What library work has done again and again."""
    return [Sweep("library.work", worker.run_once)]
