"""Readers that are not ours run in a child process: bounded in memory and time, and killed when they overrun.

A cage belongs to one reader. Its child is started with the first file and stays warm for the next ones, so that a
batch pays one start-up; a crash, a kill or a wrong answer costs that file and a fresh start. The child is a plain
subprocess with two pipes: workers of process pools, which may not have children by ``multiprocessing``, can have one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from device_adapters.caged.frames import BadAnswer, Pipe, read_answer, write_request
from device_adapters.errors import MalformedFile
from device_adapters.limits import CAGE_MEMORY_BYTES, CAGE_SECONDS, CAGE_START_SECONDS
from device_adapters.recording import Recording

__all__ = ["Cage", "close_cages", "read_caged"]

_LINGER_S = 2.0
_COPY = "copy or export the file again"
# Secrets of the service stand in the environment; the child needs none of it but the way to shared libraries.
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
_START = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); import runpy; runpy.run_module({!r}, None, {!r})"
_MODULE = "device_adapters.caged.child"


class _Child:
    """A running child, and the clock over it."""

    def __init__(self, target: str, memory_bytes: int, seconds: float) -> None:
        # As a thread may start one while another does, nothing of the parent is inherited but the two pipes.
        paths = json.dumps([str(Path(entry).absolute()) for entry in sys.path])
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, and no shell
            [
                sys.executable,
                "-I",
                "-c",
                _START.format(_MODULE, "__main__"),
                paths,
                target,
                str(memory_bytes),
                str(seconds),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a fork must not inherit half a request in a buffer
            env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ} | _ONE_THREAD,
            start_new_session=True,
        )
        assert self.process.stdin is not None  # noqa: S101 - opened with PIPE
        assert self.process.stdout is not None  # noqa: S101
        self.requests: Pipe = self.process.stdin
        self.answers: Pipe = self.process.stdout
        self.is_overdue = False

    def limit(self, seconds: float) -> threading.Timer:
        """A clock that kills the child; every pipe then ends, and whoever waits for one wakes up."""
        timer = threading.Timer(seconds, self._overrun)
        timer.daemon = True
        timer.start()
        return timer

    def _overrun(self) -> None:
        self.is_overdue = True
        self.kill()

    def kill(self) -> None:
        """End the child and all it may have started."""
        if self.process.returncode is not None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()

    def end(self) -> None:
        """Kill it, close the pipes, and leave no zombie."""
        self.kill()
        self.abandon()
        self.process.wait()

    def exit_code(self) -> int:
        """How a child whose pipe has ended went, killed where it lingers."""
        try:
            return self.process.wait(_LINGER_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()

    def abandon(self) -> None:
        """Close this side's pipes; a child that nobody talks to ends by itself."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Cage:
    """One reader in its own process.

    Parameters
    ----------
    target : str
        ``"module:name"`` of a function ``(data, name) -> list of Recording`` or of a format.
    seconds : float
        [s] of wall clock a file may take.
    memory_bytes : int
        [bytes] of address space the reader may have.
    """

    def __init__(self, target: str, *, seconds: float = CAGE_SECONDS, memory_bytes: int = CAGE_MEMORY_BYTES) -> None:
        self.target, self.seconds, self.memory_bytes = target, seconds, memory_bytes
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self.n_starts = 0

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Have the reader read a file; threads take turns.

        Raises
        ------
        AdapterError
            What the reader refuses; ``MalformedFile`` where it crashes, overruns its limits or answers nonsense.
        """
        with self._lock:
            if self._child is None:
                self._child = self._start()
            child = self._child
            clock = child.limit(self.seconds)
            is_sound = False
            try:
                write_request(child.requests, data, name)
                answer = read_answer(child.answers)
                is_sound = not (answer.is_spent or answer.is_ready)
            except BadAnswer as error:
                raise MalformedFile(f"its reader gave no sensible answer ({error}): {_COPY}") from error
            except (EOFError, OSError) as error:
                raise MalformedFile(self._why_it_ended(child)) from error
            finally:
                clock.cancel()
                clock.join()  # it may be striking just now
                if not is_sound or child.is_overdue:
                    self._discard()
        if answer.refusal is not None:
            raise answer.refusal
        if not answer.recordings:
            raise MalformedFile(f"its reader gave no recordings: {_COPY}")
        return list(answer.recordings)

    def close(self) -> None:
        """End the child; the next file starts another one."""
        with self._lock:
            self._discard()

    def abandon(self) -> None:
        """Let go of a child that a fork has left to its parent."""
        if self._child is not None:
            self._child.abandon()
            self._child.process.returncode = 0  # it is the parent's to wait for

    def _start(self) -> _Child:
        child = _Child(self.target, self.memory_bytes, self.seconds)
        self.n_starts += 1
        clock = child.limit(CAGE_START_SECONDS)
        try:
            answer = read_answer(child.answers)
        except (BadAnswer, EOFError, OSError) as error:
            child.end()
            raise MalformedFile(f"its reader {self.target} could not be started here: try again") from error
        finally:
            clock.cancel()
        if not answer.is_ready:
            child.end()
            raise answer.refusal or MalformedFile(f"its reader {self.target} could not be started here: try again")
        return child

    def _discard(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _why_it_ended(self, child: _Child) -> str:
        if child.is_overdue:
            return f"reading it takes longer than {self.seconds:g} s: {_COPY}"
        code = child.exit_code()
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"its reader crashed on it ({how}): {_COPY}"


_cages: dict[str, Cage] = {}
_cages_lock = threading.Lock()


def read_caged(target: str, data: bytes, name: str) -> list[Recording]:
    """Read a file with the reader ``target`` in its cage, which is kept warm for the next file."""
    with _cages_lock:
        cage = _cages.setdefault(target, Cage(target))
    return cage.read(data, name)


@atexit.register
def close_cages() -> None:
    """End every child."""
    with _cages_lock:
        cages = list(_cages.values())
        _cages.clear()
    for cage in cages:
        cage.close()


def _forget_cages() -> None:
    """After a fork: the pipes are the parent's, and a lock may be held by a thread that is not here."""
    global _cages_lock  # noqa: PLW0603 - a lock that was held while forking can only be replaced
    _cages_lock = threading.Lock()
    for cage in _cages.values():
        cage.abandon()
    _cages.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_cages)
