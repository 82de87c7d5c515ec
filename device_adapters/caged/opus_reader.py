"""Bruker OPUS by ``brukeropus``: every block of the file, the result spectrum first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import numpy as np
from brukeropus.file.block import FileBlock, pair_data_and_status_blocks
from brukeropus.file.data import Data, DataSeries
from brukeropus.file.directory import FileDirectory
from numpy.typing import NDArray

from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording, XUnits
from device_adapters.unit_words import sampling_mode

__all__ = ["read"]

_RESULTS: dict[str, str] = {
    "ra": "Raman intensity",
    "a": "absorbance",
    "atr": "ATR absorbance",
    "t": "transmittance",
    "r": "reflectance",
    "km": "Kubelka-Munk",
    "logr": "log(1/R)",
    "pas": "photoacoustic",
    "e": "emission",
}
_OTHERS: dict[str, str] = {
    "sm": "single channel sample spectrum",
    "rf": "single channel reference spectrum",
    "igsm": "interferogram of the sample",
    "igrf": "interferogram of the reference",
    "phsm": "phase of the sample",
    "phrf": "phase of the reference",
    "pw": "power spectrum",
    "tr": "trace of intensity over time",
    "match": "table of matches",
}
_ORDER = [*_RESULTS, *_OTHERS]
_X_UNITS: dict[str, XUnits] = {"WN": "cm-1", "MI": "um", "MIN": "min", "PNT": "points"}
_TEXTS = {
    "ins": "instrument",
    "srn": "serial",
    "vsn": "firmware",
    "acc": "accessory",
    "dtc": "detector",
    "cnm": "operator",
    "snm": "sample",
    "sfm": "comment",
    "lct": "place",
    "res": "resolution",
    "nss": "accumulations",
}
_RESOLUTIONS = (0.0, 1000.0)
_FLOAT_VALUES = 1
_RANGE_TOLERANCE = 1e-3  # of the stated range


def read(data: bytes, name: str) -> list[Recording]:  # noqa: ARG001 - as every reader is called
    """Read every block that holds a curve.

    Raises
    ------
    MalformedFile
        The directory points out of the file, a block cannot be read, or there is no curve.
    """
    if len(data) < 24:
        raise MalformedFile(f"truncated: the file ends at byte {len(data)}, within its header: copy it again")
    directory = FileDirectory(data)
    for block in directory.blocks + directory.parse_error_blocks:
        if block.start < 0 or block.size < 0 or block.start + block.size > len(data):
            raise MalformedFile(
                f"truncated: a block of {block.size:,} bytes is said to begin at byte {block.start:,}, but the file has"
                f" {len(data):,}: copy it again"
            )
    warnings = _refuse_unread(directory.parse_error_blocks)
    parameters = _parameters(directory.blocks)
    header = "\n".join(f"{key.upper()} = {value}" for key, value in parameters.items())
    pairs = pair_data_and_status_blocks(list(directory.blocks))
    if not pairs:
        raise MalformedFile("the file holds no spectrum that can be read: export the spectrum again")
    # The package sorts the latest block first, which of two of a kind is the one OPUS shows.
    pairs.sort(key=lambda pair: _rank(pair[0]))
    kinds = {_kind(block)[0] for block, _ in pairs}
    recordings: list[Recording] = []
    n_values = 0
    for block, status in pairs:
        for recording in _recordings(block, status, parameters, header, kinds):
            n_values += recording.x.size
            if n_values > MAX_VALUES or len(recordings) >= MAX_RECORDINGS:
                raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: export fewer spectra")
            recordings.append(recording)
    warnings += _left_out(directory.blocks, {block.start for block, _ in pairs})
    recordings[0] = replace(recordings[0], warnings=(*warnings, *recordings[0].warnings))
    return recordings


def _left_out(blocks: list[FileBlock], paired: set[int]) -> list[str]:
    curves = [block for block in blocks if block.is_data() or block.is_data_series()]
    labels = [block.get_label() for block in curves if block.start not in paired]
    return [f"blocks without a description are left out: {', '.join(labels)}"] if labels else []


def _refuse_unread(blocks: list[FileBlock]) -> list[str]:
    """The package passes over a block it cannot parse; a curve or its description must not be missed unseen."""
    for block in blocks:
        if block.is_data() or block.is_data_series() or block.is_data_status():
            raise MalformedFile(
                f"the block {block.get_label()} at byte {block.start:,} is damaged: copy the file again"
            )
    return [f"the block {block.get_label()} at byte {block.start:,} cannot be read" for block in blocks]


def _parameters(blocks: list[FileBlock]) -> dict[str, Any]:
    """Parameters of sample and instrument, those of the reference measurement only where nothing else says them."""
    found: dict[str, Any] = {}
    texts = [block for block in blocks if block.is_param() and not block.is_data_status()]
    for block in sorted(texts, key=lambda block: block.is_rf_param()):
        if isinstance(block.data, dict):
            for key, value in block.data.items():
                found.setdefault(key, value)
    return found


def _kind(block: FileBlock) -> tuple[str, str]:
    """The kind of a block, and what its key says beyond that: channel, compact form."""
    key = block.get_data_key() or ""
    kind, _, rest = key.partition("_")
    return kind, rest


def _rank(block: FileBlock) -> tuple[int, bool, bool]:
    kind, rest = _kind(block)
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), bool(rest), block.is_data_series())


def _recordings(
    block: FileBlock, status: FileBlock, parameters: dict[str, Any], header: str, kinds: set[str]
) -> Iterator[Recording]:
    kind, rest = _kind(block)
    said = dict(status.data)
    if said.get("dpf", _FLOAT_VALUES) != _FLOAT_VALUES:
        raise MalformedFile(f"the block {kind!r} holds values in a form that is not read (DPF = {said['dpf']})")
    n_points = said["npt"]
    if not 0 < n_points <= MAX_VALUES:
        raise MalformedFile(f"the block {kind!r} declares {n_points:,} points, which cannot be: copy the file again")
    label = f"{kind}_{rest}" if rest else kind
    if block.is_data_series():
        curves = _series(block, status, label)
    else:
        curve = Data(block, status, key=label, vel=0)
        curves = [(curve.x, curve.y, label)]
    own = "\n".join(f"{key.upper()} = {value}" for key, value in said.items())
    for x, y, where in curves:
        yield Recording(
            format="opus",
            index=0,
            x=x,
            y=y,
            x_units=_X_UNITS.get(str(said.get("dxu")), "unknown"),
            y_units=_RESULTS.get(kind) or _OTHERS.get(kind, "unknown"),
            technique=_technique(kind, kinds),
            kind="auxiliary" if kind not in _RESULTS and kinds & _RESULTS.keys() else "curve",
            n_declared=n_points,
            title=str(parameters.get("snm") or "") or None,
            metadata={"block": where} | _metadata(kind, parameters, said),
            header=f"{header}\n\n{own}",
            warnings=_range_warnings(y, said),
        )


def _series(
    block: FileBlock, status: FileBlock, label: str
) -> list[tuple[NDArray[np.float64], NDArray[np.float64], str]]:
    scale = status.data.get("csf", 1.0)
    if scale != 1.0:
        raise MalformedFile(f"the series {label!r} has a scale of {scale:g}, which is not read: export its spectra")
    series = DataSeries(block, status, key=label, vel=0)
    return [(series.x, y, f"{label}, {i + 1} of {series.num_spectra}") for i, y in enumerate(series.y)]


def _range_warnings(y: NDArray[np.float64], said: dict[str, Any]) -> tuple[str, ...]:
    """The description of a block states the smallest and largest value: a check of its own."""
    low, high = said.get("mny"), said.get("mxy")
    if not (isinstance(low, float) and isinstance(high, float)) or low >= high:
        return ()
    found = float(y.min()), float(y.max())
    if max(abs(found[0] - low), abs(found[1] - high)) <= _RANGE_TOLERANCE * (high - low):
        return ()
    return (f"the values run from {found[0]:g} to {found[1]:g}, but the file states {low:g} to {high:g}",)


def _technique(kind: str, kinds: set[str]) -> Literal["raman", "ftir", "unknown"]:
    if kind == "ra":
        return "raman"
    return "ftir" if kind in _RESULTS and "ra" not in kinds else "unknown"


def _metadata(kind: str, parameters: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"vendor": "Bruker"}
    for key, meant in _TEXTS.items():
        text = str(parameters.get(key, "")).strip()
        if text:
            found[meant] = text
    resolution = parameters.get("res")
    if isinstance(resolution, (int, float)) and _RESOLUTIONS[0] < resolution < _RESOLUTIONS[1]:
        found["resolution_cm1"] = float(resolution)
    if kind not in _RESULTS:
        found["data_type"] = _OTHERS.get(kind, f"block {kind!r}")
    mode = "ATR" if kind == "atr" else sampling_mode(found.get("accessory", ""))
    if mode and mode != found.get("accessory"):
        found["mode"] = mode
    laser = parameters.get("rlw")  # [cm^-1] of the Raman laser
    if kind == "ra" and isinstance(laser, (int, float)) and 3333.0 < laser < 100_000.0:
        found["laser_nm"] = 1e7 / laser
    return found | _time(str(said.get("dat", "")), str(said.get("tim", "")))


def _time(date: str, clock: str) -> dict[str, Any]:
    """The time as written; with the offset that stands behind it also in UTC."""
    written = f"{date} {clock}".strip()
    if not written:
        return {}
    found: dict[str, Any] = {"time_as_written": written}
    zone = re.fullmatch(r"([\d:.]+) *\(GMT([+-]\d{1,2})(?::(\d\d))?\)", clock.strip())
    if zone is None:
        return found
    minutes = abs(int(zone[2])) * 60 + int(zone[3] or 0)
    offset = timedelta(minutes=-minutes if zone[2].startswith("-") else minutes)
    found["time_offset"] = f"{zone[2][0]}{minutes // 60:02}:{minutes % 60:02}"
    found["time_offset_source"] = "file"
    for pattern in ("%d/%m/%Y %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"):
        try:
            local = datetime.strptime(f"{date.strip()} {zone[1]}", pattern).replace(tzinfo=timezone(offset))
        except (ValueError, OverflowError):
            continue
        found["time_utc"] = local.astimezone(UTC).isoformat()
        break
    return found
