"""Where a report goes: the ending of the file says what it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reachback.errors import ReportRefused

__all__ = ["report_place", "write_report_file"]


def report_place(name: str, suffixes: Sequence[str]) -> Path:
    """Where the report goes, checked before the work begins rather than after it.

    Raises
    ------
    ReportRefused
        The ending is not known, or there is no such place.
    """
    path = Path(name)
    if path.suffix.casefold() not in suffixes:
        raise ReportRefused(f"{name} cannot be written: its name must end in {', '.join(suffixes)}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        why = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise ReportRefused(f"{name} {why}; name a file in a folder that exists")
    return path


def write_report_file(path: Path, text: str) -> None:
    """Write one file of a report.

    Raises
    ------
    ReportRefused
        The place cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportRefused(f"{path} cannot be written ({error.strerror}); choose another place") from None
