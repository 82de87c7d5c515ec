"""The CSV export of the Pendar X10: a line ``#wnum,raman``, then one pair of numbers a line."""

from __future__ import annotations

from device_adapters.decoding import as_lines, is_text
from device_adapters.format import Recognition
from device_adapters.named_columns import read_pairs
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_FIRST_LINE = "#wnum,raman"


class Pendar:
    """The reader for Pendar CSV."""

    name = "pendar"
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line, and nothing else, is the mark."""
        is_ours = is_text(head) and as_lines(head)[0].strip().lower() == _FIRST_LINE
        return Recognition.LIKELY if is_ours else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one scan of the file.

        Raises
        ------
        MalformedFile
            A line is no pair of numbers.
        """
        lines = as_lines(data)
        pairs, breaks_off = read_pairs(lines, 1, ",")
        return [
            Recording(
                format=self.name,
                index=0,
                x=pairs[:, 0],
                y=pairs[:, 1],
                x_units="cm-1",
                y_units="raman",
                technique="raman",
                header=lines[0],
                breaks_off=breaks_off,
            )
        ]


FORMAT = Pendar()
