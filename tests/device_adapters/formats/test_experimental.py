"""Formats that no real file was there for: read by their known grammar, and each recording says so."""

from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import MADE, MIRA, MIRA_KEYS, PENDAR, RRUFF, N, X, Y, resolve

EXPERIMENTAL = ("agilent-resolve", "metrohm-mira-key-value", "pendar", "rruff")


@pytest.mark.parametrize("name", sorted(MADE))
def test_only_these_say_that_they_are_experimental(name: str) -> None:
    for recording in read(MADE[name], "a.csv"):
        says_so = any(warning.startswith("experimental reader: no real file") for warning in recording.warnings)
        assert says_so == (name in EXPERIMENTAL)


@pytest.mark.parametrize("n_scans", [1, 54])
def test_resolve_has_four_columns_a_scan(n_scans: int) -> None:
    recordings = read(resolve(n_scans), "a.csv")
    assert len(recordings) == 3 * n_scans
    sors, zero, offset = recordings[-3:]
    assert (sors.kind, zero.kind, offset.kind) == ("curve", "auxiliary", "auxiliary")
    assert np.array_equal(sors.y, np.arange(N) + n_scans - 1)
    assert np.array_equal(offset.y, 2 * np.arange(N) - n_scans + 1)
    assert sors.metadata["serial"] == f"RES9{n_scans - 1:04}"
    assert sors.title == f"{2742 + n_scans:05} SORS"
    assert (sors.metadata["mode"], as_spectrum(sors).mode) == ("SORS", "SORS")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"bOffset,Xaxis", b"Xaxis", "line 2: the names Xaxis, SORS, bZero and bOffset"),
        (b",Scan ID,02744", b",Scan ID", "line 1: 7 cells are no four a scan"),
        (b"201.000, ", b"", "line 4: 8 numbers should stand here"),
    ],
)
def test_a_broken_resolve_file(old: bytes, new: bytes, sentence: str) -> None:
    with pytest.raises(MalformedFile, match=sentence):
        read(resolve().replace(old, new, 1), "a.csv")


def test_pendar() -> None:
    (scan,) = read(PENDAR, "a.csv")
    assert (scan.technique, scan.x_units, scan.x[0]) == ("raman", "cm-1", 275.0)
    assert as_spectrum(scan).n_points == N
    with pytest.raises(MalformedFile, match="line 3: '276;140.0' is no number"):
        read(PENDAR.replace(b"276,", b"276;"), "a.csv")
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(read(PENDAR[:-3], "a.csv")[0])


def test_mira_without_a_header_has_no_technique_whatever_its_name() -> None:
    (scan,) = read(MIRA, "Raman 785nm Cocaine.csv")
    assert (scan.format, scan.technique, dict(scan.metadata)) == ("text-table", "unknown", {})


def test_mira_keys_without_an_axis_are_counted_and_refused_by_the_gate() -> None:
    (scan,) = read(MIRA_KEYS, "a.csv")
    assert np.array_equal(scan.y, Y)
    assert scan.x_units == "points"
    assert scan.metadata["time_as_written"] == "2024-05-01T10:00:00"
    with pytest.raises(NotASpectrum, match="counts points"):
        as_spectrum(scan, Stated(technique="raman"))
    axis = ("Wavenumbers," + ",".join(map(str, X)) + "\r\nOther").encode()
    (scan,) = read(MIRA_KEYS.replace(b"Other", axis), "a.csv")
    assert as_spectrum(scan, Stated(technique="raman")).n_points == N
    with pytest.raises(MalformedFile, match="line 3: cell 2 is no number"):
        read(MIRA_KEYS.replace(b"Intensities,100.0", b"Intensities,x"), "a.csv")


def test_rruff() -> None:
    (recording,) = read(RRUFF, "a.txt")
    assert (recording.technique, recording.title) == ("raman", "Corundum")
    assert recording.metadata["laser_nm"] == 514.0
    assert np.allclose(recording.y, Y)
    assert as_spectrum(recording).n_points == N
    (cut,) = read(RRUFF.partition(b"##END")[0][:-3], "a.txt")
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(cut)
    with pytest.raises(MalformedFile, match="no pairs of numbers"):
        read(b"##NAMES=A\n##RRUFFID=R1\n##END=\n", "a.txt")
