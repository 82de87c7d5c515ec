"""Where a command writes: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from reachback.errors import OutputClosed

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["complain", "progress", "results_console", "status", "write_result"]

Answered = TypeVar("Answered")


def write_result(text: str) -> None:
    """Write one text and a line end to standard output."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def complain(sentence: str) -> None:
    """Write one sentence to standard error, in one line and without control characters."""
    line = " ".join(sentence.split())
    sys.stderr.write("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) + "\n")
    sys.stderr.flush()


def results_console() -> Console:
    """Rich on standard output: colours on a terminal only, no markup, no guessing of emphasis."""
    from rich.console import Console

    class ResultsConsole(Console):
        def on_broken_pipe(self) -> None:
            raise OutputClosed

    return ResultsConsole(file=sys.stdout, markup=False, highlight=False, emoji=False)


@contextmanager
def status(first: str) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what happens now, while it happens, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False)
    with console.status(Text(first)) as spinner:
        yield lambda step: spinner.update(Text(f"{step} …"))


def progress(answers: Iterator[Answered], what: str, total: int) -> Iterator[Answered]:
    """The same items, counted on standard error where that is a terminal and there is more than one."""
    if total < 2 or not sys.stderr.isatty():
        yield from answers
        return
    with status(what) as tell:
        for done, answer in enumerate(answers, start=1):
            tell(f"{what}, {done} answers from {total} files")
            yield answer
