"""The reader that runs in the cage, here without it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_adapters import MalformedFile, UnknownFormat
from device_adapters import read as read_file
from device_adapters.caged.nexus_reader import read
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import AXIS, Y

h5py = pytest.importorskip("h5py")


def nexus(definition: str = "NXraman", units: str = "cm-1", change: Callable[[Any], None] | None = None) -> bytes:
    """One entry with one curve."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        if definition:
            entry["definition"] = definition
        data = entry.create_group("curves/first")
        data.attrs.update({"NX_class": "NXdata", "signal": "y", "axes": ["x"]})
        data["x"], data["y"], data["title"] = AXIS, Y, "made"
        data["x"].attrs["units"] = units
        data["y"].attrs["long_name"] = "counts"
        entry["instrument/beam_incident/wavelength"] = 785.0
        entry["sample/name"] = "a sample"
        if change is not None:
            change(file)
    return stream.getvalue()


def test_a_curve_of_an_entry() -> None:
    (recording,) = read(nexus(), "a.nxs")
    assert np.array_equal(recording.x, AXIS)
    assert np.array_equal(recording.y, Y)
    assert (recording.technique, recording.x_units, recording.y_units) == ("raman", "cm-1", "counts")
    assert recording.title == "made"
    assert (recording.metadata["laser_nm"], recording.metadata["sample"]) == (785.0, "a sample")
    assert recording.metadata["block"] == "/entry/curves/first"
    assert unfit_entries(recording.metadata) == []
    assert "@units = cm-1" in recording.header


def test_the_same_through_the_cage() -> None:
    (recording,) = read_file(nexus(), "a.txt")
    assert recording.format == "nexus"
    assert np.array_equal(recording.y, Y)


def test_a_macron_for_a_minus() -> None:
    assert read(nexus(units="cm\u00af\u00b9"), "a.nxs")[0].x_units == "cm-1"


def test_another_definition_names_no_technique() -> None:
    recording = read(nexus(definition="NXother", units="furlong"), "a.nxs")[0]
    assert (recording.technique, recording.metadata["data_type"]) == ("unknown", "NXother")
    assert recording.metadata["x_units_as_written"] == "furlong"
    assert "data_type" not in read(nexus(definition=""), "a.nxs")[0].metadata


def _no_entry(file: Any) -> None:
    del file["entry"].attrs["NX_class"]


def _image(file: Any) -> None:
    del file["entry/curves/first/y"]
    file["entry/curves/first/y"] = np.zeros((3, 40))


def _bomb(file: Any) -> None:
    del file["entry/curves/first/y"], file["entry/curves/first/x"]
    for name in "xy":
        file.create_dataset(f"entry/curves/first/{name}", (10**9,), "f8", chunks=(10**6,), compression="gzip")


def _words(file: Any) -> None:
    del file["entry/curves/first/y"]
    file["entry/curves/first/y"] = [b"a"] * 40


@pytest.mark.parametrize(
    ("change", "kind", "why"),
    [
        (_no_entry, UnknownFormat, "without a NeXus entry"),
        (_image, MalformedFile, "hold no curve"),
        (_bomb, MalformedFile, "declares 1,000,000,000 values"),
        (_words, MalformedFile, "holds no numbers"),
    ],
)
def test_what_holds_no_curve_is_refused(change: Callable[[Any], None], kind: type[Exception], why: str) -> None:
    with pytest.raises(kind, match=why):
        read(nexus(change=change), "a.nxs")


def test_truncated() -> None:
    with pytest.raises(MalformedFile, match="truncated or damaged"):
        read(nexus()[:1000], "a.nxs")


def test_links_out_of_the_file_and_in_circles_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["y"] = Y + 1.0

    def lead_out(file: Any) -> None:
        file["entry/circle"] = h5py.SoftLink("/entry")
        first = file["entry/curves/first"]
        del first["y"]
        first["y"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "y")

    with pytest.raises(MalformedFile, match="hold no curve"):
        read(nexus(change=lead_out), "a.nxs")


def test_values_that_lie_in_another_file_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(Y.tobytes())

    def lie_outside(file: Any) -> None:
        first = file["entry/curves/first"]
        del first["y"]
        first.create_dataset("y", (40,), "f8", external=[(str(tmp_path / "raw"), 0, 320)])

    with pytest.raises(MalformedFile, match="lies in another file"):
        read(nexus(change=lie_outside), "a.nxs")
