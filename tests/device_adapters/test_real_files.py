"""Files that real instruments wrote, against values an independent reader found in them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from device_adapters import (
    MalformedFile,
    NotASpectrum,
    Recording,
    Stated,
    as_spectrum,
    read,
)
from spectra.spectrum import Ordinate, Technique

# Where the reader and the index differ, and why the reader is right.
DIFFERENT_FROM_INDEX = {
    "OceanOptics_comma.jdx": "decimal commas: the index counted the digits after each comma as further numbers",
    "xyinc2.jdx": "298 points declared, 350 in the file: the index spread them all between FIRSTX and LASTX",
}
REFUSED = {
    "multivariable.jdx": "no table of two variables",  # thermogravimetry with two dependent variables
    "verySimple.jdx": "no data table",  # two titles, no data
}


def names_in(shared_data: Path, folder: str) -> list[Path]:
    paths = sorted((shared_data / "device_files" / folder).iterdir())
    assert paths
    return paths


def index_of(shared_data: Path) -> dict[str, dict[str, str]]:
    with (shared_data / "device_files" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def differences(recordings: list[Recording], row: dict[str, str]) -> list[str]:
    first = recordings[0]
    found = {
        "n_spectra": len(recordings),
        "n_points": first.x.size,
        "x_first": first.x[0],
        "x_last": first.x[-1],
        "y_min": np.nanmin(first.y),
        "y_max": np.nanmax(first.y),
    }
    return [key for key, value in found.items() if not np.isclose(float(row[key]), value, rtol=1e-5, atol=1e-9)]


def test_jcamp_files_agree_with_the_index(shared_data: Path) -> None:
    index = index_of(shared_data)
    n_agree, different, refused = 0, set(), {}
    for path in names_in(shared_data, "jdx"):
        row = index[f"jdx/{path.name}"]
        try:
            recordings = read(path.read_bytes(), path.name)
        except MalformedFile as reason:
            refused[path.name] = str(reason)
            continue
        if not row["n_points"]:
            continue
        if differences(recordings, row):
            different.add(path.name)
        else:
            n_agree += 1
    assert different == set(DIFFERENT_FROM_INDEX)
    assert set(refused) == set(REFUSED)
    assert all(REFUSED[name] in reason for name, reason in refused.items())
    assert n_agree == 72


def test_handheld_exports_agree_with_the_index_and_need_their_technique(shared_data: Path) -> None:
    index = index_of(shared_data)
    for name in ("mira_Scan00050.csv", "mira_Scan04187.txt"):
        recordings = read((shared_data / "device_files" / "handheld" / name).read_bytes(), name)
        assert differences(recordings, index[f"handheld/{name}"]) == []
        assert recordings[0].technique == "unknown"
        spectrum = as_spectrum(recordings[0], Stated(technique="raman", mode="SERS"))
        assert spectrum.n_points == 1901
        assert spectrum.mode == "SERS"


def test_spectra_of_opus_in_text_form(shared_data: Path) -> None:
    (recording,) = read((shared_data / "device_files" / "dpt" / "peach_juice.dpt").read_bytes(), "peach_juice.dpt")
    spectrum = as_spectrum(recording, Stated(technique="ftir", y_units="absorbance"))
    assert spectrum.ordinate is Ordinate.ABSORBANCE
    assert spectrum.axis[-1] == pytest.approx(4000.1161)


def test_columns_with_names_are_taken_by_their_names(shared_data: Path) -> None:
    path = shared_data / "device_files" / "ascii" / "PST_AfCal_10min_532nm_EZI860.txt"
    raw, background, processed = read(path.read_bytes(), path.name)
    assert (raw.technique, raw.x_units) == ("raman", "cm-1")
    assert raw.x[0] == pytest.approx(-1107.9642024424334)
    assert np.array_equal(processed.y, raw.y - background.y)


@pytest.mark.parametrize(
    ("folder", "n_files", "technique"),
    [
        ("ir_library", 59, Technique.FTIR),
        ("ir_more", 120, Technique.FTIR),
        ("raman_liquids", 28, Technique.RAMAN),
        ("raman_powders", 12, Technique.RAMAN),
        ("raman_transfer", 48, Technique.RAMAN),
    ],
)
def test_every_scan_of_the_measured_sets_passes_the_gate(
    shared_data: Path, folder: str, n_files: int, technique: Technique
) -> None:
    paths = sorted((shared_data / folder).rglob("*.jdx"))
    spectra = [as_spectrum(read(path.read_bytes(), path.name)[0]) for path in paths]
    assert len(spectra) == n_files
    assert {spectrum.technique for spectrum in spectra} == {technique}
    assert all(spectrum.provenance.stated == () for spectrum in spectra)


def test_no_truncated_real_file_passes_the_gate(shared_data: Path) -> None:
    for name in ("dupdec2.jdx", "PE1800.DX", "sqzdupd1.jdx", "SPECFILE.DX", "1-butene.jdx"):
        data = (shared_data / "device_files" / "jdx" / name).read_bytes()
        as_spectrum(read(data, name)[0])
        for percent in range(2, 99, 3):
            cut = data[: len(data) * percent // 100]
            with pytest.raises((NotASpectrum, MalformedFile)):
                as_spectrum(read(cut, name)[0])


def test_a_second_reader_agrees(shared_data: Path) -> None:
    jcamp = pytest.importorskip("jcamp")
    n_compared = 0
    for name in ("PE1800.DX", "dupdec2.jdx", "pacdec1.jdx", "SPECFILE.DX", "acetone.jdx", "ethanol.jdx"):
        path = shared_data / "device_files" / "jdx" / name
        (ours,) = read(path.read_bytes(), name)
        theirs = jcamp.readfile(str(path))
        assert np.allclose(ours.y, theirs["y"], rtol=1e-9, atol=1e-12)
        assert np.allclose(ours.x, theirs["x"], rtol=1e-6)
        n_compared += 1
    assert n_compared == 6
