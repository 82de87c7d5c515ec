"""The starter library that is shipped: facts with their source, and nothing that was measured by others."""

from __future__ import annotations

import csv
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from device_adapters.reading import read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import as_spectrum
from library.band_tables import MAX_BANDS, as_band_table_spectrum
from library.manifest import REQUIRED_COLUMNS, parse_manifest
from spectra.spectrum import Technique

FloatArray = NDArray[np.float64]

REPOSITORY = Path(__file__).resolve().parents[2]
STARTER = REPOSITORY / "reference_spectra"
EXAMPLES = STARTER / "examples"
ROWS = list(csv.DictReader((STARTER / "manifest.csv").read_text(encoding="utf-8").splitlines()))
EXPECTED = list(csv.DictReader((EXAMPLES / "examples.csv").read_text(encoding="utf-8").splitlines()))
TABLES = sorted(path for path in STARTER.rglob("*.jdx") if path.parent != EXAMPLES)
GRID = np.arange(660.0, 1850.0, 4.0)


def recording(path: Path) -> Recording:
    recordings = read(path.read_bytes(), path.name)
    assert len(recordings) == 1
    return recordings[0]


def slope(axis: FloatArray, curve: FloatArray) -> FloatArray:
    derivative = savgol_filter(np.interp(GRID, axis, curve), 9, 2, deriv=1)
    return np.asarray(derivative / np.linalg.norm(derivative))


def has_right_check_digit(cas: str) -> bool:
    digits = [int(digit) for digit in cas.replace("-", "")]
    return sum(i * digit for i, digit in enumerate(reversed(digits[:-1]), 1)) % 10 == digits[-1]


def test_the_manifest_has_the_columns_of_the_contract() -> None:
    assert list(ROWS[0]) == [*REQUIRED_COLUMNS, "watch"]
    assert len(parse_manifest((STARTER / "manifest.csv").read_bytes(), "manifest.csv")) == len(ROWS)


def test_there_are_as_many_references_as_the_readme_says() -> None:
    fitted = [row for row in ROWS if row["source"].startswith("band table fitted to ENFSI DWG IR Library")]
    assert len(fitted) == 59
    assert sum(row["technique"] == "ftir" for row in ROWS) == 61
    assert sum(row["technique"] == "raman" for row in ROWS) == 7


