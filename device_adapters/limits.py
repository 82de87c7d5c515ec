"""How much a file may ask for; every reader checks before it allocates."""

from __future__ import annotations

__all__ = ["HEAD_BYTES", "MAX_COLUMNS", "MAX_FILE_BYTES", "MAX_RECORDINGS", "MAX_VALUES"]

MAX_FILE_BYTES = 32 * 1024 * 1024
HEAD_BYTES = 8192  # what a format sees to recognise a file
MAX_RECORDINGS = 10_000  # curves, peak tables and blocks of one file
MAX_VALUES = 2_000_000  # ordinates of one file, all recordings together
MAX_COLUMNS = 4096  # of a table of numbers
