"""The text of the RRUFF project: ``##KEY=value`` lines, then pairs with commas.

It resembles JCAMP-DX, but has neither TITLE nor a data form.
"""

from __future__ import annotations

import re
from typing import Any

from device_adapters.decoding import as_lines, is_text
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, laser_nm, present
from device_adapters.named_columns import read_pairs
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_KEY = re.compile(r"##([^=]{1,60})=(.*)")


class Rruff:
    """The reader for RRUFF text."""

    name = "rruff"
    experimental = True

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The keys NAMES and RRUFFID."""
        if not is_text(head):
            return Recognition.NO
        keys = {line.partition("=")[0] for line in as_lines(head) if line.startswith("##")}
        return Recognition.LIKELY if {"##NAMES", "##RRUFFID"} <= keys else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one spectrum of the file.

        Raises
        ------
        MalformedFile
            A line is neither a key nor a pair of numbers, or the end mark is missing in a file that breaks off.
        """
        lines = as_lines(data)
        header, at = Header(), 0
        while at < len(lines) and (lines[at].startswith("##") or not lines[at].strip()):
            match = _KEY.match(lines[at])
            if match:
                header.add(match[1], match[2])
            at += 1
        end = next((i for i in range(at, len(lines)) if lines[i].startswith("##END")), None)
        body = [*lines[:end], ""] if end is not None else lines
        pairs, breaks_off = read_pairs(body, at, ",")
        if not len(pairs):
            raise MalformedFile(f"line {at + 1}: no pairs of numbers stand below the keys: get the file again")
        return [
            Recording(
                format=self.name,
                index=0,
                x=pairs[:, 0],
                y=pairs[:, 1],
                x_units="cm-1",
                y_units="unknown",
                technique="raman" if "raman" in header.get("filetype", "").lower() else "unknown",
                title=header.get("names"),
                metadata=_metadata(header),
                header="\n".join(lines[:at]),
                breaks_off=breaks_off,
                warnings=() if end is not None else ("the file has no ##END=",),
            )
        ]


FORMAT = Rruff()


def _metadata(header: Header) -> dict[str, Any]:
    kind = header.get("filetype", "")
    return present(
        data_type=kind,
        laser_nm=laser_nm(header.get("raman wavelength")),
        sample=header.get("rruffid"),
        place=header.get("locality"),
        origin=header.get("source"),
        owner=header.get("owner"),
        comment=header.get("description"),
        processing=kind if "processed" in kind.lower() else None,
    )
