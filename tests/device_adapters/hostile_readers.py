"""Readers that do what a reader must not, for the cage to bear."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from device_adapters import NotASpectrum, Recording
from device_adapters.caged.frames import encode_recordings
from device_adapters.format import Recognition


def made(title: str | None = None, n_points: int = 3) -> list[Recording]:
    x = [400.0 + i for i in range(n_points)]
    return [Recording("hostile", 0, np.array(x), np.array(x), "cm-1", "counts", title=title)]


def behave(data: bytes, name: str) -> list[Recording]:
    """Do what the file says."""
    word = data.decode().split(":")[0]
    deeds: dict[str, Callable[[], object]] = {
        "loop": _loop,
        "sleep": lambda: time.sleep(600),
        "hoard": _hoard,
        "die": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "segfault": lambda: ctypes.string_at(0),
        "leave": lambda: os._exit(7),
        "garbage": _write_garbage,
        "half": _write_half,
        "lie": _write_lie,
        "flood": _flood,
        "print": _print,
        "nest": _nest,
        "raise": _raise,
        "stop": _stop,
    }
    if word in deeds:
        deeds[word]()
    if word == "refuse":
        raise NotASpectrum("it is none")
    if word == "nothing":
        return []
    if word == "what":
        return made(_what_is_possible())
    if word == "pid":
        return made(str(os.getpid()))
    if word == "large":
        return made(n_points=500_000)
    return made(name)


def _print() -> None:
    print("a line between two answers", flush=True)  # noqa: T201 - that is the deed


def _loop() -> None:
    while True:
        pass


def _hoard() -> None:
    hoard = [bytearray(64 << 20)]
    while True:
        hoard.append(bytearray(64 << 20))


def _answers() -> int:
    """The descriptor that answers go to: the pipe that is not the standard output."""
    for descriptor in range(3, 32):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"")
            return descriptor
    raise OSError("no pipe to write to")


def _write_garbage() -> None:
    os.write(_answers(), b"garbage " * 100)


def _write_half() -> None:
    os.write(_answers(), encode_recordings(made())[:40])
    os._exit(0)


def _write_lie() -> None:
    os.write(_answers(), encode_recordings(made()).replace(b'"n_missing": 0', b'"n_missing":-1'))


def _flood() -> None:
    with contextlib.suppress(OSError):
        while True:
            os.write(_answers(), bytes(1 << 16))


def _nest() -> None:
    _nest()


def _raise() -> None:
    raise KeyError("line one\nline two \x1b[31m" + "long " * 500)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _what_is_possible() -> str:
    """Words for everything that should not be possible and was."""
    possible = []
    deeds: dict[str, Callable[[], object]] = {
        "open": lambda: Path("/etc/hostname").read_bytes(),
        "write": lambda: Path("written-in-the-cage").write_bytes(b"x"),
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        "fork": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    }
    for word, deed in deeds.items():
        with contextlib.suppress(OSError):
            deed()
            possible.append(word)
    if any(name.startswith("REACHBACK") for name in os.environ):
        possible.append("environment")
    return ", ".join(possible) or "nothing"


class Hostile:
    """The same as a format of another package."""

    name = "hostile"

    def recognises(self, head: bytes, name: str) -> Recognition:
        if head.startswith(b"HOSTILE-JUDGE"):
            raise RuntimeError("cannot judge")
        return Recognition.CERTAIN if head.startswith(b"HOSTILE ") else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        return behave(data.removeprefix(b"HOSTILE "), name)


FORMAT = Hostile()


class Trusted(Hostile):
    """One that says it needs no cage."""

    name = "trusted"
    runs_in_process = True
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        return Recognition.CERTAIN if head.startswith(b"TRUSTED ") else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        return behave(data.removeprefix(b"TRUSTED "), name)


TRUSTED = Trusted()
