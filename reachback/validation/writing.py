"""Where a report goes: the ending of the file says what it becomes."""

from __future__ import annotations

from pathlib import Path

from reachback.errors import ReportRefused
from reachback.strict_json import dump_strictly
from reachback.validation.report import Report, report_as_json

__all__ = ["REPORT_SUFFIXES", "report_path", "write_report"]

REPORT_SUFFIXES = (".json", ".html", ".md")


def report_path(name: str) -> Path:
    """Where the report goes, checked before the work begins rather than after it.

    Raises
    ------
    ReportRefused
        The ending is not known, or there is no such place.
    """
    path = Path(name)
    if path.suffix.casefold() not in REPORT_SUFFIXES:
        raise ReportRefused(f"{name} cannot be written: its name must end in {', '.join(REPORT_SUFFIXES)}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        why = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise ReportRefused(f"{name} {why}; name a file in a folder that exists")
    return path


def write_report(report: Report, path: Path) -> tuple[Path, ...]:
    """Write the report, and its pictures beside it where it is Markdown; returns all files.

    Raises
    ------
    ReportRefused
        A file cannot be written.
    """
    files = _texts(report, path)
    for file, text in files.items():
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportRefused(f"{file} cannot be written ({error.strerror}); choose another place") from None
    return tuple(files)


def _texts(report: Report, path: Path) -> dict[Path, str]:
    if path.suffix.casefold() == ".json":
        return {path: dump_strictly(report_as_json(report)) + "\n"}
    from reachback.validation.readable import as_html, as_markdown  # draws, which JSON need not load

    if path.suffix.casefold() == ".html":
        return {path: as_html(report)}
    text, pictures = as_markdown(report, path.stem)
    return {path: text, **{path.with_name(name): svg for name, svg in pictures.items()}}
