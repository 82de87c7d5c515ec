"""The curves of an SPC file: shared, rebuilt or own axes; 16 and 32 bit fixed point, or floats."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.binary_values import values_at
from device_adapters.errors import MalformedFile
from device_adapters.galactic.header import Flag, Header
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES

__all__ = ["Curve", "Curves", "read_curves"]

FloatArray = NDArray[np.float64]

_SUBHEADER = struct.Struct("<BbHfffIIf4s")
_SUBHEADER_BYTES = 32
_DIRECTORY_ENTRY_BYTES = 12
_FLOATS = -128


@dataclass(frozen=True, slots=True)
class Curve:
    """One subfile.

    Parameters
    ----------
    x, y : array, shape (n_points,)
        What the file holds of it, scale applied.
    n_declared : int
    z : float
    n_scans : int
    """

    x: FloatArray
    y: FloatArray
    n_declared: int
    z: float
    n_scans: int


@dataclass(frozen=True, slots=True)
class Curves:
    """All subfiles, where the last one ends, and what is odd about them."""

    curves: list[Curve]
    end: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Subheader:
    exponent: int
    z: float
    n_points: int
    n_scans: int


def read_curves(data: bytes, header: Header) -> Curves:
    """Read every subfile; one that the file breaks off in has the points that are there.

    Raises
    ------
    MalformedFile
        There is no point at all, or more than the limits allow.
    """
    declared = header.n_subfiles
    if declared is not None and declared > MAX_RECORDINGS:
        raise MalformedFile(
            f"the header declares {declared:,} subfiles (byte 24), the limit is {MAX_RECORDINGS:,}: export fewer"
        )
    if header.is_old and header.flags & (Flag.OWN_X | Flag.EXPLICIT_X):
        raise MalformedFile("an old SPC file with x values of its own is not read: export it in the present SPC format")
    starts = _directory(data, header)
    start, shared = header.n_bytes, None
    if header.has(Flag.EXPLICIT_X) and not header.has(Flag.OWN_X):
        shared = _floats(data, start, header.n_points, header)
        start += 4 * header.n_points
    curves: list[Curve] = []
    n_values = 0
    while len(curves) < (MAX_RECORDINGS if declared is None else declared):
        start = starts[len(curves)] if starts else start
        if start + _SUBHEADER_BYTES > len(data):
            break
        curve, start = _read_curve(data, start, header, shared, MAX_VALUES - n_values)
        curves.append(curve)
        n_values += curve.y.size
        if curve.y.size < curve.n_declared:
            break
    return _checked(data, header, curves, start)


def _checked(data: bytes, header: Header, curves: list[Curve], end: int) -> Curves:
    present = [curve for curve in curves if curve.y.size]
    if not present:
        if curves and not curves[0].n_declared:
            raise MalformedFile("the header declares no points (bytes 4 to 7): export the spectrum again")
        raise MalformedFile(f"truncated: the file ends at byte {len(data):,}, before its first point: copy it again")
    warnings = []
    if header.n_subfiles is not None and len(present) < header.n_subfiles:
        warnings.append(f"{header.n_subfiles:,} subfiles declared, {len(present):,} with points found")
    return Curves(present, end, tuple(warnings))


def _directory(data: bytes, header: Header) -> list[int]:
    """Where the subfiles with own axes begin, by the directory at the end of such a file; empty without one."""
    if not (header.has(Flag.OWN_X) and header.has(Flag.SEVERAL)) or header.n_subfiles is None:
        return []
    offset, count = header.n_points, header.n_subfiles  # the number of points is the directory's offset there
    if offset < header.n_bytes or offset + count * _DIRECTORY_ENTRY_BYTES > len(data):
        return []
    table = np.frombuffer(data, f"{header.byte_order}u4", 3 * count, offset).reshape(count, 3)
    starts = [int(start) for start in table[:, 0]]
    return starts if all(header.n_bytes <= start < offset for start in starts) else []


def _read_curve(data: bytes, start: int, header: Header, shared: FloatArray | None, room: int) -> tuple[Curve, int]:
    """The subfile at ``start`` [byte], and where the next one begins."""
    fields = struct.unpack_from(header.byte_order + _SUBHEADER.format[1:], data, start)
    sub = _Subheader(exponent=fields[1], z=fields[3], n_points=fields[6], n_scans=fields[7])
    start += _SUBHEADER_BYTES
    n_points = _n_points(header, sub)
    x = shared
    if header.has(Flag.OWN_X):
        x = _floats(data, start, n_points, header)
        start += 4 * n_points
    exponent = _exponent(header, sub)
    width = 2 if header.has(Flag.SHORT_INTEGERS) and exponent != _FLOATS else 4
    n_there = min(n_points, max(len(data) - start, 0) // width)
    if n_there > room:
        raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: export fewer spectra")
    y = _ordinates(data, start, n_there, header, exponent)
    if x is None:
        x = _even_axis(header, n_points, n_there)
    n_there = min(n_there, x.size)
    return Curve(x[:n_there], y[:n_there], n_points, sub.z, sub.n_scans), start + width * n_points


def _n_points(header: Header, sub: _Subheader) -> int:
    """Points of a subfile: its own count where it has an own axis, else the header's."""
    if header.has(Flag.OWN_X):
        return sub.n_points or (0 if header.has(Flag.SEVERAL) else header.n_points)
    return header.n_points


def _exponent(header: Header, sub: _Subheader) -> int:
    """One spectrum uses the file's exponent, several their own; writers of floats leave rubbish in the latter."""
    if header.exponent == _FLOATS or not header.has(Flag.SEVERAL):
        return header.exponent
    return sub.exponent


def _floats(data: bytes, start: int, n_points: int, header: Header) -> FloatArray:
    if min(n_points, len(data) // 4) > MAX_VALUES:
        raise MalformedFile(f"the file declares {n_points:,} points on one axis, the limit is {MAX_VALUES:,}")
    return values_at(data, start, n_points, f"{header.byte_order}f4")


def _ordinates(data: bytes, start: int, n_points: int, header: Header, exponent: int) -> FloatArray:
    if header.is_old and exponent in (_FLOATS, -_FLOATS):
        raise MalformedFile("an old SPC file with floating point values is not read: export it in the present format")
    if exponent == _FLOATS:
        return values_at(data, start, n_points, f"{header.byte_order}f4")
    if header.has(Flag.SHORT_INTEGERS):
        return np.ldexp(values_at(data, start, n_points, f"{header.byte_order}i2"), exponent - 16)
    if header.is_old:  # the two 16-bit words of each integer stand the high one first
        high, low = np.frombuffer(data, "<u2", 2 * n_points, start).reshape(n_points, 2).T.astype(np.uint32)
        return np.ldexp(((high << 16) | low).view(np.int32).astype(np.float64), exponent - 32)
    return np.ldexp(values_at(data, start, n_points, f"{header.byte_order}i4"), exponent - 32)


def _even_axis(header: Header, n_points: int, n_there: int) -> FloatArray:
    step = (header.last_x - header.first_x) / (n_points - 1) if n_points > 1 else 0.0
    axis: FloatArray = header.first_x + np.arange(n_there, dtype=np.float64) * step
    if n_points > 1 and n_there == n_points:
        axis[-1] = header.last_x
    return axis
