from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, Unstated, as_spectrum, read
from tests.device_adapters.made_files import RENISHAW, X, Y


def test_a_scan_for_each_place() -> None:
    scans = read(RENISHAW, "a.txt")
    assert [scan.title for scan in scans] == ["X 0.5, Y -2.25", "X 1.5, Y -2.25", "X 2.5, Y -2.25"]
    assert np.array_equal(scans[2].x, X[::-1])
    assert np.array_equal(scans[2].y, [y + 2 for y in Y])


def test_one_scan_says_neither_unit_nor_technique() -> None:
    data = b"#Wave\t\t#Intensity\r\n" + b"".join(b"%d.5\t%d\r\n" % (1800 - i, i) for i in range(1500))
    (scan,) = read(data, "a.txt")
    assert (scan.x_units, scan.technique, scan.y_units) == ("unknown", "unknown", "Intensity")
    with pytest.raises(Unstated, match="does not say its technique"):
        as_spectrum(scan)
    assert as_spectrum(scan, Stated(technique="raman")).n_points == 1500


def test_broken_rows_and_ends() -> None:
    with pytest.raises(MalformedFile, match="line 2: 4 numbers should stand here"):
        read(RENISHAW.replace(b"0.5\t-2.25\t", b"0.5\t", 1), "a.txt")
    with pytest.raises(MalformedFile, match="no whole row"):
        read(b"#Wave\t\t#Intensity\r\n1800.5\t1", "a.txt")
    *_, last = read(RENISHAW[:-4], "a.txt")
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(last, Stated(technique="raman"))
