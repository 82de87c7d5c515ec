"""The reader that runs in the cage, here without it."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from device_adapters import MalformedFile
from device_adapters.caged.wdf_reader import read
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import AXIS, Y, wdf


def test_a_series() -> None:
    recordings = read(wdf(), "a.wdf")
    assert [recording.metadata["block"] for recording in recordings] == [f"spectrum {i} of 3" for i in (1, 2, 3)]
    third = recordings[2]
    assert np.allclose(third.x, AXIS[::-1])
    assert np.allclose(third.y, 3 * Y[::-1])
    assert (third.technique, third.x_units, third.y_units) == ("raman", "cm-1", "counts")
    said = third.metadata
    assert unfit_entries(said) == []
    assert said["laser_nm"] == pytest.approx(785.0156, abs=1e-3)
    assert (said["operator"], said["software"], said["comment"]) == ("nobody", "WiRE 5.5.0.1", "a comment")
    assert said["time_utc"].startswith("2022-06-18")
    assert "is_saturated" not in said


def test_a_run_that_was_interrupted() -> None:
    recordings = read(wdf(n_measured=2), "a.wdf")
    assert len(recordings) == 2
    assert recordings[0].warnings == ("3 spectra planned, 2 measured",)


def test_wavelengths_do_not_say_raman() -> None:
    recording = read(wdf(x_unit=3), "a.wdf")[0]
    assert (recording.x_units, recording.technique) == ("nm", "unknown")
    assert read(wdf(x_unit=10), "a.wdf")[0].metadata["x_units_as_written"] == "Kelvin"


def test_saturation_is_told_of_the_spectrum_it_befell() -> None:
    assert ["is_saturated" in each.metadata for each in read(wdf(saturated=1), "a.wdf")] == [False, True, False]


def test_a_time_that_was_not_set() -> None:
    assert "time_utc" not in read(wdf(start=0), "a.wdf")[0].metadata


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (wdf()[:100], "within its header"),
        (wdf()[:520], "within a block's head"),
        (wdf()[:600], "block DATA at byte 512 is said to have 496 bytes, but the file has 600"),
        (wdf()[:520] + struct.pack("<Q", 0) + wdf()[528:], "block DATA at byte 512 is said to have 0 bytes"),
        (wdf(n_measured=4), "4 of 3 spectra were measured"),
        (wdf(n_measured=0), "0 of 3 spectra were measured"),
        (wdf(flags=1), "several axes"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.wdf")
