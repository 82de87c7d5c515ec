"""How a command ends: the numbers scripts rely on."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    CHECK_FAILED = 1
    WRONG_USAGE = 2
    INPUT_FAILED = 3  # some input could not be read; the rest was processed
    OWN_FAULT = 70  # the sysexits convention: a fault of this program
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141  # what a shell reports of a program whose reader has gone
