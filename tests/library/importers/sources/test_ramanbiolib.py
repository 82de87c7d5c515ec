from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from library.folder import open_folder
from library.importers.source import SourceRefused
from library.importers.sources.ramanbiolib import SOURCE
from spectra.spectrum import Technique
from tests.library.importers.made_sources import reasons, run, table


@pytest.fixture
def installed() -> Path:
    path = SOURCE.default_path()
    if path is None:
        pytest.skip("the package ramanbiolib is not installed here")
    return path


def test_the_installed_package_becomes_a_library_of_202_curves(installed: Path, tmp_path: Path) -> None:
    imported = run(SOURCE, installed, tmp_path / "out")
    assert (imported.n_references, imported.left_out, imported.undecided) == (202, (), ())
    rows = table(tmp_path / "out" / "manifest.csv")
    assert {row["licence"] for row in rows} == {"ODbL-1.0"}
    assert all("https://doi.org/" in row["source"] for row in rows)
    references = open_folder(tmp_path / "out").references()[Technique.RAMAN]
    assert len(references) == 202
    assert (references[0].spectrum.axis[0], references[0].spectrum.axis[-1]) == (450.0, 1800.0)


def test_nothing_of_the_package_is_imported(installed: Path, tmp_path: Path) -> None:
    # Its code is under the GPL and brings a web of packages with it; only its tables are read.
    code = (
        "import sys; from pathlib import Path; from tests.library.importers.made_sources import run;"
        "from library.importers.sources.ramanbiolib import SOURCE;"
        f"run(SOURCE, SOURCE.default_path(), Path({str(tmp_path / 'out')!r}));"
        "assert not {'ramanbiolib', 'pandas', 'plotly'} & {name.split('.')[0] for name in sys.modules}"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr


def made(folder: Path, curves: list[list[str]], about: list[list[str]]) -> Path:
    import csv

    folder.mkdir()
    for name, rows in (("raman_spectra_db.csv", curves), ("metadata_db.csv", about)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def test_a_row_that_is_no_curve_is_left_out_and_the_rest_is_there(tmp_path: Path) -> None:
    axis, values = json.dumps(list(range(450, 550))), json.dumps([float(x % 7) for x in range(100)])
    curves = [["id", "component", "wavenumbers", "intensity"], ["1", "a", axis, values], ["2", "b", axis, "[1, 2"]]
    curves += [["3", "c", axis, "[1, 2]"], ["4", "d", axis, values], ["5", "e", axis, values]]
    about = [["id", "component", "type", "reference"], ["1", "a", "Lipids/FattyAcids", "x"], ["2", "b", "", ""]]
    about += [["3", "c", "", ""], ["4", "other", "", ""]]
    imported = run(SOURCE, made(tmp_path / "in", curves, about), tmp_path / "out")
    left_out = list(reasons(imported).values())
    assert imported.n_references == 1
    assert "no list of numbers" in left_out[0]
    assert "differ in length" in left_out[1]
    assert "it is called 'd' in one table and 'other' in the other" in left_out[2]
    assert "does not describe it" in left_out[3]


def test_another_technique_is_refused(installed: Path, tmp_path: Path) -> None:
    imported = run(SOURCE, installed, tmp_path / "out", technique="ftir")
    assert imported.n_references == 0
    assert not (tmp_path / "out" / "manifest.csv").exists()


def test_a_folder_without_the_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="does not exist"):
        run(SOURCE, tmp_path, tmp_path / "out")
