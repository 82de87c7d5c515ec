"""Technique, units and metadata from the words of a block; what is not said stays unknown."""

from __future__ import annotations

import re
from typing import Any, Literal

from device_adapters.decoding import parse_number
from device_adapters.jcamp_dx.records import Block
from device_adapters.unit_words import sampling_mode, x_units_of

__all__ = ["metadata_of", "technique_of"]

_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("data_type", ("DATATYPE",)),
    ("origin", ("ORIGIN",)),
    ("owner", ("OWNER",)),
    ("operator", ("$OPERATOR", "OPERATOR")),
    ("instrument", ("SPECTROMETERDATASYSTEM", "INSTRUMENT", "$INSTRUMENT")),
    ("serial", ("$SERIALNUMBER", "$SERIAL", "$INSTRUMENTSERIAL", "$INSTRUMENTSERIALNUMBER")),
    ("resolution", ("RESOLUTION",)),
    ("integration", (".ACQUISITIONTIME", "$INTEGRATIONTIME", "$EXPOSURETIME", "$EXPOSURE")),
    ("accumulations", (".AVERAGES", "$AVERAGES", "$ACCUMULATIONS", "$SCANS", "$NSCANS")),
    ("cas", ("CASREGISTRYNO",)),
    ("inchikey", ("$INCHIKEY", "INCHIKEY")),
    ("device_result", ("$DEVICERESULT",)),
)
_LASER_LABELS = (
    "LASERWAVELENGTH", ".LASERWAVELENGTH", "$LASERWAVELENGTH", "$LASER", "$LASERNM", "$LASERWAVELENGTHNM",
    "EXCITATIONWAVELENGTH", ".EXCITATIONWAVELENGTH", "$EXCITATIONWAVELENGTH", "$EXCITATION",
)  # fmt: skip


def technique_of(block: Block) -> Literal["raman", "ftir", "unknown"]:
    """The technique DATA TYPE names; interferograms, near and far infrared are neither of the two."""
    data_type = (block.value("DATATYPE") or "").upper()
    if "RAMAN" in data_type:
        return "raman"
    is_infrared = re.search(r"INFRARED|\bFT-?IR\b|\bIR\b", data_type) is not None
    if is_infrared and not re.search(r"INTERFEROGRAM|\bNEAR\b|\bFAR\b", data_type):
        return "ftir"
    return "unknown"


def metadata_of(block: Block, x_units: str | None) -> dict[str, Any]:
    """The metadata of a block under the keys of ``Recording``; absent keys are unknown."""
    found: dict[str, Any] = {}
    for key, labels in _TEXTS:
        value = block.value(*labels)
        if value is not None:
            found[key] = value
    sampling = block.value("SAMPLINGPROCEDURE", "$MODE")
    if sampling is not None:
        found["mode"] = sampling_mode(sampling)
    laser = _laser(block)
    if laser is not None:
        found["laser_nm"] = laser
    time = _time(block)
    if time is not None:
        found["time_as_written"] = time
    if x_units is not None and x_units_of(x_units) == "unknown":
        found["x_units_as_written"] = x_units
    return found


def _laser(block: Block) -> float | None:
    text = block.value(*_LASER_LABELS) or ""
    match = re.fullmatch(r"([\d.]+)\s*(?:nm|nanometers?)?", text, re.IGNORECASE)
    laser = parse_number(match[1]) if match else None
    return laser if laser is not None and 100.0 < laser < 3000.0 else None


def _time(block: Block) -> str | None:
    long_date = block.value("LONGDATE")
    parts = [long_date] if long_date else [block.value("DATE"), block.value("TIME")]
    return " ".join(part for part in parts if part) or None
