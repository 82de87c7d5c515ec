"""The text of Ocean Optics SpectraSuite and OceanView: ``key: value`` lines, then pairs between two marks.

SpectraSuite does not write the unit of its axis; OceanView does (``XAxis mode``).
"""

from __future__ import annotations

import re
from typing import Any

from device_adapters.decoding import as_lines, is_text
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, number, present, seconds
from device_adapters.named_columns import read_pairs
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

_BEGIN = re.compile(r">+Begin (Processed )?Spectral Data<+")
_END = re.compile(r">+End (Processed )?Spectral Data<+")
_SUITE = "SpectraSuite Data File"
_MAX_HEADER_LINES = 200
_OF_THE_UNIT = re.compile(r"(?P<value>\S+)(?:\s*\((?P<serial>[^)]+)\))?")
_NO_UNIT = "the file names no unit of its axis, which by the software's own setting is a wavelength in nm or a shift"
_NO_END = "the mark of the end is missing"
_OCEAN_VIEW = "no real file of OceanView was available to test this reader with"
_AXES: tuple[tuple[str, XUnits], ...] = (
    ("raman", "cm-1"),
    ("wavenumber", "cm-1"),
    ("wavelength", "nm"),
    ("pixel", "points"),
)


class OceanText:
    """The reader for SpectraSuite and OceanView text."""

    name = "ocean-optics"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """SpectraSuite's first line, or the mark of the beginning below ``key: value`` lines."""
        if not is_text(head):
            return Recognition.NO
        lines = as_lines(head)
        if lines[0].startswith(_SUITE):
            return Recognition.CERTAIN
        return Recognition.LIKELY if any(_BEGIN.match(line) for line in lines) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the one spectrum of the file.

        Raises
        ------
        MalformedFile
            The mark of the beginning is missing, or a line below it is no pair of numbers.
        """
        lines = as_lines(data)
        header, at = _read_header(lines)
        end = next((i for i in range(at, len(lines)) if _END.match(lines[i])), None)
        pairs, breaks_off = read_pairs(lines if end is None else [*lines[:end], ""], at, None)
        found = next((header[key] for key in header if key.startswith("number of pixels in")), None)
        count = number(found)
        declared = int(count) if count is not None and 0 < count < 1e9 else None
        if declared is None and end is None:
            raise MalformedFile("truncated: neither a number of pixels nor the mark of the end shows that it is whole")
        units, said = _axis_of(header)
        notes = list(said)
        if end is None:
            notes.append(_NO_END)
        if declared is not None and declared != len(pairs):
            notes.append(f"{declared:,} points declared, {len(pairs):,} found")
        if not lines[0].startswith(_SUITE):
            notes.append(_OCEAN_VIEW)
        return [
            Recording(
                format=self.name,
                index=0,
                x=pairs[:, 0],
                y=pairs[:, 1],
                x_units=units,
                y_units="unknown",
                n_declared=declared,
                breaks_off=breaks_off,
                metadata=_metadata(header, lines[0]),
                header="\n".join(lines[:at]),
                warnings=tuple(notes),
            )
        ]


FORMAT = OceanText()


def _read_header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for at, line in enumerate(lines[:_MAX_HEADER_LINES]):
        if _BEGIN.match(line):
            return header, at + 1
        key, colon, value = line.partition(":")
        if colon:
            header.add(key, value)
    raise MalformedFile("the mark '>>>>>Begin … Spectral Data<<<<<' is missing: export the spectrum again")


def _axis_of(header: Header) -> tuple[XUnits, tuple[str, ...]]:
    mode = header.get("xaxis mode", "").lower()
    units = next((units for word, units in _AXES if word in mode), None)
    return (units, ()) if units else ("unknown", (_NO_UNIT,))


def _metadata(header: Header, first_line: str) -> dict[str, Any]:
    exposure_key = next((key for key in header if key.startswith("integration time (")), "")
    unit = exposure_key.partition("(")[2].rstrip(")")
    exposure = _OF_THE_UNIT.match(header.get(exposure_key, ""))
    scans = _OF_THE_UNIT.match(header.first("spectra averaged", "scans to average") or "")
    dark = (header.get("dark spectrum present") or "").lower()
    boxcar = header.first("boxcar smoothing", "boxcar width")
    return present(
        vendor="Ocean Optics",
        software="SpectraSuite" if first_line.startswith(_SUITE) else None,
        serial=header.first("spectrometers", "spectrometer"),
        operator=header.get("user"),
        time_as_written=header.get("date"),
        integration=f"{exposure['value']} {unit}" if exposure else None,
        integration_s=seconds(exposure["value"], unit) if exposure else None,
        accumulations=scans["value"] if scans else None,
        dark_subtracted={"yes": True, "no": False}.get(dark),
        processing=f"boxcar {boxcar}" if boxcar else None,
    )
