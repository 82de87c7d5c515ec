"""PerkinElmer SP (``PEPE2D constant interval DataSet file``): nested members, each with a number and a size."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.binary_values import values_at
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.limits import MAX_VALUES
from device_adapters.recording import Recording
from device_adapters.unit_words import OrdinateWord, ordinate_word, x_units_of

__all__ = ["FORMAT"]

_MAGIC = b"PEPE"
_HEAD_BYTES = 44
_CONSTANT_INTERVAL = b"PEPE2D constant interval DataSet file"
_MEMBER = struct.Struct("<Hi")
_SET = 120
_RANGE, _ORDINATE_RANGE, _INTERVAL, _COUNT = 0x8B72, 0x8B73, 0x8B74, 0x8B75
_X_LABEL, _Y_LABEL, _FILE_TYPE, _DATA, _NAME, _HISTORY, _ALIAS = (
    *(0x8B77, 0x8B78, 0x8B7B, 0x8B7C, 0x8B7D, 0x8B7F, 0x8B81),
)
_TYPE_BYTES = 2  # every value begins with a code of its type
_MOST_MEMBERS = 10_000


class Sp:
    """The PerkinElmer reader."""

    name = "sp"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The four letters a file begins with."""
        return Recognition.CERTAIN if head.startswith(_MAGIC) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the spectrum.

        Raises
        ------
        MalformedFile
            A member leads out of the file, is missing, or contradicts another.
        """
        if not data.startswith(_CONSTANT_INTERVAL):
            kind = data[4:_HEAD_BYTES].partition(b"\x00")[0].decode("latin-1").strip()
            kind = kind if kind.isprintable() else ""
            raise MalformedFile(f"a PerkinElmer file of the kind {kind!r} is not read: export JCAMP-DX or text")
        return [_recording(data, _members(data))]


FORMAT = Sp()


def _walk(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, offset and size of every member between two bytes."""
    at, count = start, 0
    while at + _MEMBER.size <= end:
        number, size = _MEMBER.unpack_from(data, at)
        at += _MEMBER.size
        count += 1
        if size < 0 or count > _MOST_MEMBERS:
            raise MalformedFile(f"member 0x{number:04X} at byte {at:,} has an impossible size: copy the file again")
        yield number, at, size
        at += size


def _members(data: bytes) -> dict[int, tuple[int, int]]:
    for number, at, size in _walk(data, _HEAD_BYTES, len(data)):
        if number == _SET:
            return {inner: (start, length) for inner, start, length in _walk(data, at, min(at + size, len(data)))}
    raise MalformedFile("the file holds no data set (member 120): export the spectrum again")


def _value(data: bytes, members: dict[int, tuple[int, int]], number: int, form: str) -> Any:
    at, size = members.get(number, (0, 0))
    needed = struct.calcsize(form)
    if size < needed + _TYPE_BYTES or at + _TYPE_BYTES + needed > len(data):
        raise MalformedFile(f"truncated: member 0x{number:04X} is missing or too short: copy the file again")
    return struct.unpack_from(form, data, at + _TYPE_BYTES)


def _text(data: bytes, members: dict[int, tuple[int, int]], number: int) -> str:
    """A text with its length before it; empty where there is none."""
    at, size = members.get(number, (0, 0))
    if size < _TYPE_BYTES + 2 or at + size > len(data):
        return ""
    (length,) = struct.unpack_from("<H", data, at + _TYPE_BYTES)
    raw = data[at + _TYPE_BYTES + 2 : at + min(size, _TYPE_BYTES + 2 + length)]
    text = raw.partition(b"\x00")[0].decode("latin-1").strip()
    return text if text.isprintable() else ""


def _recording(data: bytes, members: dict[int, tuple[int, int]]) -> Recording:
    n_points, x, y = _curve(data, members)
    warnings = [f"{n_points:,} points declared, {y.size:,} found"] if y.size < n_points else []
    low, high = _value(data, members, _ORDINATE_RANGE, "<dd")
    if y.size == n_points and not np.allclose([y.min(), y.max()], [low, high], rtol=0.0, atol=1e-3 * abs(high - low)):
        warnings.append(f"the values run from {y.min():g} to {y.max():g}, but the file states {low:g} to {high:g}")
    x_label, y_label = _text(data, members, _X_LABEL), _text(data, members, _Y_LABEL)
    x_units = x_units_of(x_label)
    metadata: dict[str, Any] = {"vendor": "PerkinElmer"}
    if x_units == "unknown" and x_label:
        metadata["x_units_as_written"] = x_label
    return Recording(
        format=FORMAT.name,
        index=0,
        x=x,
        y=y,
        x_units=x_units,
        y_units=y_label or "unknown",
        technique=_technique(x_units, y_label),
        n_declared=n_points,
        title=_text(data, members, _ALIAS) or None,
        metadata=metadata,
        header=_header_text(data, members),
        warnings=tuple(warnings),
    )


def _curve(data: bytes, members: dict[int, tuple[int, int]]) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """The number of points declared, and the axis and ordinates of those that are there."""
    first, last = _value(data, members, _RANGE, "<dd")
    (step,) = _value(data, members, _INTERVAL, "<d")
    (n_points,) = _value(data, members, _COUNT, "<i")
    (n_bytes,) = _value(data, members, _DATA, "<I")
    if not 0 < n_points <= MAX_VALUES or n_bytes != 8 * n_points:
        raise MalformedFile(
            f"damaged: {n_points:,} points declared, but the ordinates have {n_bytes:,} bytes: copy the file again"
        )
    ends_fit = all(map(math.isfinite, (first, last, step))) and (
        abs(first + step * (n_points - 1) - last) <= abs(step) / 2
    )
    if not ends_fit:
        raise MalformedFile(
            f"damaged: {n_points:,} points at a step of {step:g} do not lead from {first:g} to {last:g}: copy the file"
            " again"
        )
    at = members[_DATA][0] + _TYPE_BYTES + 4
    y = values_at(data, at, n_points, "<f8")
    if y.size == 0:
        raise MalformedFile(f"truncated: the ordinates should begin at byte {at:,}: copy the file again")
    spacing = (last - first) / max(n_points - 1, 1)
    return n_points, first + np.arange(y.size, dtype=np.float64) * spacing, y


def _technique(x_units: str, y_label: str) -> Literal["ftir", "unknown"]:
    word = ordinate_word(y_label)
    is_infrared = word in (OrdinateWord.ABSORBANCE, OrdinateWord.PERCENT_TRANSMITTANCE, OrdinateWord.TRANSMITTANCE)
    return "ftir" if x_units == "cm-1" and is_infrared else "unknown"


def _header_text(data: bytes, members: dict[int, tuple[int, int]]) -> str:
    lines = [f"{name} = {_text(data, members, number)}" for number, name in (
        (_NAME, "name"), (_ALIAS, "alias"), (_FILE_TYPE, "file type"), (_X_LABEL, "x"), (_Y_LABEL, "y")
    )]  # fmt: skip
    at, size = members.get(_HISTORY, (0, 0))
    history = data[at : at + size].decode("latin-1")
    parts = "".join(letter if letter.isprintable() else "\n" for letter in history).split("\n")
    return "\n".join(lines + [part for part in parts if len(part) > 3])
