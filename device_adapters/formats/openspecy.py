"""The files of OpenSpecy: its JSON object, and its CSV with a spectrum a row below the row of wavenumbers."""

from __future__ import annotations

import csv
import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, decode_text, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import present
from device_adapters.json_text import numbers_in, object_in, parse_json
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording

__all__ = ["CSV", "JSON"]

FloatArray = NDArray[np.float64]

_MARK = re.compile(rb'\s*\{\s*"wavenumber"\s*:\s*\[')
_MIN_POINTS = 64  # of a row, so that a table with many columns is not taken for a row a spectrum
_TECHNIQUES: dict[str, Literal["raman", "ftir"]] = {
    "raman": "raman",
    "ftir": "ftir",
    "ft-ir": "ftir",
    "atr-ftir": "ftir",
}


class OpenSpecyJson:
    """The reader for OpenSpecy JSON."""

    name = "openspecy-json"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """An object whose first key is ``wavenumber``, with a list."""
        is_ours = is_text(head) and _MARK.match(head.removeprefix(b"\xef\xbb\xbf"))
        return Recognition.LIKELY if is_ours else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every spectrum.

        Raises
        ------
        MalformedFile
            The JSON is broken, or its lists do not fit each other.
        """
        content = object_in(parse_json(data), "the file")
        x = numbers_in(content.get("wavenumber"), "'wavenumber'")
        spectra = object_in(content.get("spectra"), "'spectra'")
        said = content.get("metadata")
        rows = said if isinstance(said, dict) else {}
        if not spectra or len(spectra) > MAX_RECORDINGS:
            raise MalformedFile(f"'spectra' holds {len(spectra):,} lists: export between one and {MAX_RECORDINGS:,}")
        return [
            _recording(self.name, x, numbers_in(y, f"'{key}'"), key, len(spectra), _entries(rows, i))
            for i, (key, y) in enumerate(spectra.items())
        ]


class OpenSpecyCsv:
    """The reader for rows of spectra below a row of wavenumbers."""

    name = "openspecy-csv"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The first line begins with a long row of numbers that run one way."""
        if not is_text(head):
            return Recognition.NO
        # The head may end in the row: its last cell is left out.
        cells = decode_text(head).lstrip().partition("\n")[0].split(",")[:-1]
        axis = _axis_of(cells)
        if axis.size < _MIN_POINTS:
            return Recognition.NO
        steps = np.diff(axis)
        return Recognition.LIKELY if np.all(steps > 0) or np.all(steps < 0) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every row below the first as a spectrum; cells behind the last wavenumber describe it.

        Raises
        ------
        MalformedFile
            A row is no row of numbers of the same length, or there is only one.
        """
        lines = as_lines(data)
        first = _cells(lines[0], 1)
        axis = _axis_of(first)
        if axis.size == 0:
            raise MalformedFile(
                "line 1 gives no wavenumbers: export the spectra again, with the row of wavenumbers on top"
            )
        rows = [(line, text) for line, text in enumerate(lines[1:-1], 2) if text.strip()]
        if not rows or len(rows) > MAX_RECORDINGS or len(rows) * axis.size > MAX_VALUES:
            raise MalformedFile(
                f"{len(rows):,} whole rows of {axis.size:,} points stand below the wavenumbers: export at least one"
                " spectrum, and fewer at once"
            )
        notes: list[str] = []
        if lines[-1].strip():
            notes.append("the file breaks off inside a line; its last row is not used")
        if np.all(axis == np.round(axis)) and np.ptp(np.diff(axis)) > 0:
            notes.append("the wavenumbers are whole numbers in uneven steps: they were rounded")
        return [_read_row(text, line, first, axis, len(rows), tuple(notes)) for line, text in rows]


JSON = OpenSpecyJson()
CSV = OpenSpecyCsv()


def _axis_of(cells: list[str]) -> FloatArray:
    """The numbers that the cells begin with."""
    values: list[float] = []
    for cell in cells:
        value = parse_number(cell)
        if value is None:
            break
        values.append(value)
    return np.array(values, dtype=np.float64)


def _cells(text: str, line: int) -> list[str]:
    try:
        return next(csv.reader([text]), [])
    except csv.Error as error:
        raise MalformedFile(f"line {line}: this is no row of cells between commas ({error})") from error


def _read_row(text: str, line: int, first: list[str], axis: FloatArray, many: int, notes: tuple[str, ...]) -> Recording:
    cells = _cells(text, line)
    if len(cells) != len(first):
        raise MalformedFile(f"line {line}: {len(cells):,} cells stand below {len(first):,}: export the spectra again")
    values = [parse_number(cell) for cell in cells[: axis.size]]
    if None in values:
        raise MalformedFile(f"line {line}: cell {values.index(None) + 1} is no number: export the spectra again")
    said = {key: cell[:2000] for key, cell in zip(first[axis.size :], cells[axis.size :], strict=True) if cell}
    return _recording(CSV.name, axis, np.array(values, dtype=np.float64), f"line {line}", many, said, notes)


def _entries(rows: dict[str, Any], i: int) -> dict[str, str]:
    """What the columns of the metadata say of spectrum ``i``."""
    texts = {key: column[i] for key, column in rows.items() if isinstance(column, list) and i < len(column)}
    return {key: value[:2000] for key, value in texts.items() if isinstance(value, str)}


def _recording(
    format_name: str,
    x: FloatArray,
    y: FloatArray,
    key: str,
    many: int,
    said: dict[str, str],
    note: tuple[str, ...] = (),
) -> Recording:
    if x.size != y.size:
        raise MalformedFile(f"'{key}' holds {y.size:,} numbers, 'wavenumber' {x.size:,}: export the spectra again")
    spectrum_type = said.get("spectrum_type", "")
    return Recording(
        format=format_name,
        index=0,
        x=x,
        y=y,
        x_units="cm-1",
        y_units=key if "intensity" in key.lower() else "unknown",
        technique=_TECHNIQUES.get(spectrum_type.lower(), "unknown"),
        n_missing=int(np.isnan(y).sum()),
        title=said.get("spectrum_identity") or (key if many > 1 else None),
        metadata=present(
            data_type=spectrum_type,
            sample=said.get("spectrum_identity"),
            operator=said.get("user_name"),
            origin=said.get("organization"),
            instrument=said.get("instrument_used"),
            accessory=said.get("instrument_accessories"),
            mode=said.get("instrument_mode"),
            resolution=said.get("spectral_resolution"),
            accumulations=said.get("number_of_accumulations"),
            cas=said.get("cas_number"),
            processing=said.get("data_processing_procedure"),
        ),
        header="\n".join(f"{name}: {value}" for name, value in said.items()),
        warnings=note,
    )
