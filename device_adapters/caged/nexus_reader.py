"""NeXus by ``h5py``: every plottable curve of an entry, its technique by the entry's definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import h5py
import numpy as np

from device_adapters.errors import MalformedFile, UnknownFormat
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording
from device_adapters.unit_words import x_units_of

__all__ = ["read"]

_DEEPEST = 8
_MOST_OBJECTS = 20_000
_LONGEST_TEXT = 4096
_TECHNIQUES: dict[str, Literal["raman", "ftir", "unknown"]] = {"NXraman": "raman"}
_SAID = {
    "instrument/device_information/vendor": "vendor",
    "instrument/device_information/model": "instrument",
    "instrument/device_information/serial_number": "serial",
    "sample/name": "sample",
    "sample/substance/name": "sample",
    "reference/owner": "owner",
    "start_time": "time_as_written",
}
_LASERS = ("instrument/beam_incident/wavelength", "instrument/beam_incident/incident_wavelength")


def read(data: bytes, name: str) -> list[Recording]:  # noqa: ARG001 - as every reader is called
    """Read every one-dimensional signal with its axis.

    Raises
    ------
    UnknownFormat
        It is HDF5, but no NeXus.
    MalformedFile
        It is broken, or holds no curve.
    """
    try:
        file = h5py.File(h5py.h5f.open_file_image(data))
    except (OSError, RuntimeError, ValueError) as error:
        raise MalformedFile(f"the HDF5 file is truncated or damaged ({_short(error)}): copy it again") from error
    with file:
        entries = [group for group in _groups(file, 1) if _class(group) == "NXentry"]
        if not entries:
            raise UnknownFormat(
                "this is an HDF5 file without a NeXus entry: export JCAMP-DX or text from the device's software"
            )
        recordings: list[Recording] = []
        n_values = 0
        for entry in entries:
            for recording in _curves(entry):
                recordings.append(recording)
                n_values += recording.x.size
                if n_values > MAX_VALUES or len(recordings) > MAX_RECORDINGS:
                    raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: export fewer spectra")
        if not recordings:
            definitions = ", ".join(_text_at(entry, "definition") or "no definition" for entry in entries[:4])
            raise MalformedFile(
                f"the NeXus entries ({definitions}) hold no curve of one signal over one axis: export single spectra"
            )
        return recordings


def _groups(top: h5py.Group, deepest: int = _DEEPEST) -> Iterator[h5py.Group]:
    """All groups below by hard links; others may lead out of the file or in circles."""
    seen = 0
    waiting = [(top, 0)]
    while waiting:
        group, depth = waiting.pop(0)
        for key in group:
            seen += 1
            if seen > _MOST_OBJECTS:
                raise MalformedFile(f"the HDF5 file holds more than {_MOST_OBJECTS:,} objects: export single spectra")
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                continue
            inner = group.get(key)
            if isinstance(inner, h5py.Group):
                yield inner
                if depth + 1 < deepest:
                    waiting.append((inner, depth + 1))


def _class(group: h5py.Group) -> str:
    return _as_text(group.attrs.get("NX_class"))


def _curves(entry: h5py.Group) -> Iterator[Recording]:
    definition = _text_at(entry, "definition")
    for group in _groups(entry):
        if _class(group) != "NXdata":
            continue
        signal = _dataset(group, _as_text(group.attrs.get("signal")))
        axis = _dataset(group, _first_text(group.attrs.get("axes")))
        if signal is None or axis is None or signal.ndim != 1 or signal.shape != axis.shape:
            continue
        unit = _unit(axis)
        units = x_units_of(unit)
        metadata = _metadata(entry, definition)
        metadata["block"] = group.name
        if units == "unknown" and unit:
            metadata["x_units_as_written"] = unit
        technique: Literal["raman", "ftir", "unknown"] = _TECHNIQUES.get(definition, "unknown")
        if technique == "unknown" and definition:
            metadata["data_type"] = definition
        yield Recording(
            format="nexus",
            index=0,
            x=_values(axis),
            y=_values(signal),
            x_units=units,
            y_units=_as_text(signal.attrs.get("long_name")) or _as_text(signal.attrs.get("units")) or "unknown",
            technique=technique,
            n_declared=int(signal.size),
            title=_text_at(group, "title") or _as_text(group.attrs.get("title")) or None,
            metadata=metadata,
            header=_header_text(entry, group, signal, axis),
        )


def _dataset(group: h5py.Group, key: str) -> h5py.Dataset | None:
    if not key or not isinstance(group.get(key, getlink=True), h5py.HardLink):
        return None
    found = group.get(key)
    return found if isinstance(found, h5py.Dataset) else None


def _values(dataset: h5py.Dataset) -> np.ndarray[Any, np.dtype[np.float64]]:
    if dataset.size > MAX_VALUES:
        raise MalformedFile(f"{dataset.name} declares {dataset.size:,} values, the limit is {MAX_VALUES:,}")
    if dataset.is_virtual or dataset.external:
        raise MalformedFile(f"{dataset.name} lies in another file: export the spectra into one file")
    if dataset.dtype.kind not in "fiu":
        raise MalformedFile(f"{dataset.name} holds no numbers")
    try:
        return np.asarray(dataset[()], dtype=np.float64)
    except OSError as error:
        raise MalformedFile(f"{dataset.name} cannot be read ({_short(error)}): copy the file again") from error


def _unit(axis: h5py.Dataset) -> str:
    """The axis' unit; a macron for the minus of ``cm-1`` is seen in real files."""
    unit = _as_text(axis.attrs.get("units")) or _as_text(axis.attrs.get("unit"))
    return unit.replace("\u00af", "-")


def _metadata(entry: h5py.Group, definition: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if definition:
        found["format_version"] = definition
    for path, meant in _SAID.items():
        text = _text_at(entry, path)
        if text:
            found[meant] = text
    for path in _LASERS:
        laser = _scalar(entry, path)
        if laser is not None and 100.0 < laser < 3000.0:
            found["laser_nm"] = laser
            break
    return found


def _at(group: h5py.Group, path: str) -> h5py.Dataset | None:
    for part in path.split("/")[:-1]:
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            return None
        inner = group.get(part)
        if not isinstance(inner, h5py.Group):
            return None
        group = inner
    return _dataset(group, path.rsplit("/", 1)[-1])


def _scalar(group: h5py.Group, path: str) -> float | None:
    """A wavelength in nm."""
    dataset = _at(group, path)
    if dataset is None or dataset.size != 1 or dataset.dtype.kind not in "fiu":
        return None
    unit = _as_text(dataset.attrs.get("units")) or _as_text(dataset.attrs.get("unit"))
    return float(np.asarray(dataset[()]).reshape(-1)[0]) if unit in ("", "nm") else None


def _text_at(group: h5py.Group, path: str) -> str:
    dataset = _at(group, path)
    if dataset is None or dataset.size != 1 or dataset.dtype.kind not in "OSU":
        return ""
    return _first_text(dataset[()])


def _first_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.reshape(-1)[0] if value.size else ""
    return _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.strip()[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _header_text(entry: h5py.Group, group: h5py.Group, *datasets: h5py.Dataset) -> str:
    lines = []
    for each in (entry, group, *datasets):
        lines.append(f"{each.name}")
        lines.extend(f"  @{key} = {_first_text(each.attrs.get(key))}" for key in list(each.attrs)[:50])
    return "\n".join(lines)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
