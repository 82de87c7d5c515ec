"""The child: takes files from its standard input, answers on its standard output, and may do nothing else."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

from device_adapters.caged.frames import encode_ready, encode_recordings, encode_refusal, read_request
from device_adapters.errors import AdapterError, MalformedFile
from device_adapters.recording import Recording

__all__ = ["main"]

Reader = Callable[[bytes, str], list[Recording]]

# Python loads these only when they are first needed, which is too late once no file can be opened any more.
_LATE_MODULES = (
    "_strptime",
    *(f"encodings.{codec}" for codec in ("ascii", "cp1252", "latin_1", "utf_16", "utf_16_be", "utf_16_le", "utf_32")),
)
_CPU_SLACK_S = 2
_LONGEST_CAUSE = 200  # characters
_COPY = "copy or export the file again"


def main(target: str, memory_bytes: int, seconds: float) -> None:
    """Serve until the parent closes the pipe.

    Parameters
    ----------
    target : str
        ``"module:name"`` of a reader, or of a format with a method ``read``.
    memory_bytes : int
        [bytes] of address space.
    seconds : float
        [s] of processor time for each file; the parent watches the wall clock.
    """
    # What a reader prints must not stand between two answers.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)
    try:
        reader = _load(target)
    except (ImportError, AttributeError) as error:
        answers.write(encode_refusal(MalformedFile(f"its reader cannot be loaded here: {error}"), is_spent=True))
        answers.flush()
        return
    for late in _LATE_MODULES:
        importlib.import_module(late)
    _lock_down(memory_bytes)
    answers.write(encode_ready())
    answers.flush()
    while (request := read_request(requests)) is not None:
        _allow_processor_time(seconds)
        answers.write(_answer(reader, *request))
        answers.flush()


def _load(target: str) -> Reader:
    module, _, name = target.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    reader: Reader = getattr(found, "read", found)
    return reader


def _answer(reader: Reader, data: bytes, name: str) -> bytes:
    try:
        return encode_recordings(reader(data, name))
    except AdapterError as refusal:
        return encode_refusal(refusal)
    except MemoryError:
        return encode_refusal(
            MalformedFile(f"reading it takes more memory than a file may ask for: {_COPY}"), is_spent=True
        )
    except RecursionError:
        return encode_refusal(MalformedFile(f"its parts are nested without end: {_COPY}"), is_spent=True)
    except Exception as error:  # noqa: BLE001 - a reader of others may raise anything, and the file gets a sentence
        cause = f"{type(error).__name__}: {error}"[:_LONGEST_CAUSE]
        return encode_refusal(MalformedFile(f"its reader cannot follow it ({cause}): {_COPY}"))


def _lock_down(memory_bytes: int) -> None:
    """Bound memory, and allow neither writing nor opening files, nor sockets, nor further processes."""
    try:
        import resource
    except ImportError:  # Windows has none of this; the wall clock is watched there too
        return
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (getattr(resource, "RLIMIT_NPROC", None), 0),
        (resource.RLIMIT_NOFILE, _highest_descriptor() + 1),
    ):
        if limit is not None:
            with contextlib.suppress(OSError, ValueError):  # macOS knows some of them by name only
                resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError):  # gaps below the limit could still be opened
        while True:
            os.dup(0)


def _highest_descriptor() -> int:
    highest = 2
    for descriptor in range(256):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            highest = descriptor
    return highest


def _allow_processor_time(seconds: float) -> None:
    """End by itself if the parent is killed while a reader turns in circles."""
    try:
        import resource
    except ImportError:
        return
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + _CPU_SLACK_S, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
