from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from library.errors import BrokenManifest, BrokenReferences, LibraryError, NotALibrary
from library.folder import open_folder
from spectra.reference import Grade
from spectra.spectrum import Technique

Spoil = Callable[[str, str], Path]
RECIPES = {Technique.FTIR: "f", Technique.RAMAN: "r"}


def refusal(folder: Path) -> str:
    with pytest.raises(LibraryError) as caught:
        open_folder(folder).references()
    return str(caught.value)


def test_a_folder_holds_references_of_both_techniques(folder: Path) -> None:
    library = open_folder(folder)
    references = library.references()
    assert (library.name, library.release) == ("lab", "unreleased")
    assert [entry.entry.id for entry in references[Technique.FTIR]] == [
        "alpha.jdx",
        "beta.jdx",
        "gamma.jdx",
        "spectra.npz#0",
        "spectra.npz#1",
        "spectra.npz#2",
    ]
    assert len(references[Technique.RAMAN]) == 3
    for technique, found in references.items():
        assert all(reference.spectrum.technique is technique for reference in found)
        assert all(reference.entry.grade is Grade.MEASURED for reference in found)


def test_name_and_release_come_from_the_description(folder: Path) -> None:
    (folder / "library.toml").write_text('name = "Customs"\nrelease = "2026.3"\n', encoding="utf-8")
    library = open_folder(folder)
    assert (library.name, library.release) == ("Customs", "2026.3")


@pytest.mark.parametrize("text", ["name = Customs", "release = 3", 'name = ""', "\x00"])
def test_a_broken_description_is_refused(folder: Path, text: str) -> None:
    (folder / "library.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenManifest, match=r"library\.toml"):
        open_folder(folder)


def test_a_peak_table_is_graded_as_a_band_table(folder: Path, spoil: Spoil) -> None:
    table = [
        "##TITLE=table",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=INFRARED PEAK TABLE",
        "##XUNITS=1/CM",
        "##YUNITS=ABSORBANCE",
        "##NPOINTS=3",
        "##PEAK TABLE=(XYW..XYW)",
        "1650.0, 1.0, 20.0",
        "1200.0, 0.5, 15.0",
        "750.0, 0.7, 12.0",
        "##END=",
    ]
    (folder / "alpha.jdx").write_text("\n".join(table) + "\n", encoding="utf-8")
    first = open_folder(folder).references()[Technique.FTIR][0]
    assert first.entry.grade is Grade.BAND_TABLE
    assert abs(first.spectrum.axis[int(np.argmax(first.spectrum.intensity))] - 1650.0) < 3.0


def test_no_folder_and_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(NotALibrary, match="is no folder"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(NotALibrary, match=r"has no manifest\.csv"):
        open_folder(tmp_path)


def test_a_file_that_is_missing_is_refused_with_its_line(spoil: Spoil) -> None:
    message = refusal(spoil("beta.jdx", "delta.jdx"))
    assert "line 3, column file: delta.jdx does not exist in the folder" in message


def test_a_folder_in_the_place_of_a_file_is_refused(folder: Path, spoil: Spoil) -> None:
    (folder / "inner").mkdir()
    assert "inner is a folder, not a file" in refusal(spoil("beta.jdx", "inner"))


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "beta.jdx").rename(tmp_path / "beta.jdx")
    (folder / "beta.jdx").symlink_to(tmp_path / "beta.jdx")
    assert "beta.jdx leads outside the library's folder" in refusal(folder)


def test_every_bad_reference_is_listed(folder: Path, spoil: Spoil) -> None:
    (folder / "alpha.jdx").write_bytes(b"")
    (folder / "gamma.jdx").write_bytes(b"%PDF-1.7 not a spectrum")
    message = refusal(spoil("spectra.npz#2", "spectra.npz#99"))
    assert "3 rows that cannot be used" in message
    for part in (
        "line 2, column file: alpha.jdx",
        "line 4, column file: gamma.jdx",
        "line 7, column file: spectra.npz",
    ):
        assert part in message
    assert "no row 99" in message


def test_a_broken_matrix_is_one_problem(folder: Path) -> None:
    (folder / "spectra.npz").write_bytes(b"PK\x03\x04")
    message = refusal(folder)
    assert "1 row that cannot be used: line 5, column file: spectra.npz cannot be read" in message


def test_manifest_and_file_must_agree_on_the_technique(spoil: Spoil) -> None:
    message = refusal(spoil("beta,base,,,cutting agent,yes,ftir", "beta,base,,,cutting agent,yes,raman"))
    assert "the file says ftir, the manifest raman" in message


def test_the_digest_changes_with_every_part_and_only_then(folder: Path) -> None:
    first = open_folder(folder).digest(RECIPES)
    assert open_folder(folder).digest(RECIPES) == first
    (folder / "unnamed.txt").write_text("not in the manifest", encoding="utf-8")
    assert open_folder(folder).digest(RECIPES) == first
    seen = {first, open_folder(folder).digest({**RECIPES, Technique.RAMAN: "other"})}
    for name in ("alpha.jdx", "raman.npz", "manifest.csv"):
        with (folder / name).open("ab") as stream:
            stream.write(b"\n")
        seen.add(open_folder(folder).digest(RECIPES))
    (folder / "library.toml").write_text('release = "1"', encoding="utf-8")
    seen.add(open_folder(folder).digest(RECIPES))
    assert len(seen) == 6


def test_twenty_thousand_rows_of_a_matrix_become_spectra_only_when_asked(tmp_path: Path) -> None:
    n_refs = 20_000
    axis = np.linspace(400.0, 3000.0, 64)
    np.savez(tmp_path / "s.npz", axis=axis, intensity=np.ones((n_refs, 64), dtype=np.float32))
    rows = "\n".join(f"s.npz#{i},substance {i},,,,,no,raman,,made,CC0-1.0" for i in range(n_refs))
    header = "file,substance,form,cas,inchikey,class,controlled,technique,mode,source,licence"
    (tmp_path / "manifest.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    told: list[int] = []
    references = open_folder(tmp_path).references(told.append)[Technique.RAMAN]
    assert len(references) == n_refs
    assert told[-1] == n_refs
    assert references[-1].entry.substance == "substance 19999"
    assert [reference.entry.id for reference in references[5:7]] == ["s.npz#5", "s.npz#6"]


def test_bad_rows_raise_one_error(spoil: Spoil) -> None:
    with pytest.raises(BrokenReferences) as caught:
        open_folder(spoil("beta.jdx", "delta.jdx"))
    assert len(caught.value.problems) == 1
