"""What goes to the process that works on a piece, and what comes back from it: plain data, a line of JSON each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reachback.library_work.models import WorkState

__all__ = ["Ended", "Job", "Told", "job_folder", "told_in_words"]

_COUNTED = re.compile(r"(?P<words>.+), (?P<done>[\d,]+) of (?P<all>[\d,]+)")


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work.

    Parameters
    ----------
    store, place, uploads : str
        The library's store; where an import keeps what it has read; where its bytes lie.
    by, at : str
        Who answers for it, and when it was begun: what it writes into the library's journal bears both.
    earlier : tuple of str
        When tries were begun that did not come to an end here: what they did write is theirs, and done.
    """

    work_id: str
    kind: str
    store: str
    place: str
    uploads: str
    by: str
    at: str
    earlier: tuple[str, ...]
    request: Mapping[str, Any]

    def to_line(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Job:
        """The job again."""
        read = json.loads(line)
        return cls(**{**read, "earlier": tuple(read["earlier"])})


@dataclass(frozen=True, slots=True)
class Told:
    """How far it is: ``done`` of ``all`` where that can be counted, and what happens now."""

    done: int | None
    all: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it; ``reason`` is a sentence where it was refused or failed."""

    state: WorkState
    reason: str | None
    result: dict[str, Any] | None


def told_in_words(words: str) -> Told:
    """Steps of the library count in words: "comparing references, 1,200 of 5,000"."""
    found = _COUNTED.fullmatch(words)
    if found is None:
        return Told(None, None, words)
    return Told(int(found["done"].replace(",", "")), int(found["all"].replace(",", "")), found["words"])


def job_folder(folder: Path, key: str) -> Path:
    """Where an import keeps what it has read, so that one that was killed goes on; the same for the same import."""
    return folder / "read" / key[:32]
