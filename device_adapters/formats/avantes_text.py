"""The text of Avantes AvaSoft: a few lines of settings, names and units of columns, then rows with semicolons.

Old versions fill the name of the spectrometer with zero bytes.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from device_adapters.column_names import columns_of
from device_adapters.decoding import as_lines
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, present, seconds
from device_adapters.named_columns import NamedTable, read_named_table
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_MARK = b"Data measured with spectrometer"
_MAX_HEADER_LINES = 60
_DURATION = re.compile(r"(?P<value>[\d.,]+)\s*(?P<unit>ms|s)?")
_RESULTS = ("transmittance", "reflectance", "absorbance", "irradiance", "raman", "scope")


class AvantesText:
    """The reader for AvaSoft text."""

    name = "avantes-text"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The lines on the spectrometer and on the columns."""
        is_ours = _MARK in head[:1024] and re.search(rb"\nWave +;", head) is not None
        return Recognition.CERTAIN if is_ours else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the result first, where there is one, then the sample, dark and reference curves.

        Raises
        ------
        MalformedFile
            There are no names of columns, or a row is broken.
        """
        lines = as_lines(data.replace(b"\x00", b""))
        header, at = _read_header(lines)
        units = [cell.strip() for cell in lines[at + 1].split(";")]
        table = read_named_table([*lines[: at + 1], "", *lines[at + 2 :]], at, ";")
        if len(units) != len(table.names):
            raise MalformedFile(f"line {at + 2}: {len(units)} units stand below {len(table.names)} names")
        above = "\n".join(lines[: at + 2])
        order = sorted(range(1, len(units)), key=lambda i: _rank(table.names[i]))
        return [_recording(table, i, units, header, above, i != order[0]) for i in order]


FORMAT = AvantesText()


def _read_header(lines: list[str]) -> tuple[Header, int]:
    header = Header()
    for at, line in enumerate(lines[:_MAX_HEADER_LINES]):
        if re.match(r"Wave +;", line) and at + 1 < len(lines):
            return header, at
        key, colon, value = line.partition(":")
        if colon:
            header.add(key, value)
    raise MalformedFile("no line 'Wave ;…' names the columns: export the spectrum again")


def _rank(name: str) -> int:
    lowered = name.lower()
    return 0 if lowered in _RESULTS else 1 if lowered == "sample" else 2


def _recording(
    table: NamedTable, i: int, units: list[str], header: Header, above: str, is_auxiliary: bool
) -> Recording:
    name, y = table.names[i], table.values[:, i]
    (axis,) = columns_of([f"{table.names[0]} {units[0]}"])
    (ordinate,) = columns_of([f"{name} {units[i]}"])
    return Recording(
        format=FORMAT.name,
        index=0,
        x=table.values[:, 0],
        y=y,
        x_units=axis.x_units,
        y_units="counts" if "count" in units[i].lower() else ordinate.name,
        kind="auxiliary" if is_auxiliary else "curve",
        n_missing=int(np.isnan(y).sum()),
        title=name,
        metadata=_metadata(header) | {"block": name},
        header=above,
        breaks_off=table.breaks_off,
    )


def _metadata(header: Header) -> dict[str, Any]:
    text = header.first("integration time", "integration time [ms]")
    exposure = _DURATION.match(text or "")
    unit = (exposure["unit"] if exposure else None) or "ms"
    scans = re.match(r"\d+", header.first("average", "averaging nr. [scans]") or "")
    smoothing = header.first("nr of pixels used for smoothing", "smoothing nr. [pixels]")
    return present(
        vendor="Avantes",
        serial=header.first("data measured with spectrometer name", "data measured with spectrometer [name]"),
        integration=f"{exposure['value']} {unit}" if exposure else None,
        integration_s=seconds(exposure["value"], unit) if exposure else None,
        accumulations=scans[0] if scans else None,
        processing=f"smoothing over {smoothing} pixels" if smoothing and smoothing != "0" else None,
    )
