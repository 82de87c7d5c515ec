"""Tables that a command writes for people to fill, and reads back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.terminal import complain
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from library.importers.deciding import BadLine

__all__ = ["TableIn", "TableOut", "TableRefused", "read_table", "refuse_table", "write_table"]

MAX_SHOWN = 20

LARGEST = 64 * 1024 * 1024
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take a CSV for UTF-8 only with it

TableOut = Annotated[
    Path | None, typer.Option("--write", metavar="FILE.csv", help="Write what is open as a table to fill.")
]
TableIn = Annotated[Path | None, typer.Option("--read", metavar="FILE.csv", help="Take the filled table in.")]


class TableRefused(ReachbackError):
    """A table cannot be read, or not be written where it is wanted."""


def read_table(path: Path) -> bytes:
    """The bytes of a filled table.

    Raises
    ------
    TableRefused
        It cannot be read, or is no table's size.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise TableRefused(f"{path} has more than {LARGEST // 2**20} MiB; a table of decisions is smaller")
        return path.read_bytes()
    except OSError as error:
        raise TableRefused(f"{path} cannot be read ({error.strerror})") from None


def write_table(path: Path, text: str) -> None:
    """Write a table to a new file: one that people have filled is never written over.

    Raises
    ------
    TableRefused
        Something lies there, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(BYTE_ORDER_MARK + text)
    except FileExistsError:
        raise TableRefused(f"{path} exists, and may be filled already; choose another name") from None
    except OSError as error:
        raise TableRefused(f"{path} cannot be written ({error.strerror})") from None


def refuse_table(bad: Sequence[BadLine]) -> ExitCode:
    """Say which lines cannot be taken; nothing of the table was."""
    for each in bad[:MAX_SHOWN]:
        complain(f"line {each.line}: {each.reason}")
    more = f", {len(bad) - MAX_SHOWN:,} of them not shown" if len(bad) > MAX_SHOWN else ""
    lines = "1 line" if len(bad) == 1 else f"{len(bad):,} lines"
    complain(f"nothing was decided: {lines} cannot be taken{more}; correct the table and read it again")
    return ExitCode.INPUT_FAILED
