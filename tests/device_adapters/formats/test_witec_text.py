from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, as_spectrum, read
from tests.device_adapters.made_files import TRUE_MATCH, WITEC_TABLE, N, X, Y


def test_every_spectrum_of_a_true_match_file() -> None:
    first, second = read(TRUE_MATCH, "a.txt")
    assert (first.title, second.title) == ("Particle 0", "Particle 1")
    assert (first.x_units, first.n_declared, first.metadata["laser_nm"]) == ("nm", N, 532.2009887)
    assert second.metadata["is_saturated"] is False
    assert as_spectrum(second).axis[0] == pytest.approx(1e7 / 532.2009887 - 1e7 / 540)


def test_a_true_match_file_that_breaks_off() -> None:
    first, second = read(TRUE_MATCH[:-40], "a.txt")
    as_spectrum(first)
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(second)
    with pytest.raises(MalformedFile, match=r"line 15: this is no pair of numbers"):
        read(TRUE_MATCH.replace(b"540.5\t", b"540.5;"), "a.txt")
    with pytest.raises(MalformedFile, match="no section"):
        read(TRUE_MATCH.partition(b"[SpectrumData]")[0], "a.txt")


def test_a_table_with_names_and_units() -> None:
    first, second = read(WITEC_TABLE, "a.txt")
    assert (first.title, second.title) == ("Map_F(0/0)", "Map_F(1/0)")
    assert (first.x_units, first.y_units, first.technique) == ("cm-1", "CCD cts", "raman")
    assert np.allclose(first.x, X, rtol=1e-5)
    assert np.allclose(second.y, [y + 1 for y in Y], rtol=1e-5)


def test_a_table_over_wavelengths_says_nothing_of_raman() -> None:
    (first, _) = read(WITEC_TABLE.replace(b"rel. 1/cm", b"nm"), "a.txt")
    assert (first.x_units, first.technique) == ("nm", "unknown")


def test_a_broken_table() -> None:
    with pytest.raises(MalformedFile, match="line 3: 3 numbers should stand here"):
        read(WITEC_TABLE.replace(b"\t 1.00000E+02", b"", 1), "a.txt")
    with pytest.raises(MalformedFile, match="line 2: 2 units stand below 3 names"):
        read(WITEC_TABLE.replace(b"CCD cts\tCCD cts", b"CCD cts"), "a.txt")
    (first, _) = read(WITEC_TABLE[:-3], "a.txt")
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(first)
