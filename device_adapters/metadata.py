"""The words of the metadata model: every key a recording may carry, and what kind of value stands under it.

Absent is unknown. A value comes from the content of the file alone, never from its name or its time of
modification; a text stands as the file writes it, a number beside it is in the unit its key names.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

__all__ = ["GROUPS", "KEYS", "Kind", "unfit_entries"]


class Kind(StrEnum):
    """What stands under a key."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    HITS = "list of {id, name, value}"
    TABLE = "list of lists of numbers"


_TEXT, _NUMBER, _FLAG = Kind.TEXT, Kind.NUMBER, Kind.FLAG

GROUPS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "file": {
            "data_type": _TEXT,  # what the file calls its content
            "format_version": _TEXT,
            "block": _TEXT,  # which block, channel, page or map point of the file this recording is
            "related": _TEXT,  # what the file says of recordings that belong to this one
            "comment": _TEXT,
            "origin": _TEXT,
            "owner": _TEXT,
        },
        "instrument": {
            "vendor": _TEXT,
            "instrument": _TEXT,  # its model
            "serial": _TEXT,
            "detector": _TEXT,
            "detector_serial": _TEXT,
            "firmware": _TEXT,
            "software": _TEXT,  # name and version
            "mode": _TEXT,  # ATR, transmission, SERS, SORS …
            "accessory": _TEXT,
            "laser_nm": _NUMBER,  # [nm] that the axis rests on, where the file says it; else the nominal one
            "laser_nm_calibrated": _NUMBER,  # [nm] where the file has a calibrated one beside the nominal
            "laser_wavenumber": _NUMBER,  # [cm^-1] as a device writes it, absolute or against its nominal laser
            "laser_power": _TEXT,  # as written, with its unit or percent sign
            "laser_power_mw": _NUMBER,  # [mW]
            "grating": _TEXT,
            "objective": _TEXT,
            "slit": _TEXT,
        },
        "acquisition": {
            "integration": _TEXT,  # as written
            "integration_s": _NUMBER,  # [s] of one exposure
            "accumulations": _TEXT,  # as written
            "resolution": _TEXT,  # as written
            "resolution_cm1": _NUMBER,  # [cm^-1]
            "detector_temperature_c": _NUMBER,  # [°C]
            "gain": _NUMBER,  # [as the device defines it]
            "read_noise": _NUMBER,  # [as the device defines it]
            "bias": _NUMBER,  # [counts]
            "signal_to_noise": _TEXT,  # as written
            "saturation_level": _NUMBER,  # [counts] at which the file says its detector is full
            "is_saturated": _FLAG,
            "dark_subtracted": _FLAG,
            "processing": _TEXT,  # what was done to the values before they were written
            "measurement_state": _TEXT,
            "scan_mode": _TEXT,
        },
        "time": {
            "time_as_written": _TEXT,
            "time_offset": _TEXT,  # "+02:00"; absent where the file does not say it
            "time_offset_source": _TEXT,  # "file", where time_offset is there
            "time_utc": _TEXT,  # ISO 8601, only where the offset is known
        },
        "people and place": {
            "operator": _TEXT,
            "sample": _TEXT,
            "place": _TEXT,
            "gps": _TEXT,
        },
        "axis and ordinate": {
            "x_units_as_written": _TEXT,
            "y_units_as_written": _TEXT,
            "axis_correction_cm1": _NUMBER,  # [cm^-1] a device's own correction of its axis, as it states it
        },
        "device result": {
            "device_result": _TEXT,  # verbatim
            "device_verdict": _TEXT,  # the device's own word for the kind of result
            "device_hits": Kind.HITS,  # substances the device calls found; empty where it found none
            "device_candidates": Kind.HITS,  # substances it lists without calling them found
            "device_peaks": Kind.TABLE,  # rows as written
            "device_library": _TEXT,
            "device_alarm": _FLAG,
            "not_composition": _FLAG,  # true wherever device_result is: its numbers are no shares of a substance
        },
        "substance": {
            "cas": _TEXT,
            "inchikey": _TEXT,
        },
    }
)

KEYS: Mapping[str, Kind] = MappingProxyType({key: kind for group in GROUPS.values() for key, kind in group.items()})


def unfit_entries(metadata: Mapping[str, Any]) -> list[str]:
    """What in ``metadata`` is no word of the model or no value of its kind, one sentence each."""
    unfit = [
        f"{key} is no {KEYS[key]}: {value!r}" if key in KEYS else f"{key} is no key of the metadata model"
        for key, value in metadata.items()
        if key not in KEYS or not _is_of_kind(value, KEYS[key])
    ]
    if "device_result" in metadata and metadata.get("not_composition") is not True:
        unfit.append("device_result stands without not_composition")
    if ("time_offset" in metadata) != ("time_offset_source" in metadata):
        unfit.append("time_offset and its source belong together")
    return unfit


def _is_of_kind(value: Any, kind: Kind) -> bool:
    if kind is Kind.TEXT:
        return isinstance(value, str) and bool(value)
    if kind is Kind.FLAG:
        return isinstance(value, bool)
    if kind is Kind.NUMBER:
        return _is_number(value)
    if not isinstance(value, (list, tuple)):
        return False
    if kind is Kind.TABLE:
        return all(isinstance(row, (list, tuple)) and all(map(_is_number, row)) for row in value)
    return all(isinstance(hit, Mapping) and set(hit) == {"id", "name", "value"} for hit in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
