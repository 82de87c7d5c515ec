"""A data table in pieces of whole lines, so that memory stays small however large the table is."""

from __future__ import annotations

from collections.abc import Iterator

from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_VALUES

__all__ = ["pieces_of"]

PIECE_CHARACTERS = 1 << 19
_LONGEST_LINE = 1 << 21  # characters; 100,000 points on one line fit


def pieces_of(text: str, first_line: int) -> Iterator[tuple[str, int]]:
    """Pieces of whole lines, each with the line of the file it begins at.

    Raises
    ------
    MalformedFile
        There are more lines than points a file may have, or a line without end.
    """
    if text.count("\n") > MAX_VALUES:
        raise MalformedFile(
            f"line {first_line}: the data table has more than {MAX_VALUES:,} lines: this is no spectrum"
        )
    start, line = 0, first_line
    while True:
        end = text.find("\n", start + PIECE_CHARACTERS)
        end = len(text) if end < 0 else end
        if end - start > _LONGEST_LINE:
            raise MalformedFile(f"line {line} or after: a line of the data table is longer than any device writes")
        yield text[start:end], line
        if end == len(text):
            return
        line += text.count("\n", start, end + 1)
        start = end + 1
