"""The XML of HORIBA LabSpec 6: a tree of numbered entries with the axes and the settings, and the data in rows.

Entries are found by the numbers LabSpec gives them. The laser stands there twice, as shown and as measured
(``633`` and ``632.817``); the measured one is the one to reckon with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, laser_nm, present
from device_adapters.labspec import axis_of, metadata_of
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording
from device_adapters.xml_text import ET, parse_xml

__all__ = ["FORMAT"]

FloatArray = NDArray[np.float64]
Element = ET.Element

_AXES, _TYPE, _UNIT, _VALUES = "0x7B697861", "0x6D707974", "0x7C696E75", "0x7D6CD4DB"
_NAME, _SHOWN, _MEASURED, _LIMITS = "0x6D6D616E", "0x7D6C61DB", "0x8736F70", "0x696DDCE0"
_MAX_TREE = 200_000  # entries


class HoribaXml:
    """The reader for LabSpec XML."""

    name = "horiba-xml"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The root element is ``LSX_Data``."""
        return Recognition.CERTAIN if is_text(head) and b"<LSX_Data" in head[:512] else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every row of the matrix as a spectrum.

        Raises
        ------
        MalformedFile
            The XML is broken, or its parts do not fit each other.
        """
        if data.count(b" ") > 8 * MAX_VALUES:
            raise MalformedFile(f"the file holds more than {MAX_VALUES:,} numbers: export fewer spectra in one file")
        root = parse_xml(data)
        axes = [axis for entry in root.iter("LSX") if entry.get("ID") == _AXES for axis in _axes(entry)]
        if len(axes) < 2 or axes[1].values is None:
            raise MalformedFile("the XML holds no axis with its values: export the scan again")
        matrix = root.find("LSX_Matrix")
        rows = [] if matrix is None else matrix.findall("LSX_Row")
        if not rows or len(rows) > MAX_RECORDINGS:
            raise MalformedFile(f"the XML holds {len(rows):,} rows of data: export between one and {MAX_RECORDINGS:,}")
        header = _header(root)
        places = _places(axes[2:], len(rows))
        return [_recording(row, axes, header, places[i]) for i, row in enumerate(rows)]


FORMAT = HoribaXml()


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    kind: str
    unit: str
    values: FloatArray | None
    declared: int | None


def _axes(entry: Element) -> Iterator[_Axis]:
    for axis in entry:
        texts = {child.get("ID"): (child.text or "").strip() for child in axis}
        values = next((child for child in axis if child.get("ID") == _VALUES), None)
        yield _Axis(
            texts.get(_TYPE, ""),
            texts.get(_UNIT, ""),
            None if values is None else _numbers(values, "the axis"),
            None if values is None else _size(values),
        )


def _size(element: Element) -> int | None:
    text = element.get("Size", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _numbers(element: Element, what: str) -> FloatArray:
    values = [parse_number(text) for text in (element.text or "").split()]
    if None in values:
        raise MalformedFile(f"{what}: value {values.index(None) + 1} is no number: export the scan again")
    return np.array(values, dtype=np.float64)


def _header(root: Element) -> Header:
    """Every entry that has a name and a value, and the measured laser beside the shown one."""
    header = Header()
    for at, entry in enumerate(root.iter("LSX")):
        if at > _MAX_TREE:
            break
        texts = {child.get("ID"): (child.text or "").strip() for child in entry}
        if _NAME in texts:
            header.add(texts[_NAME], texts.get(_SHOWN, ""))
            if texts[_NAME].lower().startswith("laser (nm)"):
                header.add("laser as measured", texts.get(_MEASURED, ""))
    return header


def _places(axes: list[_Axis], n_rows: int) -> list[str | None]:
    """Where each row of a map was taken; the first axis of a map runs fastest."""
    sizes = [axis.values.size if axis.values is not None else 0 for axis in axes]
    if not axes or int(np.prod(sizes)) != n_rows:
        return [None] * n_rows
    places: list[str | None] = []
    for row in range(n_rows):
        texts, rest = [], row
        for axis, size in zip(axes, sizes, strict=True):
            assert axis.values is not None  # noqa: S101  # a size above zero has values
            texts.append(f"{axis.kind} {axis.values[rest % size]:g} {axis.unit}".strip())
            rest //= size
        places.append(", ".join(texts))
    return places


def _recording(row: Element, axes: list[_Axis], header: Header, place: str | None) -> Recording:
    what = f"row {row.get('Index', '')[:9]}"
    y, x, declared = _numbers(row, what), axes[1].values, _size(row)
    assert x is not None  # noqa: S101  # `read` has looked
    if x.size != y.size:
        raise MalformedFile(f"{what} holds {y.size:,} numbers, the axis {x.size:,}: export the scan again")
    metadata = metadata_of(header)
    measured = laser_nm(header.get("laser as measured"))
    if measured is not None:
        metadata |= {"laser_nm": measured, "laser_nm_calibrated": measured}
    units, technique, said = axis_of(axes[1].unit, "laser_nm" in metadata)
    details: dict[str, Any] = present(block=place) | said
    title = header.get("title")
    return Recording(
        format=FORMAT.name,
        index=0,
        x=x,
        y=y,
        x_units=units,
        y_units=axes[0].unit or "unknown",
        technique=technique,
        n_declared=declared,
        title=f"{title or 'scan'}: {place}" if place else title,
        metadata=metadata | details,
        header="\n".join(f"{key}={value}" for key, value in header.items()),
        warnings=() if declared in (None, y.size) else (f"{declared:,} points declared, {y.size:,} found",),
    )
