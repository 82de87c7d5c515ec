"""The process that works on one piece: ``python -m reachback.library_work.child``. Ends with whoever started it.

The job comes as one line on standard input, which then stays open: its end means that the starter has gone, and then
this process and all it has started end at once. What it has to say goes to standard output, a line of JSON each.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict
from typing import BinaryIO

from library.errors import LibraryError
from reachback.library_work.jobs import Ended, Job, Told
from reachback.library_work.models import WorkKind, WorkState
from reachback.library_work.steps import import_step, release_step

__all__ = ["main"]

_TELL_EVERY = 0.25  # [s]
_NICER = 5  # a scan in the next process goes first


def main() -> None:
    """Work on the job that stands on standard input."""
    job = Job.from_line(sys.stdin.buffer.readline())
    # Whatever a library prints must not come between the lines that are read.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(_NICER)
    ended = _worked(job, _Teller(out))
    _say(out, {"ended": asdict(ended)})


def _worked(job: Job, teller: _Teller) -> Ended:
    step = release_step if job.kind == WorkKind.RELEASE else import_step
    try:
        return step(job, teller.tell)
    except LibraryError as error:
        return Ended(WorkState.REFUSED, _without_places(str(error), job), None)
    except OSError as error:
        return Ended(
            WorkState.FAILED, f"the disk did not let it go on ({error.strerror or type(error).__name__})", None
        )
    except Exception as fault:  # noqa: BLE001 – the last resort: whoever asked gets a sentence, the log gets the rest
        traceback.print_exc()
        words = f"a fault of the program ended it ({type(fault).__name__}); the log of the service says more"
        return Ended(WorkState.FAILED, words, None)


class _Teller:
    """Says how far it is, not more often than anybody looks."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._said = out, 0.0

    def tell(self, told: Told) -> None:
        now = time.monotonic()
        if now - self._said >= _TELL_EVERY or told.done in (None, told.all):
            self._said = now
            _say(self._out, {"told": asdict(told)})


def _say(out: BinaryIO, what: object) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()


def _without_places(words: str, job: Job) -> str:
    """Where the service keeps its files is nobody's business who reads a page."""
    for place, name in ((job.place, "the upload"), (job.uploads, "the upload"), (job.store, "the library's store")):
        words = words.replace(place, name)
    return words


def _end_with_the_starter() -> None:
    while sys.stdin.buffer.readline():
        pass
    with contextlib.suppress(OSError):
        os.killpg(os.getpgid(0), signal.SIGKILL)  # the processes that prepare references too
    os._exit(1)


if __name__ == "__main__":
    main()
