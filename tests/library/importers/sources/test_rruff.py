from __future__ import annotations

from pathlib import Path

import numpy as np

from library.folder import open_folder
from library.importers.sources.rruff import SOURCE
from spectra.spectrum import Technique
from tests.library.importers.made_sources import reasons, run, table, write_zip
from tests.library.made_library import curve


def text(names: str, sample: str, kind: str = "Raman Data Processed") -> str:
    axis = np.arange(150.0, 1400.0, 0.5)
    lines = [f"##NAMES={names}", f"##RRUFFID={sample}", "##IDEAL CHEMISTRY=XYZ_2_", "##LOCALITY=nowhere"]
    lines += ["##SOURCE=made", "##RAMAN WAVELENGTH=532", f"##FILETYPE={kind}", f"##URL=rruff.example/{sample}"]
    lines += [f"{x}, {y:.4f}" for x, y in zip(axis, 100 * curve(len(names), axis), strict=True)]
    return "\n".join([*lines, "##END=", "", ""])


def test_an_archive_becomes_a_library_of_minerals(tmp_path: Path) -> None:
    files = {
        "Madeite__R000001__Raman__532__0__unoriented__Raman_Data_Processed.txt": text("Madeite, Maderite", "R000001"),
        "Otherite__R000002__Raman__532__0__unoriented__Raman_Data_RAW__2.txt": text("Otherite", "R000002"),
        "Otherite__R000002__Chemistry__Microprobe_Data__3.txt": "no spectrum",
    }
    imported = run(SOURCE, write_zip(tmp_path / "rruff.zip", files), tmp_path / "out")
    assert len(reasons(imported)) == 1
    first, second = table(tmp_path / "out" / "manifest.csv")
    assert (first["substance"], first["class"], first["technique"], first["laser_nm"]) == (
        *("Madeite", "mineral", "raman", "532"),
    )
    assert first["source"] == "RRUFF, R000001, Raman Data Processed, rruff.example/R000001"
    assert first["identity"] == "mineral name, as RRUFF gives it"
    assert second["substance"] == "Otherite"
    assert table(tmp_path / "out" / "substances.csv")[0]["synonyms"] == "Maderite"
    assert len(open_folder(tmp_path / "out").references()[Technique.RAMAN]) == 2


def test_a_file_without_its_mineral_is_left_out(tmp_path: Path) -> None:
    imported = run(
        SOURCE, write_zip(tmp_path / "a.zip", {"a.txt": text("", "R1"), "b.txt": text("B", "R2")}), tmp_path / "o"
    )
    assert "no name" in reasons(imported)["a.txt"]
    assert imported.n_references == 1


def test_raw_and_processed_of_one_measurement_are_one_reference(tmp_path: Path) -> None:
    def name(sample: str, laser: int, kind: str, number: int) -> str:
        return f"Madeite__{sample}__Raman__{laser}__0__unoriented__Raman_Data_{kind}__{number}.txt"

    raw = "Raman Data (RAW)"
    files = {
        name("R000001", 532, "RAW", 7): text("Madeite", "R000001", raw) + "# raw",
        name("R000001", 532, "Processed", 9): text("Madeite", "R000001"),
        name("R000001", 780, "RAW", 8): text("Madeite", "R000001", raw),  # another laser: another measurement
        name("R000002", 532, "RAW", 1): text("Madeite, R2", "R000002", raw),  # of two raw ones nobody knows whose
        name("R000002", 532, "RAW", 2): text("Madeite, R2b", "R000002", raw),
        name("R000002", 532, "Processed", 3): text("Madeite, R2cc", "R000002"),
    }
    imported = run(SOURCE, write_zip(tmp_path / "rruff.zip", files), tmp_path / "out")
    (left,) = imported.left_out
    assert (left.file, left.counts) == (name("R000001", 532, "RAW", 7), False)
    assert name("R000001", 532, "Processed", 9) in left.reason
    assert imported.n_references == 5
    folder = tmp_path / "folder"
    folder.mkdir()
    for each, content in files.items():
        (folder / each).write_text(content, encoding="utf-8")
    assert run(SOURCE, folder, tmp_path / "of-folder").n_references == 5
