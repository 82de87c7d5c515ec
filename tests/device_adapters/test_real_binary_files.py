"""Binary files that real instruments wrote, against values an independent reader found in them or they state."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_adapters import AdapterError, NotASpectrum, Recording, Stated, as_spectrum, inspect_file, read
from device_adapters.metadata import unfit_entries

FOLDERS = ("spc", "spa", "sp", "agilent", "opus", "wdf", "nexus")
N_FILES = {"spc": 52, "spa": 6, "sp": 2, "agilent": 9, "opus": 14, "wdf": 12, "nexus": 2}

# Why a file is refused; it must be for this reason.
REFUSED = {
    "spc/F80A20-1.SPC": "the format of these bytes is not known",  # no Galactic file but for its name
    "spc/UV-2600_labeled_DNA.spc": "a Shimadzu UV-VIS file",
    "opus/__index__": "text without a table of numbers",  # a list of file names
    "nexus/small_diamond_nxs.nxs": "NXstxm) hold no curve",  # an X-ray image
    "agilent/4_noimage_agg256.bsp": "the index of an Agilent infrared image",
    "agilent/4_noimage_agg256.dat": "a part of an Agilent infrared image",
    "agilent/4_noimage_agg256.hdr": "the header of an ENVI image",
    "agilent/4_noimage_agg256.seq": "a part of an Agilent infrared image",
    "agilent/5_Mosaic_agg1024.dat": "a part of an Agilent infrared image",
    "agilent/5_Mosaic_agg1024.hdr": "the header of an ENVI image",
    "agilent/5_Mosaic_agg1024_0000_0000.drd": "a part of an Agilent infrared image",
    "agilent/5_Mosaic_agg1024_0000_0001.dmd": "a part of an Agilent infrared image",
    "agilent/5_mosaic_agg1024.dmt": "the index of an Agilent infrared image",
}
# The index counts the result of an OPUS file; the reader gives that first, and all other blocks after it.
N_BLOCKS = {
    "629266_1TP_A-1_C1.0": 6,
    "BF_lo_01_soil_cal.1": 4,
    "MMP_2107_Test1.001": 7,
    "background.0": 2,
    "issue81_A1.1.0": 3,
    "issue94_RT_01_1_23-02-21_13-23-54.0": 3,
    "test.0000": 6,
    "test.0001": 6,
    "test.0002": 6,
    "test.0003": 6,
    "test_opus.0": 1,
    "test_spectra.0": 3,
}


def paths_in(shared_data: Path, folder: str) -> list[Path]:
    paths = sorted((shared_data / "device_files" / folder).iterdir())
    assert len(paths) == N_FILES[folder]
    return paths


def rows_of(shared_data: Path) -> dict[str, dict[str, str]]:
    with (shared_data / "device_files" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def load(shared_data: Path, name: str) -> list[Recording]:
    path = shared_data / "device_files" / name
    return read(path.read_bytes(), path.name)


def differences(recordings: list[Recording], row: dict[str, str]) -> dict[str, Any]:
    first = recordings[0]
    found = {
        "n_spectra": len(recordings),
        "n_points": first.x.size,
        "x_first": first.x[0],
        "x_last": first.x[-1],
        "y_min": first.y.min(),
        "y_max": first.y.max(),
    }
    return {key: value for key, value in found.items() if not np.isclose(float(row[key]), value, rtol=1e-5, atol=1e-9)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_read_or_refused_for_a_known_reason(shared_data: Path, folder: str) -> None:
    refused = {}
    for path in paths_in(shared_data, folder):
        described = inspect_file(path.read_bytes(), path.name)
        if described["error"] is not None:
            refused[f"{folder}/{path.name}"] = described["error"]
            assert "\n" not in described["error"]
        else:
            assert described["format"] == ("spa" if path.name == "not_opus.spa" else folder)
    expected = {name: why for name, why in REFUSED.items() if name.startswith(f"{folder}/")}
    assert set(refused) == set(expected)
    assert all(why in refused[name] for name, why in expected.items())


@pytest.mark.parametrize(("folder", "n_agree"), [("spc", 50), ("opus", 12)])
def test_values_agree_with_the_index(shared_data: Path, folder: str, n_agree: int) -> None:
    rows = rows_of(shared_data)
    agreeing = []
    for path in paths_in(shared_data, folder):
        row = rows[f"{folder}/{path.name}"]
        if not row["n_points"]:
            continue
        recordings = read(path.read_bytes(), path.name)
        differing = differences(recordings, row)
        if folder == "opus":
            assert differing.pop("n_spectra", 1) == N_BLOCKS[path.name]
        assert differing == {}, path.name
        agreeing.append(path.name)
    assert len(agreeing) == n_agree


@pytest.mark.parametrize("folder", FOLDERS)
def test_metadata_keep_to_the_model(shared_data: Path, folder: str) -> None:
    for path in paths_in(shared_data, folder):
        try:
            recordings = read(path.read_bytes(), path.name)
        except AdapterError:
            continue
        for recording in recordings:
            assert unfit_entries(recording.metadata) == [], path.name
            assert len(recording.sha256) == 64


def test_a_second_reader_of_spc_agrees_on_every_point(shared_data: Path) -> None:
    spcfile = pytest.importorskip("spcfile")
    refused, n_compared = [], 0
    for path in paths_in(shared_data, "spc"):
        if f"spc/{path.name}" in REFUSED:
            continue
        ours = read(path.read_bytes(), path.name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = spcfile.SPCFile(str(path)).subfiles
        except ValueError:
            refused.append(path.name)
            continue
        assert len(ours) == len(theirs), path.name
        for mine, other in zip(ours, theirs, strict=True):
            assert np.allclose(mine.x, other.x, rtol=1e-6, atol=1e-9), path.name
            assert np.allclose(mine.y, other.y, rtol=1e-6, atol=1e-12), path.name
        n_compared += 1
    # It does not know the old, word-swapped form.
    assert sorted(refused) == ["CONTOUR.SPC", "DEMO_3D.SPC", "LC_DIODE_ARRAY.SPC", "m_ordz.spc"]
    assert n_compared == 46


def test_one_scan_saved_as_spc_and_as_wdf(shared_data: Path) -> None:
    name = "nCal_Qontor785_z005H12_100_1x3s"
    (as_spc,) = load(shared_data, f"spc/{name}.spc")
    (as_wdf,) = load(shared_data, f"wdf/{name}.wdf")
    # The software resampled to even steps for SPC; the native axis is not even, by up to 38 cm^-1 at the same point.
    resampled = np.interp(as_spc.x[::-1], as_wdf.x[::-1], as_wdf.y[::-1])[::-1]
    assert np.allclose(as_spc.y, resampled, rtol=2e-4)
    assert as_spc.metadata["laser_nm"] == 785.0
    assert as_wdf.metadata["laser_nm"] == pytest.approx(785.0156, abs=1e-3)
    assert as_wdf.metadata["time_utc"].startswith("2022-08-22T11:50:17")
    assert as_spc.metadata["time_as_written"] == "1359-06-11 25:08"


def test_an_interrupted_run_has_what_was_measured(shared_data: Path) -> None:
    recordings = load(shared_data, "wdf/interrupted_acquisition.wdf")
    assert len(recordings) == 12
    assert recordings[0].warnings == ("16 spectra planned, 12 measured",)
    assert all(np.ptp(recording.y) > 0 for recording in recordings)


def test_a_time_that_was_not_set_is_none(shared_data: Path) -> None:
    first, _ = load(shared_data, "wdf/undefined.wdf")
    assert not {"time_as_written", "time_utc", "laser_nm"} & set(first.metadata)
    assert (first.x_units, first.technique) == ("unknown", "unknown")


def test_the_time_zone_of_opus_is_kept(shared_data: Path) -> None:
    first = load(shared_data, "opus/test_spectra.0")[0]
    assert first.metadata["time_as_written"] == "11/05/2020 09:09:55.555 (GMT+12)"
    assert first.metadata["time_offset"] == "+12:00"
    assert first.metadata["time_utc"] == "2020-05-10T21:09:55.555000+00:00"


def test_the_result_of_opus_comes_first_and_the_rest_is_auxiliary(shared_data: Path) -> None:
    recordings = load(shared_data, "opus/test.0000")
    assert [recording.kind for recording in recordings] == ["curve", *["auxiliary"] * 5]
    assert as_spectrum(recordings[0]).n_points == 2567
    with pytest.raises(NotASpectrum, match="only belongs to a scan"):
        as_spectrum(recordings[1])


def test_every_absorbance_of_opus_lies_in_the_range_the_file_states(shared_data: Path) -> None:
    for path in paths_in(shared_data, "opus"):
        if path.name in N_BLOCKS:
            recordings = read(path.read_bytes(), path.name)
            assert not any("but the file states" in warning for each in recordings for warning in each.warnings)


def test_perkin_elmer_files_lie_in_the_range_they_state(shared_data: Path) -> None:
    (percent,) = load(shared_data, "sp/single_PE_spectrum.sp")
    assert (percent.x[0], percent.x[-1], percent.x.size) == (4000.0, 750.0, 1626)
    assert percent.warnings == ()
    assert as_spectrum(percent).ordinate == "percent_transmittance"
    (absorbance,) = load(shared_data, "sp/spectra.sp")
    assert (absorbance.x[0], absorbance.x[-1], absorbance.x.size) == (4000.0, 700.0, 3301)
    assert absorbance.warnings == ()


def test_omnic_axes_are_those_its_own_history_states(shared_data: Path) -> None:
    first, second = load(shared_data, "spa/wodger.spg")
    assert "from 649.9036 to 5999.5557" in first.header
    assert round(float(first.x[-1]), 4) == 649.9036
    assert round(float(second.x[0]), 4) == 5999.5557
    assert first.title == "vz0470.spa, Wed Jul 06 21:40:37 2016 (GMT+02:00)"
    assert first.metadata["time_utc"].startswith("2016-07-06T19:4")
    (scan,) = load(shared_data, "spa/7_CZ0-100_Pd_102.SPA")
    assert scan.metadata["serial"] == "ALK1100494"
    assert scan.y.max() == 6.0  # the ceiling of the detector


def test_a_raman_file_that_calls_its_counts_absorbance_is_asked_about(shared_data: Path) -> None:
    (recording,) = load(shared_data, "spc/raman_atacamit.spc")
    assert (recording.y_units, recording.technique) == ("absorbance", "unknown")
    assert as_spectrum(recording, Stated(technique="raman")).ordinate == "intensity"


def test_nexus_by_its_definition(shared_data: Path) -> None:
    first, second = load(shared_data, "nexus/spectra_demo.nxs")
    assert (first.technique, first.x_units) == ("raman", "cm-1")
    assert (first.title, second.title) == ("S0B", "PST")
    assert (first.metadata["laser_nm"], first.metadata["vendor"]) == (532.0, "BWtek")
    assert as_spectrum(second).n_points == 762
    assert abs(second.x[np.argmax(second.y)] - 1001.0) < 15.0  # polystyrene


@pytest.mark.parametrize(
    "name",
    [
        *("spc/BENZENE.SPC", "spc/TUMIX.SPC", "spc/CONTOUR.SPC", "spc/spectra_2.spc", "spa/7_CZ0-100_Pd_3.SPA"),
        *("sp/spectra.sp", "opus/test_opus.0", "wdf/sp.wdf"),
    ],
)
def test_no_truncated_scan_passes_the_gate(shared_data: Path, name: str) -> None:
    data = (shared_data / "device_files" / name).read_bytes()
    as_spectrum(read(data, name)[0])
    whole = len(read(data, name))
    for percent in range(1, 90, 4):
        cut = data[: len(data) * percent // 100]
        try:
            recordings = read(cut, name)
        except AdapterError:
            continue
        assert len(recordings) < whole or recordings[0].x.size < (recordings[0].n_declared or 0)
        with pytest.raises(NotASpectrum, match="truncated"):
            as_spectrum(recordings[-1])
