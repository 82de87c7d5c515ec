"""What an identification process does: open the library once, then answer one stored file after another.

Only the standard library is imported up here: the number of threads has to be set before numpy is loaded.
"""

from __future__ import annotations

import json
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_adapters.recording import Recording
    from library.model import OpenLibrary

__all__ = ["DEVICE_WORDS", "work"]

# What the device itself said, as the metadata model names it.
DEVICE_WORDS = (
    *("device_result", "device_verdict", "device_hits", "device_candidates", "device_library", "device_alarm"),
    *("serial", "vendor", "instrument", "time_as_written", "time_utc"),
)


def work(pipe: Connection, library: str | None) -> None:
    """Answer requests until the other side closes the pipe; every message is JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the service, which then ends its workers
    for name in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    from library.errors import LibraryError
    from library.opening import open_library

    try:
        opened = open_library(library)
    except LibraryError as error:
        _send(pipe, {"failed": str(error)})
        return
    _send(pipe, {"ready": True})
    while True:
        try:
            request = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        _send(pipe, _answer(request, opened))


def _send(pipe: Connection, message: dict[str, Any]) -> None:
    from reachback.strict_json import dump_strictly

    try:
        pipe.send_bytes(dump_strictly(message, indent=None).encode())
    except OSError:
        raise SystemExit(0) from None  # nobody listens any more


def _answer(request: dict[str, Any], library: OpenLibrary) -> dict[str, Any]:
    from reachback.last_resort import Mishap, attempt

    answer = attempt(lambda: _identify(request, library))
    return _unreadable(answer.sentence) if isinstance(answer, Mishap) else answer


def _unreadable(error: str) -> dict[str, Any]:
    return {"results": [], "refusals": [{"index": None, "error": error}], "device": []}


def _identify(request: dict[str, Any], library: OpenLibrary) -> dict[str, Any]:
    from device_adapters.errors import AdapterError
    from device_adapters.reading import load_bytes, read
    from device_adapters.stated import Stated
    from reachback.identification_json import identification_as_json
    from reachback.identifying import Verdict, identify_recordings

    name = str(request["name"])
    try:
        recordings = read(load_bytes(request["path"]), Path(name).name)
        stated = Stated(**request["stated"])
    except (AdapterError, ValueError) as error:
        return _unreadable(str(error))
    answers = identify_recordings(recordings, name, library, stated)
    return {
        "results": [
            identification_as_json(each.identification, library) for each in answers if isinstance(each, Verdict)
        ],
        "refusals": [{"index": each.index, "error": each.error} for each in answers if not isinstance(each, Verdict)],
        "device": _device_words(recordings),
    }


def _device_words(recordings: Sequence[Recording]) -> list[dict[str, Any]]:
    said = []
    for recording in recordings:
        words = {key: recording.metadata[key] for key in DEVICE_WORDS if key in recording.metadata}
        if words:
            said.append({"index": recording.index, **words})
    return said
