from __future__ import annotations

import pytest

from device_adapters import MalformedFile, NotASpectrum, as_spectrum, read
from tests.device_adapters.made_files import N, wasatch_json


def test_curves_and_the_axis_of_the_settings() -> None:
    scan, raw, dark = read(wasatch_json(), "a.json")
    assert [each.kind for each in (scan, raw, dark)] == ["curve", "auxiliary", "auxiliary"]
    assert (scan.x_units, scan.x[-1], scan.technique) == ("nm", 800 + 0.5 * (N - 1), "raman")
    assert as_spectrum(scan).axis[0] == pytest.approx(1e7 / 785 - 1e7 / 800)


def test_without_an_axis_the_points_are_counted_and_no_scan() -> None:
    (scan, *_) = read(wasatch_json(has_axis=False), "a.json")
    assert scan.x_units == "points"
    with pytest.raises(NotASpectrum, match="counts points"):
        as_spectrum(scan)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b'"Processed": [', b'"Processed": ["a", ', "'Processed': value 1 is no number"),
        (b'"spectrum": {', b'"spectrum": [], "s": {', "'spectrum' is no JSON object"),
        (b'{"Dark"', b'{"Darker"', None),
        (b"100.0,", b"NaN,", "a number that is none"),
        (b'"spectrum"', b"", "line 1: the JSON is broken"),
    ],
)
def test_what_does_not_fit_is_refused(old: bytes, new: bytes, sentence: str | None) -> None:
    data = wasatch_json().replace(old, new, 1)
    if sentence is None:
        assert len(read(data, "a.json")) == 2
    else:
        with pytest.raises(MalformedFile, match=sentence):
            read(data, "a.json")


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(MalformedFile, match="nested too deeply"):
        read(b'{"ENLIGHTEN Version": ' + b"[" * 200_000, "a.json")
