from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from library.folder import open_folder
from library.importers.source import SourceRefused
from library.importers.sources.matrix_bundle import SOURCE
from spectra.spectrum import Technique
from tests.library.importers.made_sources import reasons, run, table
from tests.library.made_library import curve

AXIS = np.arange(300.0, 2000.0, 3.0)


def made(folder: Path, lines: str, n_refs: int = 4) -> Path:
    folder.mkdir()
    intensity = np.stack([curve(seed, AXIS) for seed in range(n_refs)]).astype(np.float32)
    intensity[1, :30] = np.nan
    np.savez(folder / "many.npz", axis=AXIS, intensity=intensity)
    (folder / "names.csv").write_text(lines, encoding="utf-8")
    return folder


def test_rows_become_references_on_the_matrix_s_own_axis(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "row,substance,cas,technique\n0,alpha,50-36-2,raman\n1,beta,53-21-4,raman\n")
    imported = run(SOURCE, folder, tmp_path / "out")
    assert (imported.n_references, imported.left_out) == (2, ())
    assert len(list((tmp_path / "out" / "spectra").iterdir())) == 1
    references = open_folder(tmp_path / "out").references()[Technique.RAMAN]
    assert references[1].spectrum.axis[0] == AXIS[30]
    np.testing.assert_array_equal(references[0].spectrum.intensity, curve(0, AXIS).astype(np.float32))


def test_the_table_may_name_matrix_and_row_as_a_manifest_does(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "file,substance,cas\nmany.npz#3,alpha,50-36-2\n")
    run(SOURCE, folder, tmp_path / "out", technique="ftir")
    (row,) = table(tmp_path / "out" / "manifest.csv")
    assert (row["substance"], row["technique"]) == ("alpha", "ftir")


def test_rows_that_cannot_be_used_are_left_out_each_with_its_reason(tmp_path: Path) -> None:
    lines = ["file,substance,cas,technique,controlled", "many.npz#0,alpha,50-36-2,raman,", "many.npz#99,x,,raman,"]
    lines += ["many.npz#0,again,,raman,", "other.npz#0,y,,raman,", "many.npz#2,,,raman,", "many.npz#3,z,,nmr,"]
    lines += ["many.npz#1,w,,raman,perhaps", "../many.npz#1,v,,raman,"]
    imported = run(SOURCE, made(tmp_path / "in", "\n".join(lines) + "\n"), tmp_path / "out")
    left_out = reasons(imported)
    assert imported.n_references == 1
    assert "has no row 99" in left_out["many.npz#99"]
    assert "named twice" in left_out["names.csv, line 4"]
    assert "it is not there" in left_out["other.npz"]
    assert "which substance" in left_out["many.npz#2"]
    assert "technique" in left_out["many.npz#3"]
    assert "perhaps" in left_out["many.npz#1"]
    assert "no row of a matrix" in left_out["names.csv, line 9"]


def test_a_matrix_that_is_a_bomb_or_no_matrix_is_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "file,substance,cas,technique\nmany.npz#0,a,50-36-2,raman\nbomb.npz#0,b,,raman\n")
    np.savez_compressed(folder / "bomb.npz", axis=AXIS, intensity=np.zeros((40_000, AXIS.size), dtype=np.float32))
    (folder / "broken.npz").write_bytes(b"PK")
    with (folder / "names.csv").open("a", encoding="utf-8") as stream:
        stream.write("broken.npz#0,c,,raman\n")
    imported = run(SOURCE, folder, tmp_path / "out")
    assert imported.n_references == 1
    assert "archive bomb" in reasons(imported)["bomb.npz"]
    assert "cannot be read" in reasons(imported)["broken.npz"]


def test_a_table_without_a_substance_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="needs the column substance"):
        run(SOURCE, made(tmp_path / "in", "row,name\n0,a\n"), tmp_path / "out")


def test_a_folder_without_matrices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no matrix bundle"):
        run(SOURCE, tmp_path, tmp_path / "out")
