from __future__ import annotations

import pytest

from device_adapters import MalformedFile, NotASpectrum, Stated, as_spectrum, read
from tests.device_adapters.made_files import AVANTES, N


def test_the_result_comes_first_in_spite_of_zero_bytes() -> None:
    result, sample, *beside = read(AVANTES, "a.ttt")
    assert (result.title, result.x_units, result.x.size) == ("Transmittance", "nm", N)
    assert result.y_units == "Transmittance [% transmittance]"
    assert (sample.title, sample.y_units, sample.kind) == ("Sample", "counts", "auxiliary")
    assert [each.title for each in beside] == ["Dark", "Ref"]
    assert result.y[1] == 31.5
    assert (result.metadata["serial"], result.metadata["integration_s"]) == ("0606052U1", 0.02316)
    assert result.metadata["processing"] == "smoothing over 12 pixels"


def test_settings_with_units_in_their_names() -> None:
    data = AVANTES.replace(b"Integration time: 23.16 ms", b"Integration time [ms]: 639.257")
    assert read(data, "a.TXT")[0].metadata["integration"] == "639.257 ms"


def test_broken_files() -> None:
    with pytest.raises(MalformedFile, match="line 7: 4 units stand below 5 names"):
        read(AVANTES.replace(b"[counts] ;[counts] ;", b"[counts] ;"), "a.ttt")
    with pytest.raises(MalformedFile, match="line 8: 4 cells stand below 5 names"):
        read(AVANTES.replace(b"84.900;", b"", 1), "a.ttt")
    (result, *_) = read(AVANTES[:-3], "a.ttt")
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(result, Stated(technique="ftir"))
