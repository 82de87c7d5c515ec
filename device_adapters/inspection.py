"""What is in a file as written, for ``inspect --json``: no matching, no conversion."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes, read
from device_adapters.recording import Recording

__all__ = ["inspect_file", "inspect_path"]


def inspect_file(data: bytes, name: str) -> dict[str, Any]:
    """One element of ``files`` of the inspection schema, ready for strict JSON.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Its name, which the element repeats.
    """
    try:
        recordings = read(data, name)
    except AdapterError as error:
        return _refused(name, error)
    many = len(recordings) > 1
    warnings = [
        f"spectrum {recording.index}: {warning}" if many else warning
        for recording in recordings
        for warning in recording.warnings
    ]
    return {
        "file": name,
        "format": recordings[0].format,
        "error": None,
        "sha256": recordings[0].sha256,
        "warnings": warnings,
        "spectra": [_described(recording) for recording in recordings],
    }


def inspect_path(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The same for a file by its path; a missing file or a folder has its sentence in ``error``."""
    name = os.fspath(path)
    try:
        data = load_bytes(path)
    except AdapterError as error:
        return _refused(name, error)
    return inspect_file(data, name)


def _refused(name: str, error: AdapterError) -> dict[str, Any]:
    return {"file": name, "format": None, "error": str(error), "sha256": None, "warnings": [], "spectra": []}


def _described(recording: Recording) -> dict[str, Any]:
    x_min, x_max = _range(recording.x)
    y_min, y_max = _range(recording.y)
    return {
        "index": recording.index,
        "title": recording.title,
        "kind": recording.kind,
        "technique": recording.technique,
        "n_points": int(recording.x.size),
        "n_declared": recording.n_declared,
        "n_missing": recording.n_missing,
        "x_min": x_min,
        "x_max": x_max,
        "x_units": recording.x_units,
        "y_units": recording.y_units,
        "y_min": y_min,
        "y_max": y_max,
        "metadata": _strict(recording.metadata),
    }


def _range(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Smallest and largest value; None where it is infinite or there is none."""
    present = values[~np.isnan(values)]
    if not present.size:
        return None, None
    low, high = float(present.min()), float(present.max())
    return low if math.isfinite(low) else None, high if math.isfinite(high) else None


def _strict(value: Any) -> Any:
    """The value with everything JSON does not know made null or text."""
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
