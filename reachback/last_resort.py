"""What happens when our own code fails: one sentence for the user instead of a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Mishap", "attempt"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault of this program, in one sentence."""

    sentence: str


def attempt(work: Callable[[], Result]) -> Result | Mishap:
    """Do something, and turn a fault nobody foresaw into a sentence; ``REACHBACK_TRACEBACK=1`` shows it whole."""
    try:
        return work()
    except Exception as fault:
        if os.environ.get("REACHBACK_TRACEBACK") == "1":
            raise
        what = " ".join(f"{type(fault).__name__}: {fault}".split()).rstrip(".: ")
        return Mishap(f"a fault of this program ({what}); please report it with the file that caused it")
