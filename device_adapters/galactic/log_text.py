"""The log block of an SPC file, and what its lines plainly say."""

from __future__ import annotations

import re
import struct
from typing import Any

from device_adapters.decoding import parse_number

__all__ = ["read_log", "said_in_log"]

_LOG_HEADER_BYTES = 64
_LONGEST_LOG = 262_144  # [bytes]
_KEYS: tuple[tuple[str, str], ...] = (
    ("operator", r"operator"),
    ("instrument", r"instrument|model"),
    ("serial", r"serial_number"),
    ("detector", r"detector|det"),
    ("detector_serial", r"camera_serial_number"),
    ("laser_power", r"laser_power|power"),
    ("integration", r"exposure_time|acq\. time \(s\)|time|exposure_length"),
    ("accumulations", r"accumulations|accum|scans|scans_per_scanset"),
    ("objective", r"objectiv|objective"),
    ("grating", r"grating|grating_grooves"),
    ("slit", r"slit|slit_opening"),
    ("sample", r"sample|original_sample_name"),
    ("time_as_written", r"date|acquisition_date_time"),
)
_LASER_KEY = re.compile(r"laser \(nm\)|laser_wavelength|excit_line|laser")
_LASER = re.compile(r"(?:laser: *)?(\d{3,4}(?:[.,]\d+)?)(?: ?nm.*)?", re.IGNORECASE)
_PREFIX = re.compile(r"(?:time|accumulations|grating|laser_power): +", re.IGNORECASE)
_NOTHING = {"", "unknown", "<none>", "none"}


def read_log(data: bytes, offset: int, byte_order: str) -> tuple[str, str | None]:
    """The text of the log (Latin-1, newlines unified), and a warning where it cannot be found."""
    if offset == 0:
        return "", None
    if offset + _LOG_HEADER_BYTES > len(data):
        return "", f"the log is said to begin at byte {offset:,}, but the file has {len(data):,}"
    n_bytes, _, text_at = struct.unpack_from(f"{byte_order}III", data, offset)
    start = offset + text_at
    # Writers count the text with or without its header, and some count too little.
    raw = data[start : start + _LONGEST_LOG] if n_bytes else b""
    text = raw.partition(b"\x00")[0].decode("latin-1")
    return re.sub(r"\r\n|\n\r|\r", "\n", text).strip(), None


def said_in_log(log: str) -> dict[str, Any]:
    """Entries of the metadata model that the lines ``KEY = VALUE`` of a log hold."""
    said: dict[str, Any] = {}
    for line in log.split("\n"):
        key, equals, value = line.partition("=")
        key, value = key.strip().lower(), value.strip()
        if not equals or len(line) > 500 or value.lower() in _NOTHING:
            continue
        if _LASER_KEY.fullmatch(key):
            laser = _laser(value)
            if laser is not None:
                said.setdefault("laser_nm", laser)
        elif key == "dark_subtracted" and value.lower() in ("yes", "no"):
            said.setdefault(key, value.lower() == "yes")
        else:
            _take(said, key, value)
    return said


def _take(said: dict[str, Any], key: str, value: str) -> None:
    meant = next((name for name, pattern in _KEYS if re.fullmatch(pattern, key)), None)
    if meant is None:
        return
    said.setdefault(meant, _PREFIX.sub("", value))
    seconds = parse_number(value) if key == "acq. time (s)" else None
    if seconds is not None and seconds > 0:
        said.setdefault("integration_s", seconds)


def _laser(value: str) -> float | None:
    match = _LASER.fullmatch(value)
    laser = parse_number(match[1].replace(",", ".")) if match else None
    return laser if laser is not None and 100.0 < laser < 3000.0 else None
