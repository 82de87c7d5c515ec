"""A report of accuracy as files: JSON, HTML, or Markdown with its pictures beside it."""

from __future__ import annotations

from pathlib import Path

from reachback.report_files import write_report_file
from reachback.strict_json import dump_strictly
from reachback.validation.report import Report, report_as_json

__all__ = ["REPORT_SUFFIXES", "write_report"]

REPORT_SUFFIXES = (".json", ".html", ".md")


def write_report(report: Report, path: Path) -> tuple[Path, ...]:
    """Write the report, and its pictures beside it where it is Markdown; returns all files.

    Raises
    ------
    ReportRefused
        A file cannot be written.
    """
    files = _texts(report, path)
    for file, text in files.items():
        write_report_file(file, text)
    return tuple(files)


def _texts(report: Report, path: Path) -> dict[Path, str]:
    if path.suffix.casefold() == ".json":
        return {path: dump_strictly(report_as_json(report)) + "\n"}
    from reachback.validation.readable import as_html, as_markdown  # draws, which JSON need not load

    if path.suffix.casefold() == ".html":
        return {path: as_html(report)}
    text, pictures = as_markdown(report, path.stem)
    return {path: text, **{path.with_name(name): svg for name, svg in pictures.items()}}
