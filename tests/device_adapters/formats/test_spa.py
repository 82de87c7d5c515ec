from __future__ import annotations

import struct

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Recording, Stated, as_spectrum, read
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import AXIS, N, Y, spa, spg


def only(data: bytes) -> Recording:
    (recording,) = read(data, "a.spa")
    return recording


def test_a_spectrum() -> None:
    recording = only(spa())
    assert (recording.format, recording.title) == ("spa", "made for a test")
    assert np.allclose(recording.x, AXIS[::-1])
    assert np.allclose(recording.y, Y[::-1] / 1000.0)
    assert (recording.x_units, recording.y_units, recording.technique) == ("cm-1", "absorbance", "ftir")
    said = recording.metadata
    assert (said["serial"], said["accumulations"], said["resolution_cm1"]) == ("AB12", "64", 4.0)
    assert said["time_utc"] == "2018-11-30T07:22:52+00:00"
    assert unfit_entries(said) == []
    assert "Background" not in recording.header
    assert recording.header.startswith("Collect Sample")


def test_a_group_has_titles_and_times_of_its_members() -> None:
    first, second = read(spg(), "a.spg")
    assert (first.title, second.title) == ("member 0", "member 1")
    assert first.metadata["time_utc"] == "2016-07-06T19:23:14+00:00"
    assert second.metadata["time_utc"] == "2016-07-06T19:23:15+00:00"
    assert second.metadata["block"] == "spectrum 2 of 2"
    assert np.allclose(second.y, Y[::-1] / 900.0)


@pytest.mark.parametrize(
    ("x_code", "y_code", "units", "word", "technique"),
    [
        (1, 16, "cm-1", "% transmittance", "ftir"),
        (32, 31, "cm-1", "Raman intensity", "raman"),
        (1, 31, "cm-1", "Raman intensity", "raman"),
        (1, 20, "cm-1", "Kubelka-Munk", "unknown"),
        (3, 17, "nm", "absorbance", "unknown"),
        (99, 99, "unknown", "unknown", "unknown"),
    ],
)
def test_codes(x_code: int, y_code: int, units: str, word: str, technique: str) -> None:
    recording = only(spa(x_code=x_code, y_code=y_code))
    assert (recording.x_units, recording.y_units, recording.technique) == (units, word, technique)
    assert unfit_entries(recording.metadata) == []


def test_the_laser_of_a_raman_spectrum() -> None:
    assert only(spa(x_code=32, y_code=31, laser=9394.0)).metadata["laser_nm"] == pytest.approx(1064.51, abs=0.01)
    assert "laser_nm" not in only(spa(laser=9394.0)).metadata


@pytest.mark.parametrize(("x_code", "y_code", "what"), [(2, 22, "interferogram"), (1, 15, "single beam")])
def test_what_is_no_result_is_refused(x_code: int, y_code: int, what: str) -> None:
    with pytest.raises(NotASpectrum, match=what):
        as_spectrum(only(spa(x_code=x_code, y_code=y_code)), Stated(technique="ftir", y_units="absorbance"))


def test_blanked_regions_are_missing() -> None:
    y = np.concatenate([Y, Y]) / 1000.0
    y[10:20] = np.nan
    recording = only(spa(y))
    assert recording.n_missing == 10
    assert as_spectrum(recording).n_points == 2 * N - 10


def test_no_time_is_no_time() -> None:
    assert "time_as_written" not in only(spa(time=0)).metadata


def test_truncated_ordinates_are_read_and_refused_by_the_gate() -> None:
    recording = only(spa()[:-20])
    assert (recording.n_declared, recording.x.size) == (N, N - 5)
    assert recording.x[0] == AXIS[-1]
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(recording)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (spa()[:100], "within its header"),
        (spa()[:310], "declares 3 blocks"),
        (spa()[:400], "header should stand at byte 352"),
        (spa()[:575], "ordinates should begin at byte 575"),
        (spa(n_points=N + 1), "41 points declared, but the ordinates at byte 575 have 160 bytes"),
        (spa()[:294] + struct.pack("<H", 0) + spa()[296:], "lists no spectrum"),
        (spa()[:294] + struct.pack("<H", 1) + spa()[296:], "lists no ordinates"),
        (spa()[: 352 + 16] + struct.pack("<f", np.nan) + spa()[352 + 20 :], "not finite"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.spa")
