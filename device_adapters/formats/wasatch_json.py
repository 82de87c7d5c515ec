"""The JSON of Wasatch ENLIGHTEN: the same header as its CSV, the curves as lists, the axis in the settings."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import is_text
from device_adapters.enlighten import auxiliary_of, laser_warning, metadata_of, technique_of
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, number
from device_adapters.json_text import numbers_in, object_in, parse_json
from device_adapters.recording import Recording, XUnits

__all__ = ["FORMAT"]

_MARK = re.compile(rb'"(ENLIGHTEN Version|spectrometerSettings)"\s*:')
_ORDER = ("Processed", "Raw", "Dark", "Reference")


class WasatchJson:
    """The reader for ENLIGHTEN JSON."""

    name = "wasatch-json"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A JSON object with ENLIGHTEN's own keys."""
        is_ours = is_text(head) and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _MARK.search(head)
        return Recognition.CERTAIN if is_ours else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the processed scan, then the curves that belong to it.

        Raises
        ------
        MalformedFile
            The JSON is broken, or its lists do not fit each other.
        """
        content = object_in(parse_json(data), "the file")
        header = _header(object_in(content.get("metadata"), "'metadata'"))
        spectrum = object_in(content.get("spectrum"), "'spectrum'")
        settings = content.get("spectrometerSettings")
        curves = [(name, numbers_in(spectrum[name], f"'{name}'")) for name in _ORDER if spectrum.get(name)]
        if not curves:
            raise MalformedFile("'spectrum' holds none of Processed, Raw, Dark, Reference: export the scan again")
        places = (spectrum, settings if isinstance(settings, dict) else {})
        names = [name for name, _ in curves]
        return [_recording(name, names, y, header, places) for name, y in curves]


FORMAT = WasatchJson()


def _header(said: dict[str, Any]) -> Header:
    header = Header()
    for key, value in said.items():
        if value is not None and not isinstance(value, (dict, list)):
            header.add(key, str(value))
    return header


def _axis(n_points: int, places: tuple[dict[str, Any], ...]) -> tuple[NDArray[np.float64], XUnits]:
    """The first list of as many numbers that is called an axis; pixels are counted where there is none."""
    units: tuple[tuple[str, XUnits], ...] = (
        ("Wavenumber", "cm-1"), ("wavenumbers", "cm-1"), ("Wavelength", "nm"), ("wavelengths", "nm"),
    )  # fmt: skip
    for key, unit in units:
        for place in places:
            if isinstance(place.get(key), list) and len(place[key]) == n_points:
                return numbers_in(place[key], f"'{key}'"), unit
    return np.arange(n_points, dtype=np.float64), "points"


def _recording(
    name: str, names: list[str], y: NDArray[np.float64], header: Header, places: tuple[dict[str, Any], ...]
) -> Recording:
    x, units = _axis(y.size, places)
    declared = number(header.get("pixel count"))
    n_declared = None if declared is None or not 0 < declared < 1e9 else int(declared)
    metadata = metadata_of(header)
    said = [] if n_declared in (None, y.size) else [f"{n_declared:,} points declared, {y.size:,} found"]
    said += laser_warning(header)
    if units == "points":
        said.append("no list of the file fits as an axis, so that the points are only counted: export CSV")
    is_processed = name == "Processed" and metadata.get("data_type", "scope").lower() != "scope"
    return Recording(
        format=FORMAT.name,
        index=0,
        x=x,
        y=y,
        x_units=units,
        y_units=metadata["data_type"] if is_processed else "counts",
        technique=technique_of(header),
        kind="auxiliary" if auxiliary_of(name, names) and len(names) > 1 else "curve",
        n_declared=n_declared,
        title=name,
        metadata=metadata,
        header="\n".join(f"{key},{value}" for key, value in header.items()),
        warnings=tuple(said),
    )
