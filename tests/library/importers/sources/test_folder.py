from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from library.folder import open_folder
from library.importers.source import SourceRefused
from library.importers.sources.folder import SOURCE
from library.model import ManifestRow
from library.opening import starter_folder
from spectra.spectrum import Technique
from tests.library.importers.made_sources import AXIS, block, reasons, run, table, write_zip
from tests.library.made_library import curve


def made(folder: Path, *rows: str, header: str = "file,substance,cas,form,technique,y_units,laser_nm") -> Path:
    folder.mkdir()
    (folder / "manifest.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return folder


def pairs(seed: int) -> str:
    return "".join(f"{x},{y:.6f}\n" for x, y in zip(AXIS, curve(seed, AXIS), strict=True))


def test_files_of_any_format_take_their_names_from_the_manifest(tmp_path: Path) -> None:
    folder = made(
        tmp_path / "in",
        "a.jdx,alpha,50-36-2,base,,,",
        "deep/b.csv,beta,53-21-4,hydrochloride,ftir,absorbance,",
        "deep\\c.csv,gamma,7778-18-9,,raman,,785",
    )
    (folder / "deep").mkdir()
    (folder / "a.jdx").write_text(block("another title", 1), encoding="utf-8")
    for name, seed in (("b", 2), ("c", 3)):
        (folder / "deep" / f"{name}.csv").write_text(pairs(seed), encoding="utf-8")
    imported = run(SOURCE, folder, tmp_path / "out")
    assert imported.left_out == ()
    rows = {row["substance"]: row for row in table(tmp_path / "out" / "manifest.csv")}
    assert {name: (row["form"], row["technique"]) for name, row in rows.items()} == {
        "alpha": ("base", "ftir"),
        "beta": ("hydrochloride", "ftir"),
        "gamma": ("", "raman"),
    }
    found = open_folder(tmp_path / "out").references()
    # The manifest's units are no column of a library: the curve is kept as absorbance instead of its file.
    assert rows["beta"]["file"].endswith(".npz#0")
    beta = next(each for each in found[Technique.FTIR] if each.entry.substance == "beta")
    np.testing.assert_allclose(beta.spectrum.intensity, np.round(curve(2, AXIS), 6), rtol=1e-9)


def test_names_without_files_and_files_without_names_are_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.jdx,alpha,50-36-2,,,,", "gone.jdx,beta,,,,,", "a.jdx,again,,,,,", ",,,,,,")
    for name in ("a.jdx", "stray.jdx"):
        (folder / name).write_text(block(name, 1), encoding="utf-8")
    left_out = reasons(run(SOURCE, folder, tmp_path / "out"))
    assert left_out == {
        "manifest.csv, line 4: a.jdx": "the file is already named above; every file once",
        "stray.jdx": "manifest.csv does not name it",
        "gone.jdx": "manifest.csv names it, and it is not there",
    }


def test_a_row_that_contradicts_its_file_is_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.jdx,alpha,50-36-2,,raman,,", "b.jdx,beta,50-36-2,,,,abc", "c.jdx,gamma,,,nmr,,")
    for name in ("a", "b", "c"):
        (folder / f"{name}.jdx").write_text(block(name, 1), encoding="utf-8")
    left_out = reasons(run(SOURCE, folder, tmp_path / "out"))
    assert "the file says ftir, but raman was stated" in left_out["a.jdx"]
    assert "laser_nm is 'abc'" in left_out["b.jdx"]
    assert "the technique is raman or ftir" in left_out["c.jdx"]


def _described(row: ManifestRow) -> tuple[str, ...]:
    return (row.substance, row.form or "", row.cas or "", row.inchikey or "", str(row.controlled), str(row.watch))


def test_a_shipped_library_of_band_tables_comes_through_whole(tmp_path: Path) -> None:
    imported = run(SOURCE, starter_folder(), tmp_path / "out", controlled=None)
    before, after = open_folder(starter_folder()), open_folder(tmp_path / "out")
    assert imported.n_references == len(before.rows)
    assert sorted(map(_described, after.rows)) == sorted(map(_described, before.rows))
    assert {each.entry.grade for set_ in after.references().values() for each in set_} == {
        each.entry.grade for set_ in before.references().values() for each in set_
    }


def test_a_zipped_folder_is_read_alike(tmp_path: Path) -> None:
    files = {"manifest.csv": "file,substance,cas\na.jdx,alpha,50-36-2\n", "a.jdx": block("x", 1)}
    assert run(SOURCE, write_zip(tmp_path / "a.zip", files), tmp_path / "out").n_references == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "has no manifest.csv"),
        (b"file,name\na,b\n", "lacks the column substance"),
        (b"file,substance\n", "names no file"),
        (b"\xff\xfea", "is not UTF-8"),
        (b'file,substance\n"a,b\n', "no valid CSV"),
    ],
)
def test_a_folder_without_a_usable_manifest_is_refused_and_nothing_is_made(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    (tmp_path / "in").mkdir()
    if content is not None:
        (tmp_path / "in" / "manifest.csv").write_bytes(content)
    with pytest.raises(SourceRefused, match=words):
        run(SOURCE, tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()
