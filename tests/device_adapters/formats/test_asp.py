from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, as_spectrum, read
from device_adapters.format import Recognition
from device_adapters.formats.asp import FORMAT
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import N, Y, asp


def test_a_spectrum() -> None:
    (recording,) = read(asp(), "a.asp")
    assert recording.format == "asp"
    assert np.array_equal(recording.x, 650.0 + 5.0 * np.arange(N))
    assert np.allclose(recording.y, Y / 1000.0, atol=1e-6)
    assert (recording.y_units, recording.technique) == ("absorbance", "ftir")
    assert recording.warnings[0].startswith("experimental reader")
    assert unfit_entries(recording.metadata) == []


def test_transmission() -> None:
    assert read(asp(code=128), "a.asp")[0].y_units == "transmittance"


def test_another_count_is_read_with_a_word_and_refused() -> None:
    (recording,) = read(asp(n_points=N + 2), "a.asp")
    assert recording.warnings[-1] == "42 points declared, 40 found"
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(recording)


def test_a_line_that_is_no_number_is_named() -> None:
    lines = asp().split(b"\r\n")
    lines[7] = b"x"
    with pytest.raises(MalformedFile, match="line 8: 'x' is no number"):
        read(b"\r\n".join(lines), "a.asp")


@pytest.mark.parametrize("code", [3, 0])
def test_an_unknown_code_is_another_text(code: int) -> None:
    assert FORMAT.recognises(asp(code=code), "a.asp") is Recognition.NO


@pytest.mark.parametrize("data", [b"1\n2\n3\n", b"1,2\n" * 20, b"40\n650\n845\n1\n2\n", b"\x00" * 60])
def test_other_texts_are_not_taken(data: bytes) -> None:
    assert FORMAT.recognises(data, "a.asp") is Recognition.NO
