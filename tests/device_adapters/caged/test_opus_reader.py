"""The reader that runs in the cage, here without it."""

from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile
from device_adapters.caged.opus_reader import read
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import AXIS, Y, opus


def test_the_result_comes_first_and_the_single_channel_belongs_to_it() -> None:
    result, beside = read(opus(), "a.0")
    assert (result.kind, result.technique, result.y_units) == ("curve", "ftir", "absorbance")
    assert (beside.kind, beside.technique, beside.metadata["data_type"]) == (
        *("auxiliary", "unknown", "single channel sample spectrum"),
    )
    assert np.allclose(result.x, AXIS[::-1])
    assert np.allclose(result.y, Y[::-1] / 1000.0)
    assert np.allclose(beside.y, 7 * Y)
    for recording in (result, beside):
        assert unfit_entries(recording.metadata) == []
    assert result.metadata["resolution_cm1"] == 4.0
    assert "laser_nm" not in result.metadata
    assert "SRN = 1401" in result.header


def test_raman_has_its_laser() -> None:
    result, beside = read(opus(kind=10), "a.0")
    assert (result.technique, result.y_units) == ("raman", "Raman intensity")
    assert result.metadata["laser_nm"] == pytest.approx(1064.41, abs=0.01)
    assert beside.technique == "unknown"


def test_a_file_without_a_result_has_no_auxiliary_curve() -> None:
    (only,) = read(opus(kind=1, beside=False), "a.0")
    assert only.kind == "curve"


@pytest.mark.parametrize(
    ("time", "offset", "utc"),
    [
        ("13:17:16.720 (GMT+2)", "+02:00", "2019-06-12T11:17:16.720000+00:00"),
        ("13:17:16 (GMT-3:30)", "-03:30", "2019-06-12T16:47:16+00:00"),
        ("13:17:16.720", None, None),
        ("late (GMT+1)", None, None),
    ],
)
def test_times(time: str, offset: str | None, utc: str | None) -> None:
    said = read(opus(time=time), "a.0")[0].metadata
    assert said["time_as_written"] == f"12/06/2019 {time}"
    assert said.get("time_offset") == offset
    assert said.get("time_utc") == utc


def test_values_that_differ_from_the_stated_range_are_told() -> None:
    data = opus(beside=False)
    y = (Y[::-1] / 1000.0).astype("<f4").tobytes()
    changed = data.replace(y, np.full(40, 3.0, "<f4").tobytes())
    assert "but the file states 0 to 0.49875" in read(changed, "a.0")[0].warnings[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (opus()[:20], "within its header"),
        (opus()[:-8], "truncated: a block"),
        (opus(form=2), "DPF = 2"),
        (opus(n_points=500, beside=False), "no spectrum that can be read"),
        (opus(n_points=0, beside=False), "declares 0 points"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.0")
