"""Thermo OMNIC SPA (one spectrum) and SPG (a group): a directory of blocks, a header and float32 ordinates each."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from device_adapters.binary_values import values_at
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

_MAGIC = b"Spectral Data File"
_TITLE = slice(30, 286)
_COUNT_AT, _TIME_AT, _DIRECTORY_AT = 294, 296, 304
_ENTRY = struct.Struct("<HII6x")
_HEADER = struct.Struct("<4xIBxxxBxxxff12xI")
_HEADER_BYTES = 140
_LASER_AT = 96  # [cm^-1] float32 in a header, of the Raman excitation
_HEADER_KEY, _DATA_KEY, _HISTORY_KEY, _MEMBER_KEY = 2, 3, 27, 107
_MEMBER_TITLE_BYTES = 256
_EPOCH = datetime(1899, 12, 31, tzinfo=UTC)
_X_UNITS: dict[int, tuple[str, XUnits]] = {
    1: ("wavenumbers (cm-1)", "cm-1"),
    2: ("data points", "points"),
    3: ("wavelengths (nm)", "nm"),
    4: ("wavelengths (um)", "um"),
    32: ("Raman shift (cm-1)", "cm-1"),
}
_RAMAN_SHIFT = 32
_Y_WORDS = {
    11: "% reflectance",
    12: "log(1/R)",
    15: "single beam",
    16: "% transmittance",
    17: "absorbance",
    20: "Kubelka-Munk",
    21: "reflectance",
    22: "detector signal (V)",
    26: "photoacoustic",
    31: "Raman intensity",
}
_ABSORBANCE, _PERCENT_TRANSMITTANCE, _RAMAN_INTENSITY = 17, 16, 31
_NO_SPECTRA = {15: "single beam spectrum", 22: "interferogram"}
_SERIAL = re.compile(r"^\s*(?:Bench Serial Number|Num.ro S.rie du banc):\s*(\S+)", re.MULTILINE)
_RESOLUTION = re.compile(r"^\s*R.solution:\s*(\d+[.,]\d+) ", re.MULTILINE)


@dataclass(slots=True)
class _Blocks:
    """Offset and size [bytes] of what belongs to one spectrum."""

    header: tuple[int, int]
    data: tuple[int, int] | None = None
    member: tuple[int, int] | None = None
    histories: list[tuple[int, int]] = field(default_factory=list)


class Spa:
    """The OMNIC reader."""

    name = "spa"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The words a file begins with."""
        return Recognition.CERTAIN if head.startswith(_MAGIC) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every spectrum.

        Raises
        ------
        MalformedFile
            The directory leads out of the file, or a header and its ordinates contradict each other.
        """
        spectra = list(_spectra(data))
        if not spectra:
            raise MalformedFile(f"the directory at byte {_DIRECTORY_AT} lists no spectrum: export it again")
        recordings: list[Recording] = []
        n_values = 0
        for blocks in spectra:
            recordings.append(_recording(data, blocks, is_single=len(spectra) == 1))
            n_values += recordings[-1].x.size
            if n_values > MAX_VALUES or len(recordings) > MAX_RECORDINGS:
                raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: export fewer spectra")
        if len(recordings) == 1:
            return recordings
        return [
            replace(each, index=i, metadata={**each.metadata, "block": f"spectrum {i + 1} of {len(recordings)}"})
            for i, each in enumerate(recordings)
        ]


FORMAT = Spa()


def _spectra(data: bytes) -> Iterator[_Blocks]:
    """Blocks by spectrum: each header of the directory begins a new one."""
    if len(data) < _DIRECTORY_AT:
        raise MalformedFile(f"truncated: the file ends at byte {len(data)}, within its header: copy it again")
    (count,) = struct.unpack_from("<H", data, _COUNT_AT)
    current: _Blocks | None = None
    for i in range(count):
        at = _DIRECTORY_AT + i * _ENTRY.size
        if at + _ENTRY.size > len(data):
            raise MalformedFile(
                f"truncated: the directory declares {count:,} blocks, but the file ends at byte {len(data):,}: copy it"
                " again"
            )
        key, offset, size = _ENTRY.unpack_from(data, at)
        if key == _HEADER_KEY:
            if current is not None:
                yield current
            current = _Blocks(header=(offset, size))
        elif current is not None and key == _DATA_KEY and current.data is None:
            current.data = (offset, size)
        elif current is not None and key == _MEMBER_KEY:
            current.member = (offset, size)
        elif current is not None and key == _HISTORY_KEY:
            current.histories.append((offset, size))
    if current is not None:
        yield current


def _recording(data: bytes, blocks: _Blocks, is_single: bool) -> Recording:
    offset, _ = blocks.header
    if offset + _HEADER_BYTES > len(data):
        raise MalformedFile(f"truncated: a spectrum's header should stand at byte {offset:,}: copy the file again")
    n_points, x_code, y_code, first, last, n_scans = _HEADER.unpack_from(data, offset)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise MalformedFile(f"the ends of the axis at byte {offset + 16:,} are not finite: copy the file again")
    y = _ordinates(data, blocks, n_points)
    step = (last - first) / (n_points - 1) if n_points > 1 else 0.0
    word, x_units = _X_UNITS.get(x_code, (f"code {x_code}", "unknown"))
    history = "\n\n".join(_text(data, at, size) for at, size in blocks.histories)
    title, time = _title_and_time(data, blocks, is_single)
    metadata = _metadata(history, time, n_scans) | ({"x_units_as_written": word} if x_units == "unknown" else {})
    if y_code in _NO_SPECTRA:
        metadata["data_type"] = _NO_SPECTRA[y_code]
    technique = _technique(x_code, y_code)
    laser = struct.unpack_from("<f", data, offset + _LASER_AT)[0]
    if technique == "raman" and 3333.0 < laser < 100_000.0:
        metadata["laser_nm"] = 1e7 / laser
    short = y.size < n_points
    return Recording(
        format=FORMAT.name,
        index=0,
        x=first + np.arange(y.size) * step,
        y=y,
        x_units=x_units,
        y_units=_Y_WORDS.get(y_code, "unknown"),
        technique=technique,
        n_declared=n_points,
        n_missing=int(np.isnan(y).sum()),  # blanked regions are written as NaN
        title=title or None,
        metadata=metadata,
        header=history,
        warnings=(f"{n_points:,} points declared, {y.size:,} found",) if short else (),
    )


def _ordinates(data: bytes, blocks: _Blocks, n_points: int) -> NDArray[np.float64]:
    if blocks.data is None:
        raise MalformedFile("the directory lists no ordinates for a spectrum: export it again")
    offset, size = blocks.data
    if size != 4 * n_points or n_points == 0:
        raise MalformedFile(
            f"damaged: {n_points:,} points declared, but the ordinates at byte {offset:,} have {size:,} bytes: copy the"
            " file again"
        )
    values = values_at(data, offset, n_points, "<f4")
    if values.size == 0:
        raise MalformedFile(f"truncated: the ordinates should begin at byte {offset:,}: copy the file again")
    return values


def _technique(x_code: int, y_code: int) -> Literal["raman", "ftir", "unknown"]:
    if x_code == _RAMAN_SHIFT or y_code == _RAMAN_INTENSITY:
        return "raman"
    return "ftir" if x_code == 1 and y_code in (_ABSORBANCE, _PERCENT_TRANSMITTANCE) else "unknown"


def _text(data: bytes, offset: int, size: int) -> str:
    raw = data[offset : offset + size].partition(b"\x00")[0]
    return raw.decode("latin-1").replace("\r\n", "\n").strip()


def _title_and_time(data: bytes, blocks: _Blocks, is_single: bool) -> tuple[str, int]:
    """A member of a group has its own; the head of the file is that of the group."""
    if blocks.member is not None and blocks.member[0] + _MEMBER_TITLE_BYTES + 4 <= len(data):
        offset = blocks.member[0]
        (time,) = struct.unpack_from("<I", data, offset + _MEMBER_TITLE_BYTES)
        return _text(data, offset, _MEMBER_TITLE_BYTES), time
    time = struct.unpack_from("<I", data, _TIME_AT)[0] if is_single else 0
    return _text(data, _TITLE.start, _TITLE.stop - _TITLE.start), time


def _metadata(history: str, time: int, n_scans: int) -> dict[str, Any]:
    found: dict[str, Any] = {"software": "OMNIC"}
    if n_scans:
        found["accumulations"] = str(n_scans)
    serial = _SERIAL.search(history)
    if serial:
        found["serial"] = serial[1]
    resolution = _RESOLUTION.search(history)
    if resolution:
        found["resolution"] = resolution[1]
        found["resolution_cm1"] = float(resolution[1].replace(",", "."))
    if time:
        written = (_EPOCH + timedelta(seconds=time)).isoformat()
        found |= {"time_as_written": written, "time_utc": written}
        found |= {"time_offset": "+00:00", "time_offset_source": "file"}
    return found
