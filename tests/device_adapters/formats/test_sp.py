from __future__ import annotations

import struct

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, Recording, as_spectrum, read
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import AXIS, N, Y, sp


def only(data: bytes) -> Recording:
    (recording,) = read(data, "a.sp")
    return recording


def test_a_spectrum() -> None:
    recording = only(sp())
    assert (recording.format, recording.title) == ("sp", "strip")
    assert np.allclose(recording.x, AXIS[::-1])
    assert recording.y.tolist() == (Y[::-1] / 1000.0).tolist()
    assert (recording.x_units, recording.y_units, recording.technique) == ("cm-1", "A", "ftir")
    assert recording.warnings == ()
    assert unfit_entries(recording.metadata) == []
    assert "history of it" in recording.header


def test_percent_and_other_axes() -> None:
    percent = only(sp(Y / 10.0, y_label=b"%T"))
    assert as_spectrum(percent).ordinate == "percent_transmittance"
    assert only(sp(x_label=b"nm")).technique == "unknown"
    assert only(sp(x_label=b"furlong")).metadata["x_units_as_written"] == "furlong"


def test_a_value_that_the_stated_range_does_not_hold_is_told() -> None:
    data = sp()
    changed = data[:-8] + struct.pack("<d", 9.0)
    assert "the file states" in only(changed).warnings[0]


def test_truncated_ordinates_are_read_and_refused_by_the_gate() -> None:
    recording = only(sp()[:-44])
    assert recording.x.size == N - 6
    with pytest.raises(NotASpectrum, match="truncated"):
        as_spectrum(recording)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PEPE3D", "kind '3D' is not read"),
        (sp()[:44], "no data set"),
        (sp()[:120], "member 0x8B74 is missing"),
        (sp(n_points=N - 1), "39 points declared, but the ordinates have 320 bytes"),
        (sp()[: -8 * N], "ordinates should begin"),
        (sp().replace(struct.pack("<Hd", 0x751B, -5.0), struct.pack("<Hd", 0x751B, -4.0)), "do not lead from"),
        (sp()[:46] + struct.pack("<i", -1) + sp()[50:], "impossible size"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.sp")
