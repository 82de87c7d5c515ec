"""Galactic (GRAMS, Thermo) SPC: one spectrum or several, new little- and big-endian, and old word-swapped."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from device_adapters.decoding import is_text
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.galactic.codes import EXPERIMENTS, RAMAN_SHIFT, X_WORDS, Y_WORDS, x_units_of_code
from device_adapters.galactic.header import Flag, Header, is_plausible_start, read_header
from device_adapters.galactic.log_text import read_log, said_in_log
from device_adapters.galactic.subfiles import Curve, Curves, read_curves
from device_adapters.recording import Recording, XUnits
from device_adapters.unit_words import OrdinateWord, ordinate_word, x_units_of

__all__ = ["FORMAT"]

_RAMAN_EXPERIMENT = 11
_INTERFEROGRAM = 1
_POINT_CODES = (0, 255)  # codes that leave open what the axis is
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_INFRARED_LIMIT = 15_000.0  # [cm^-1] above it absorbance is that of visible light


class Spc:
    """The SPC reader."""

    name = "spc"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A version byte with a sound header behind it; the format has no longer magic number."""
        return Recognition.LIKELY if is_plausible_start(head) and not is_text(head[:512]) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every subfile as one recording.

        Raises
        ------
        MalformedFile
            The file ends in its header or before its first point, or holds bytes its header does not account for.
        """
        header = read_header(data)
        found = read_curves(data, header)
        _refuse_unaccounted(data, header, found)
        log, log_warning = read_log(data, header.log_offset, header.byte_order)
        said = _metadata(header, log)
        warnings = [*found.warnings, *([log_warning] if log_warning else []), *_date_warnings(header)]
        if header.byte_order == ">":
            warnings.append("no real SPC file of this byte order was available to test its reader with")
        recordings = [_recording(header, curve, said, log) for curve in found.curves]
        recordings[0] = replace(recordings[0], warnings=(*recordings[0].warnings, *warnings))
        if len(recordings) == 1:
            return recordings
        return [_numbered(each, i, found, header) for i, each in enumerate(recordings)]


FORMAT = Spc()


def _refuse_unaccounted(data: bytes, header: Header, found: Curves) -> None:
    """Every real file ends with its last point or its log: else a count in the header is damaged."""
    is_cut = header.n_subfiles is not None and len(found.curves) < header.n_subfiles
    if header.has(Flag.OWN_X) or found.end >= len(data) or is_cut:
        return
    has_log = found.end <= header.log_offset <= len(data)
    rest = data[found.end : header.log_offset if has_log else len(data)]
    if rest.strip(b"\x00 "):
        raise MalformedFile(
            f"damaged: {len(rest):,} bytes from byte {found.end:,} on are neither points nor log, as the header counts"
            " them: copy or export the file again"
        )


def _numbered(recording: Recording, i: int, found: Curves, header: Header) -> Recording:
    curve = found.curves[i]
    block = f"subfile {i + 1} of {len(found.curves)}"
    if header.z_code in X_WORDS and np.isfinite(curve.z):
        block += f", z = {curve.z:g} ({header.labels[2] or X_WORDS[header.z_code]})"
    return replace(recording, index=i, metadata={**recording.metadata, "block": block})


def _recording(header: Header, curve: Curve, said: dict[str, Any], log: str) -> Recording:
    x_units, y_word = _x_units(header, curve), _y_word(header)
    metadata = dict(said)
    if curve.n_scans and "accumulations" not in metadata:
        metadata["accumulations"] = str(curve.n_scans)
    if x_units == "unknown" and header.x_code not in _POINT_CODES:
        metadata["x_units_as_written"] = X_WORDS.get(header.x_code, f"code {header.x_code}")
    short = curve.y.size < curve.n_declared
    return Recording(
        format=FORMAT.name,
        index=0,
        x=curve.x,
        y=curve.y,
        x_units=x_units,
        y_units=y_word,
        technique=_technique(header, curve, x_units, y_word),
        n_declared=curve.n_declared,
        title=header.comment or None,
        metadata=metadata,
        header=_header_text(header, log),
        warnings=(f"{curve.n_declared:,} points declared, {curve.y.size:,} found",) if short else (),
    )


def _label(header: Header, i: int) -> str:
    return header.labels[i] if header.has(Flag.LABELS) else ""


def _x_units(header: Header, curve: Curve) -> XUnits:
    """The custom label where it names a unit, else the code; a bare count of points is no axis."""
    named = x_units_of(_label(header, 0)) if _label(header, 0) else "unknown"
    if named != "unknown":
        return named
    by_code = x_units_of_code(header.x_code)
    is_count = header.first_x in (0.0, 1.0) and header.last_x - header.first_x == curve.n_declared - 1
    if by_code == "unknown" and header.x_code in _POINT_CODES and is_count and curve.n_declared > 1:
        return "points"
    return by_code


def _y_word(header: Header) -> str:
    return _label(header, 1) or Y_WORDS.get(header.y_code, "unknown")


def _technique(header: Header, curve: Curve, x_units: XUnits, y_word: str) -> Literal["raman", "ftir", "unknown"]:
    """Raman by experiment or axis; infrared where wavenumbers bear an infrared ordinate that its numbers fit."""
    says_raman = "raman" in f"{_label(header, 0)} {_label(header, 1)}".lower()
    if header.experiment == _RAMAN_EXPERIMENT or header.x_code == RAMAN_SHIFT or says_raman:
        return "raman"
    if header.experiment in EXPERIMENTS or x_units != "cm-1":
        return "unknown"
    top, reach = float(curve.y.max()), float(np.abs(curve.x).max())
    word = ordinate_word(y_word)
    fits = (word is OrdinateWord.ABSORBANCE and top <= 10.0) or (
        word in (OrdinateWord.TRANSMITTANCE, OrdinateWord.PERCENT_TRANSMITTANCE) and top <= 200.0
    )
    return "ftir" if fits and reach <= _INFRARED_LIMIT else "unknown"


def _metadata(header: Header, log: str) -> dict[str, Any]:
    said: dict[str, Any] = {"format_version": f"0x{header.version:02X}"}
    data_type = EXPERIMENTS.get(header.experiment)
    if header.y_code == _INTERFEROGRAM:
        data_type = "interferogram"
    texts = {
        "data_type": data_type,
        "instrument": header.source,
        "resolution": header.resolution,
        "comment": header.comment,
        "processing": header.method,
    }
    said.update({key: text for key, text in texts.items() if text})
    resolution = re.fullmatch(r"(\d+(?:\.\d*)?) *cm-?1?", header.resolution, re.IGNORECASE)
    if resolution:
        said["resolution_cm1"] = float(resolution[1])
    from_log = said_in_log(log)
    time = from_log.pop("time_as_written", None)
    written = _date_text(header)
    if written and (_is_possible(header) or time is None):
        said["time_as_written"] = written
    elif time is not None:
        said["time_as_written"] = time
    return {**said, **from_log}


def _date_text(header: Header) -> str:
    year, month, day, hour, minute = header.date
    return f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}" if any(header.date) else ""


def _is_possible(header: Header) -> bool:
    year, month, day, hour, minute = header.date
    return _FIRST_YEAR <= year < _LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60


def _date_warnings(header: Header) -> list[str]:
    written = _date_text(header)
    if not written or _is_possible(header):
        return []
    counted = " (years counted from 1900?)" if 70 <= header.date[0] < 200 else ""
    return [f"the header's date cannot be{counted}: {written}"]


def _header_text(header: Header, log: str) -> str:
    """The header's fields by their names in the format's description, then the log as it stands."""
    fields = {
        "fversn": f"0x{header.version:02X}",
        "ftflgs": f"0x{header.flags:02X}",
        "fexper": header.experiment,
        "fexp": header.exponent,
        "fnpts": header.n_points,
        "ffirst": header.first_x,
        "flast": header.last_x,
        "fnsub": "not counted" if header.n_subfiles is None else header.n_subfiles,
        "fxtype": header.x_code,
        "fytype": header.y_code,
        "fztype": header.z_code,
        "fdate": _date_text(header) or "0",
        "fres": header.resolution,
        "fsource": header.source,
        "fcmnt": header.comment,
        "fcatxt": " | ".join(header.labels),
        "flogoff": header.log_offset,
    }
    lines = "\n".join(f"{name} = {value}" for name, value in fields.items())
    return f"{lines}\n\n{log}" if log else lines
