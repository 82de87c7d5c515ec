"""Options that several commands share, and the checks that make their values usable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reachback.errors import PlotRefused

__all__ = ["FilesArgument", "JsonOption", "LibraryOption", "plot_path"]

FilesArgument = Annotated[list[str], typer.Argument(metavar="FILE…", help="Scan files, in any format that is read.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print strict JSON instead of text.")]
LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        "-l",
        metavar="LIB",
        envvar="REACHBACK_LIBRARY",
        help="A folder with manifest.csv, or a compiled library; by default the starter library that is shipped.",
    ),
]


def plot_path(name: str | None) -> Path | None:
    """Where to draw, checked before the work begins rather than after it."""
    if name is None:
        return None
    from reachback.plotting import PLOT_SUFFIXES

    path = Path(name)
    if path.suffix.casefold() not in PLOT_SUFFIXES:
        raise PlotRefused(f"{name} cannot be drawn: its name must end in {', '.join(PLOT_SUFFIXES)}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        why = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise PlotRefused(f"{name} {why}; name a file in a folder that exists")
    return path
