from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, NotASpectrum, as_spectrum, read
from tests.device_adapters.made_files import MIXTURE, MULTIPLE, NOT_POSITIVE, SINGLE, N, X, Y, rmx


def test_a_scan_and_its_dark_scan() -> None:
    scan, dark = read(rmx(), "a.txt")
    assert (scan.format, scan.technique, scan.title) == ("firstdefender-rmx", "raman", "Scan001")
    assert np.allclose(scan.x, [x - 250 for x in X])
    assert np.allclose(scan.y, [y / 10 for y in Y])
    assert scan.n_declared == N
    assert (dark.kind, dark.y_units, dark.y[1]) == ("auxiliary", "counts", 3001.0)
    assert np.array_equal(dark.x, scan.x)
    spectrum = as_spectrum(scan)
    assert spectrum.n_points == N
    assert spectrum.axis[0] == pytest.approx(-50.0)  # as it stands: neither cut at 0 nor corrected again
    with pytest.raises(NotASpectrum, match="'dark spectrum' only belongs to a scan"):
        as_spectrum(dark)


def test_what_the_noise_can_be_computed_from_is_kept_with_both_curves() -> None:
    for recording in read(rmx(), "a.txt"):
        assert recording.metadata["gain"] == 4.045375
        assert recording.metadata["read_noise"] == 10.387852
        assert recording.metadata["bias"] == 989.027832
        assert recording.metadata["axis_correction_cm1"] == -0.404986


def test_the_time_has_no_zone_and_a_relative_laser_makes_no_wavelength() -> None:
    scan, _ = read(rmx(), "Scan 2024-03-07.txt")
    assert scan.metadata["time_as_written"] == "2024-03-06 11:47:54"
    assert not {"time_utc", "time_offset", "laser_nm"} & set(scan.metadata)
    assert scan.metadata["laser_wavenumber"] == -0.731418
    assert (scan.metadata["integration"], scan.metadata["integration_s"]) == ("2071 ms", 2.071)
    assert scan.metadata["accumulations"] == "2"
    assert scan.header.startswith("scanname Scan001\ntimestamp")


def test_an_absolute_laser_wavenumber_makes_a_wavelength() -> None:
    data = rmx().replace(b"laserwavenum -0.731418", b"laserwavenum 12738.853503")
    assert read(data, "a.txt")[0].metadata["laser_nm"] == pytest.approx(785.0, abs=1e-3)


def test_no_match_names_nothing() -> None:
    metadata = read(rmx(), "a.txt")[0].metadata
    assert metadata["device_result"] == "finalresult GLS_NoMatch 0"
    assert (metadata["device_hits"], metadata["not_composition"]) == ([], True)
    assert "device_candidates" not in metadata
    assert len(metadata["device_peaks"]) == 2
    assert metadata["device_peaks"][0][:2] == [294.226471, 0.051021]


def test_single_and_multiple_hits_with_names_split_on_tabs_only() -> None:
    metadata = read(rmx(SINGLE), "a.txt")[0].metadata
    assert metadata["device_verdict"] == "GLS_Single"
    assert metadata["device_hits"] == [{"id": "A0235", "name": "Acetaminophen", "value": 0.5520455}]
    metadata = read(rmx(MULTIPLE), "a.txt")[0].metadata
    assert metadata["device_result"] == "\n".join(MULTIPLE)
    assert metadata["device_hits"][0] == {"id": "A0001", "name": "One, [two] (95% v/v)", "value": 0.15}
    assert metadata["device_hits"][1]["id"] == "U7"


def test_multiple_may_be_one() -> None:
    one = ("finalresult GLS_Multiple 1", MULTIPLE[1])
    assert len(read(rmx(one), "a.txt")[0].metadata["device_hits"]) == 1


def test_a_substance_listed_as_not_positive_is_no_hit() -> None:
    metadata = read(rmx(NOT_POSITIVE), "a.txt")[0].metadata
    assert metadata["device_verdict"] == "GLS_NotPositive"
    assert metadata["device_hits"] == []
    assert metadata["device_candidates"] == [{"id": "A0235", "name": "Acetaminophen", "value": 0.031}]
    assert metadata["device_result"] == "\n".join(NOT_POSITIVE)


def test_the_two_lines_of_each_component_of_a_mixture() -> None:
    metadata = read(rmx(MIXTURE), "a.txt")[0].metadata
    assert metadata["device_hits"] == [
        {"id": "11419", "name": "Ethanol in Water (95% v/v)", "value": 0.976766},
        {"id": "20", "name": "Water", "value": 0.021},
    ]
    assert metadata["not_composition"] is True


def test_a_result_word_that_is_not_known_counts_nothing_as_found() -> None:
    (scan, _) = read(rmx(("finalresult GLS_Perhaps 1", SINGLE[1])), "a.txt")
    assert scan.metadata["device_hits"] == []
    assert scan.metadata["device_candidates"][0]["name"] == "Acetaminophen"
    assert "GLS_Perhaps" in scan.warnings[0]
    (scan, _) = read(rmx(("result Otherwise",)), "a.txt")
    assert scan.metadata["device_result"] == "result Otherwise"
    assert "device_hits" not in scan.metadata


def test_the_dark_scan_may_be_missing() -> None:
    assert len(read(rmx(dark=False), "a.txt")) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (rmx(("finalresult GLS_Single 2", SINGLE[1])), "line 18: the result declares 2 lines below it, 1 were found"),
        (rmx(("finalresult GLS_Single 1", "A0235 Acetaminophen 0.5")), "line 19: id, name and number between tabs"),
        (rmx(("result Mixture 1", "11419 0.97", "\t\tEthanol")), "line 19: a component should stand here"),
        (rmx().replace(b"peaks 2", b"peaks 3"), "line 18: 3 peaks are declared above, 2 found"),
        (rmx(keys=("12 34",)), "line 15: this is no key with a value: '12 34'"),
        (rmx().partition(b"spectrum ")[0], "there is no line 'spectrum N'"),
        (rmx() + b"spectrum 1\r\n1 2\r\n", "line 101: 'spectrum' stands here a second time"),
        (rmx() + b"more\r\n", "line 101: this is no point of the scan: 'more'"),
        (rmx(n_declared=999_999_999), "line 19: 999,999,999 rows are declared, which is no spectrum"),
    ],
)
def test_what_breaks_the_grammar_is_refused_with_its_line(data: bytes, sentence: str) -> None:
    with pytest.raises(MalformedFile, match=sentence.replace("(", r"\(")):
        read(data, "a.txt")


def test_a_truncated_scan_is_read_with_a_warning_and_refused_by_the_gate() -> None:
    whole = rmx(dark=False)
    (scan,) = read(whole[: whole.rindex(b"\r\n", 0, -200) + 2], "a.txt")
    assert "40 points declared" in scan.warnings[0]
    with pytest.raises(NotASpectrum, match="truncated: 40 declared"):
        as_spectrum(scan)
    (scan,) = read(whole[:-5], "a.txt")
    assert scan.breaks_off
    assert scan.x.size == N - 1
    with pytest.raises(NotASpectrum, match="truncated: the file breaks off inside a line after 39 points"):
        as_spectrum(scan)


def test_more_points_than_declared_are_refused() -> None:
    with pytest.raises(MalformedFile, match="no point of the scan"):
        read(rmx(n_declared=N - 1), "a.txt")