def test_manifest_and_folders_hold_the_same_files() -> None:
    named = {row["file"] for row in ROWS}
    found = {str(path.relative_to(STARTER).as_posix()) for path in TABLES if path.parent.name != "calibration"}
    assert named == found
    assert len(named) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_reference_is_a_table_that_names_its_source(row: dict[str, str]) -> None:
    table = recording(STARTER / row["file"])
    assert table.kind == "peaks"
    assert table.technique == row["technique"]
    assert 0 < table.x.size <= MAX_BANDS
    assert np.all(np.diff(table.x) >= 0.0)
    assert table.y.max() == 1000.0
    assert table.warnings == ()
    sources = re.findall(r"^##SOURCE REFERENCE=(.+)$", table.header, re.MULTILINE)
    assert sources
    assert all(source.removesuffix(", measured spectrum") in row["source"] for source in sources)
    assert row["licence"]
    assert (table.metadata.get("cas") or "") == row["cas"]
    assert (table.metadata.get("inchikey") or "") == row["inchikey"]
    assert row["substance"] in (table.title or "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_reference_can_be_drawn_within_its_stated_range(row: dict[str, str]) -> None:
    table = recording(STARTER / row["file"])
    assert "##$BAND RANGE=" in table.header
    spectrum = as_band_table_spectrum(table)
    assert spectrum.axis[0] <= table.x[0]
    assert table.x[-1] <= spectrum.axis[-1]
    assert spectrum.technique is Technique(row["technique"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_identifiers_are_well_formed(row: dict[str, str]) -> None:
    if row["cas"]:
        assert re.fullmatch(r"[1-9][0-9]{1,6}-[0-9]{2}-[0-9]", row["cas"])
        assert has_right_check_digit(row["cas"])
    if row["inchikey"]:
        assert re.fullmatch(r"[A-Z]{14}-[A-Z]{8}SA-[A-Z]", row["inchikey"])


def test_the_check_digit_test_can_fail() -> None:
    assert has_right_check_digit("53-21-4")
    assert not has_right_check_digit("53-21-5")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_outside_the_examples_there_is_no_curve(path: Path) -> None:
    text = path.read_bytes()
    assert b"##PEAK TABLE=" in text
    assert b"XYDATA" not in text
    assert b"XYPOINTS" not in text


def test_every_file_is_small_and_of_a_known_kind() -> None:
    for path in STARTER.rglob("*"):
        if path.is_file():
            assert path.suffix in {".jdx", ".csv", ".md", ".toml"}, path
            assert path.stat().st_size < 600_000, path


def test_what_is_controlled_is_watched_and_so_are_precursors_and_xylazine() -> None:
    watched = {row["substance"] for row in ROWS if row["watch"] == "yes"}
    assert {row["substance"] for row in ROWS if row["controlled"] == "yes"} <= watched
    assert {row["substance"] for row in ROWS if "precursor" in row["class"]} <= watched
    assert {"xylazine", "fentanyl", "4-ANPP"} <= watched
    assert not {"lactose", "caffeine", "polystyrene", "stearic acid"} & watched


def test_raman_references_have_more_than_three_bands_where_scans_are_judged() -> None:
    for row in ROWS:
        if row["technique"] == "raman":
            shifts = recording(STARTER / row["file"]).x
            assert np.count_nonzero((shifts > 250.0) & (shifts < 1800.0)) > 3, row["file"]


def test_the_known_slip_of_benzonitrile_is_not_repeated() -> None:
    assert recording(STARTER / "raman/benzonitrile.jdx").x[0] == 460.9


def test_the_residual_report_has_a_line_for_every_fitted_table() -> None:
    report = list(csv.DictReader((STARTER / "ftir_fit_residuals.csv").read_text(encoding="utf-8").splitlines()))
    fitted = {row["file"] for row in ROWS if row["source"].startswith("band table fitted to")}
    assert {row["file"] for row in report} == fitted
    for row in report:
        assert int(row["n_bands"]) == recording(STARTER / row["file"]).x.size
        assert float(row["rms_residual"]) <= 0.35
        assert float(row["derivative_correlation"]) >= 0.90


def test_every_measured_spectrum_finds_its_own_table_first(shared_data: Path) -> None:
    names = [row["file"] for row in ROWS if row["source"].startswith("band table fitted to")]
    measured, tables = [], []
    for name in names:
        scan = as_spectrum(recording(shared_data / "ir_library" / Path(name).name))
        measured.append(slope(scan.axis, scan.intensity))
        drawn = as_band_table_spectrum(recording(STARTER / name))
        tables.append(slope(drawn.axis, drawn.intensity))
    scores = np.array(measured) @ np.array(tables).T
    own = np.diag(scores)
    margin = own - np.where(np.eye(len(names), dtype=bool), -1.0, scores).max(axis=1)
    assert [names[i] for i in np.flatnonzero(margin <= 0.0)] == []
    assert margin.min() > 0.10
    assert own.min() > 0.90
    assert np.median(own) > 0.98


def test_published_infrared_tables_are_as_their_source_has_them(shared_data: Path) -> None:
    import json

    for stem, published in (("adipic_acid", "adipic-acid"), ("stearic_acid", "stearic-acid")):
        bands = json.loads((shared_data / "peak_tables" / f"{published}_ir.json").read_text(encoding="utf-8"))["bands"]
        table = recording(STARTER / "ftir" / f"{stem}.jdx")
        assert table.x == pytest.approx(sorted(position for position, _ in bands), abs=0.05 + 1e-9)
        assert table.y == pytest.approx([round(10 * height) for _, height in sorted(bands)])


def test_the_examples_are_those_that_are_listed() -> None:
    assert {row["file"] for row in EXPECTED} == {path.name for path in EXAMPLES.glob("*.jdx")}
    for technique in Technique:
        kinds = [row["kind"] for row in EXPECTED if row["technique"] == technique]
        assert sorted(kinds) == sorted(["pure", "mixture", *3 * ["cutting_agent"], "unknown", "unusable"])


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["file"])
def test_an_example_says_that_it_is_simulated_and_can_be_read(row: dict[str, str]) -> None:
    scan = recording(EXAMPLES / row["file"])
    assert scan.warnings == ()
    assert (scan.title or "").startswith("SIMULATED")
    assert "##COMMENT=simulated from band tables" in scan.header
    assert f"seed {row['seed']}" in scan.header
    assert as_spectrum(scan).technique is Technique(row["technique"])
    named = {part.split("=")[0] for part in row["components"].split(";") if part}
    assert named <= {reference["substance"] for reference in ROWS}
    assert row["file"] in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("technique", list(Technique))
def test_the_unknown_resembles_no_reference(technique: Technique) -> None:
    scan = as_spectrum(recording(EXAMPLES / f"{technique}_unknown.jdx"))
    for row in ROWS:
        if row["technique"] == technique:
            drawn = as_band_table_spectrum(recording(STARTER / row["file"]))
            score = slope(scan.axis, scan.intensity) @ slope(drawn.axis, drawn.intensity)
            assert score < 0.6, row["file"]


def run_script(name: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(REPOSITORY / "scripts" / name), run_name="__main__")
    assert ended.value.code == 0


def test_the_examples_are_made_again_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_script("simulate_examples.py", ["--out", str(tmp_path)], monkeypatch)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (EXAMPLES / name).read_bytes() for name in made}
    assert len(made) == len(EXPECTED) + 1


def test_fitting_writes_tables_rows_and_report(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured, out = tmp_path / "measured", tmp_path / "out"
    measured.mkdir()
    lines = (shared_data / "ir_library" / "manifest.csv").read_text(encoding="utf-8").splitlines()
    chosen = [lines[0], *(line for line in lines if line.startswith(("cocaine", "caffeine", "mannitol")))]
    (measured / "manifest.csv").write_text("\n".join(chosen), encoding="utf-8")
    for line in chosen[1:]:
        name = line.split(",")[0]
        (measured / name).write_bytes((shared_data / "ir_library" / name).read_bytes())
    run_script("fit_band_tables.py", ["--measured", str(measured), "--out", str(out)], monkeypatch)
    assert "3 of 3 measured spectra find their own table first" in capsys.readouterr().out
    for name in ("cocaine", "caffeine", "mannitol"):
        again, shipped = recording(out / "ftir" / f"{name}.jdx"), recording(STARTER / "ftir" / f"{name}.jdx")
        assert again.x == pytest.approx(shipped.x, abs=0.5)
    rows: list[dict[str, Any]] = list(csv.DictReader((out / "manifest.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["file"] for row in rows] == ["ftir/caffeine.jdx", "ftir/cocaine.jdx", "ftir/mannitol.jdx"]
