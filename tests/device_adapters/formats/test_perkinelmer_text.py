from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import PERKINELMER, Y


def test_a_fluorescence_spectrum_is_read_and_is_no_scan() -> None:
    (recording,) = read(PERKINELMER, "a.txt")
    assert (recording.x_units, recording.technique, recording.warnings) == ("nm", "unknown", ())
    assert np.array_equal(recording.y, Y)
    assert recording.metadata["time_as_written"] == "07/12/10 13:48:37.00"
    with pytest.raises(NotASpectrum, match="PE FL SPECTRUM"):
        as_spectrum(recording, Stated(technique="raman", laser_nm=350.0))


def test_the_file_s_own_largest_ordinate_is_held_against_the_points() -> None:
    (recording,) = read(PERKINELMER.replace(b"\t420.0  \n", b"\t4200.0  \n", 1), "a.txt")
    assert any("the largest ordinate is 4200, the file says 420" in warning for warning in recording.warnings)


def test_another_kind_says_that_it_is_untested() -> None:
    (recording,) = read(PERKINELMER.replace(b"PE FL", b"PE IR"), "a.txt")
    assert recording.technique == "ftir"
    assert any("'IR'" in warning for warning in recording.warnings)


def test_broken_files() -> None:
    (recording,) = read(b"".join(PERKINELMER.splitlines(keepends=True)[:-4]), "a.txt")
    assert "40 points declared, 36 found" in recording.warnings
    with pytest.raises(MalformedFile, match="the mark #GR is missing"):
        read(PERKINELMER.replace(b"#GR", b"#GX"), "a.txt")
    with pytest.raises(MalformedFile, match="line 17: the number of points"):
        read(PERKINELMER.replace(b"\n40\n", b"\nx\n"), "a.txt")
