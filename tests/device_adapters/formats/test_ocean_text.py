from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import N, X, Y, ocean


@pytest.mark.parametrize("decimal", [",", "."])
def test_spectra_suite_with_decimal_comma_and_point(decimal: str) -> None:
    (scan,) = read(ocean(decimal), "a.txt")
    assert np.allclose(scan.x, np.round(X, 2))
    assert np.allclose(scan.y, Y)
    assert (scan.x_units, scan.technique) == ("unknown", "unknown")
    assert "names no unit of its axis" in scan.warnings[0]
    assert scan.metadata["time_as_written"] == "Fri Aug 19 13:19:52 CDT 2016"  # CDT is a name, not an offset
    assert not {"time_utc", "time_offset"} & set(scan.metadata)
    assert (scan.metadata["integration"], scan.metadata["integration_s"]) == ("70000 usec", 0.07)
    assert (scan.metadata["serial"], scan.metadata["accumulations"]) == ("USB2+H11150", "15")


def test_the_mark_of_the_end_may_be_missing_but_not_points() -> None:
    assert "the mark of the end is missing" in read(ocean(has_end=False), "a.txt")[0].warnings
    (scan,) = read(ocean(n_declared=N + 5), "a.txt")
    with pytest.raises(NotASpectrum, match="truncated: 45 declared, 40 found"):
        as_spectrum(scan, Stated(technique="raman"))
    with pytest.raises(MalformedFile, match="truncated: neither"):
        read(ocean(has_end=False).replace(b"Number of Pixels in", b"Pixels in"), "a.txt")


def test_ocean_view_names_its_axis_and_says_that_it_is_untested() -> None:
    rows = b"".join(b"%d.5\t%d.0\r\n" % (200 + i, i) for i in range(N))
    head = b"Data from QEP01_0.txt Node\r\n\r\nIntegration Time (sec): 1.0E0\r\nXAxis mode: Raman Shifts\r\n"
    data = head + b"Number of Pixels in Spectrum: 40\r\n>>>>>Begin Spectral Data<<<<<\r\n" + rows
    (scan,) = read(data, "a.txt")
    assert scan.x_units == "cm-1"
    assert any("OceanView" in warning for warning in scan.warnings)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(MalformedFile, match="the mark '>>>>>Begin"):
        read(b"SpectraSuite Data File\r\nDate: x\r\n", "a.txt")
    with pytest.raises(MalformedFile, match="line 11: this is no pair of numbers"):
        read(ocean().replace(b"200,00\t", b"200,00\t1\t"), "a.txt")
