"""Renishaw WDF by ``renishaw-wdf``: every spectrum that was measured, of single scans, series and maps."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import Any, Literal

import numpy as np
from wdf import Wdf, WdfBlockId, WdfDataType, WdfDataUnit, WdfFlags, WdfHeader, WdfSpectrumFlags

from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording, XUnits

__all__ = ["read"]

_BLOCK = struct.Struct("<4sIQ")
_FIRST_TIME = 1700  # 1601-01-01 is what the format writes for a time that was not set
_X_UNITS: dict[WdfDataUnit, XUnits] = {
    WdfDataUnit.RamanShift: "cm-1",
    WdfDataUnit.Wavenumber: "cm-1",
    WdfDataUnit.Nanometre: "nm",
    WdfDataUnit.Micron: "um",
    WdfDataUnit.ElectronVolt: "eV",
    WdfDataUnit.Seconds: "s",
    WdfDataUnit.Pixels: "points",
}


def read(data: bytes, name: str) -> list[Recording]:  # noqa: ARG001 - as every reader is called
    """Read every measured spectrum.

    Raises
    ------
    MalformedFile
        A block ends outside of the file, or the header contradicts itself.
    """
    if len(data) < WdfHeader._SIZE:
        raise MalformedFile(f"truncated: the file ends at byte {len(data)}, within its header: copy it again")
    _refuse_broken_blocks(data)
    with Wdf() as file:
        file.open_fd(io.BytesIO(data), owned=True)
        return _recordings(file)


def _refuse_broken_blocks(data: bytes) -> None:
    """Walk the chain of blocks; the package would follow a block of no size for ever."""
    at = 0
    while at < len(data):
        if at + _BLOCK.size > len(data):
            raise MalformedFile(f"truncated: the file ends at byte {len(data):,}, within a block's head: copy it again")
        name, _, n_bytes = _BLOCK.unpack_from(data, at)
        if n_bytes < _BLOCK.size or at + n_bytes > len(data):
            shown = name.decode("latin-1") if name.isalnum() else name.hex()
            raise MalformedFile(
                f"truncated or damaged: block {shown} at byte {at:,} is said to have {n_bytes:,} bytes, but the file"
                f" has {len(data):,}: copy it again"
            )
        at += n_bytes


def _recordings(file: Wdf) -> list[Recording]:
    head = file.hdr
    n_measured = _measured_count(head)
    if head.flags & (WdfFlags.XYXY | WdfFlags.Multitrack):
        raise MalformedFile("a WDF file with several axes is not read: export its spectra as text from WiRE")
    axis = file.xlist()
    if len(axis) != head.npoints:
        raise MalformedFile(f"the axis has {len(axis):,} points, but the spectra {head.npoints:,}: export them again")
    x = np.array(axis, dtype=np.float64)
    x_units = _X_UNITS.get(axis.units, "unknown")
    is_raman = axis.units is WdfDataUnit.RamanShift
    said = _metadata(file)
    if x_units == "unknown" and axis.units is not WdfDataUnit.Arbitrary:
        said["x_units_as_written"] = axis.units.name
    flags, header = _flags(file), _header_text(file)
    warnings = (f"{head.nspectra:,} spectra planned, {n_measured:,} measured",) if n_measured < head.nspectra else ()
    recordings = []
    for i in range(n_measured):
        own: dict[str, Any] = {} if head.nspectra == 1 else {"block": f"spectrum {i + 1} of {n_measured}"}
        if flags is not None and flags[i] & WdfSpectrumFlags.Saturated:
            own["is_saturated"] = True
        recordings.append(
            Recording(
                format="wdf",
                index=i,
                x=x,
                y=np.array(file.spectrum(i), dtype=np.float64),
                x_units=x_units,
                y_units=_y_word(head),
                technique=_technique(is_raman),
                n_declared=head.npoints,
                title=head.title or None,
                metadata=said | own,
                header=header,
                warnings=warnings if i == 0 else (),
            )
        )
    return recordings


def _measured_count(head: WdfHeader) -> int:
    """Spectra that were measured: an interrupted run keeps room for those that were planned."""
    if not 0 < head.ncollected <= head.nspectra:
        raise MalformedFile(
            f"the header says {head.ncollected:,} of {head.nspectra:,} spectra were measured, which cannot be: export"
            " the file again"
        )
    if head.ncollected > MAX_RECORDINGS or head.ncollected * head.npoints > MAX_VALUES:
        raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: export fewer spectra")
    if head.npoints == 0:
        raise MalformedFile("the header declares no points: export the file again")
    return int(head.ncollected)


def _technique(is_raman: bool) -> Literal["raman", "unknown"]:
    return "raman" if is_raman else "unknown"


def _y_word(head: WdfHeader) -> str:
    try:
        return str(head.units.name).lower() if head.units is not WdfDataUnit.Arbitrary else "arbitrary"
    except ValueError:
        return "unknown"


def _metadata(file: Wdf) -> dict[str, Any]:
    head = file.hdr
    texts = {
        "vendor": "Renishaw",
        "software": f"{head.appname} {head.appversion}" if head.appname else "",
        "operator": head.user,
        "comment": file.comment().replace("\x00", "").strip(),
        "accumulations": str(head.naccum) if head.naccum else "",
    }
    said: dict[str, Any] = {key: text for key, text in texts.items() if text}
    if 3333.0 < head.laser_wavenumber < 100_000.0:
        said["laser_nm"] = 1e7 / head.laser_wavenumber
    start = _start(head)
    if start is not None:  # the format's times are UTC
        written = start.isoformat()
        said |= {"time_as_written": written, "time_utc": written, "time_offset": "+00:00", "time_offset_source": "file"}
    return said


def _start(head: WdfHeader) -> datetime | None:
    try:
        start: datetime = head.time_start
    except (OverflowError, ValueError):
        return None
    return start if start.year >= _FIRST_TIME else None


def _flags(file: Wdf) -> list[WdfSpectrumFlags] | None:
    try:
        return list(file.origins[WdfDataType.Flags][: file.hdr.ncollected])
    except (EOFError, KeyError, ValueError, UnicodeDecodeError, struct.error):
        return None


def _header_text(file: Wdf) -> str:
    head = file.hdr
    fields = {
        "version": head.version,
        "npoints": head.npoints,
        "nspectra": head.nspectra,
        "ncollected": head.ncollected,
        "naccum": head.naccum,
        "appname": head.appname,
        "appversion": head.appversion,
        "scantype": head.scantype_,
        "type": head.type_,
        "units": head.units_,
        "laser_wavenumber": head.laser_wavenumber,
        "user": head.user,
        "title": head.title,
        "blocks": " ".join(str(WdfBlockId(block.id).name) for block in file.sections() if block.id in _KNOWN_BLOCKS),
    }
    return "\n".join(f"{name} = {value}" for name, value in fields.items())


_KNOWN_BLOCKS = {int(block) for block in WdfBlockId}
