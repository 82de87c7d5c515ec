"""How much a file may ask for; every reader checks before it allocates."""

from __future__ import annotations

__all__ = [
    "CAGE_MEMORY_BYTES",
    "CAGE_SECONDS",
    "CAGE_START_SECONDS",
    "HEAD_BYTES",
    "MAX_COLUMNS",
    "MAX_FILE_BYTES",
    "MAX_RECORDINGS",
    "MAX_VALUES",
]

MAX_FILE_BYTES = 32 * 1024 * 1024
HEAD_BYTES = 8192  # what a format sees to recognise a file
MAX_RECORDINGS = 10_000  # curves, peak tables and blocks of one file
MAX_VALUES = 2_000_000  # ordinates of one file, all recordings together
MAX_COLUMNS = 4096  # of a table of numbers
CAGE_MEMORY_BYTES = 1024 * 1024 * 1024  # address space of a reader that is not ours
CAGE_SECONDS = 10.0  # [s] of wall clock such a reader may take for a file
CAGE_START_SECONDS = 60.0  # [s] its process may take to start, on a busy machine too
