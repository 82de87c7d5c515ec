from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from library.compiled_folder import open_compiled, verify_compiled
from library.errors import BrokenCompilation, LibraryError, OutputRefused
from library.opening import build_library, open_library
from spectra.spectrum import Technique


@pytest.fixture
def built(folder: Path, tmp_path: Path) -> Path:
    out = tmp_path / "out" / "lab.compiled"
    build_library(folder, out)
    return out


def test_a_compiled_library_lies_at_exactly_its_place_and_nothing_beside(built: Path) -> None:
    assert sorted(path.name for path in built.parent.iterdir()) == ["lab.compiled"]
    index = json.loads((built / "library.json").read_text(encoding="utf-8"))
    assert index["schema"] == "reachback.library/1"
    assert set(index["techniques"]) == {"ftir", "raman"}


def test_it_opens_as_the_folder_does(folder: Path, built: Path) -> None:
    raw, compiled = open_library(folder), open_library(built)
    assert (raw.name, raw.release, raw.digest) == (compiled.name, compiled.release, compiled.digest)
    for technique in Technique:
        assert raw.sets[technique].entries == compiled.sets[technique].entries
        assert raw.calibrations[technique] == compiled.calibrations[technique]
        for what in ("axis", "curves", "features", "coverage"):
            np.testing.assert_array_equal(
                getattr(raw.sets[technique], what), getattr(compiled.sets[technique], what), strict=True
            )


def test_the_matrices_stay_on_disk_and_cannot_be_written(built: Path) -> None:
    references = open_compiled(built).sets[Technique.FTIR]
    assert isinstance(references.curves.base, np.memmap)
    assert isinstance(references.features.base, np.memmap)
    for array in (references.axis, references.curves, references.features, references.coverage):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_two_builds_are_alike_to_the_byte(folder: Path, built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    build_library(folder, again)
    for path in built.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_every_truncated_or_missing_file_is_one_sentence(built: Path, tmp_path: Path) -> None:
    for file in sorted(built.iterdir()):
        for kept in (None, 0, file.stat().st_size // 2):
            copy = tmp_path / "copy"
            shutil.copytree(built, copy)
            if kept is None:
                (copy / file.name).unlink()
            else:
                (copy / file.name).write_bytes(file.read_bytes()[:kept])
            with pytest.raises(LibraryError) as caught:
                open_compiled(copy)
            assert str(copy) in str(caught.value)
            assert "\n" not in str(caught.value)
            shutil.rmtree(copy)


def test_changed_entries_are_found_on_opening_and_changed_matrices_on_verifying(built: Path) -> None:
    verify_compiled(built)
    matrix = built / "ftir.curves.npy"
    content = bytearray(matrix.read_bytes())
    content[-3] ^= 1
    matrix.write_bytes(content)
    open_compiled(built)
    with pytest.raises(BrokenCompilation, match=r"ftir\.curves\.npy was changed"):
        verify_compiled(built)
    entries = built / "ftir.entries.json"
    entries.write_bytes(entries.read_bytes().replace(b"beta", b"BETA"))
    with pytest.raises(BrokenCompilation, match="entries of ftir were changed"):
        open_compiled(built)


def test_another_schema_is_refused(built: Path) -> None:
    index = built / "library.json"
    index.write_text(index.read_text(encoding="utf-8").replace("library/1", "library/9"), encoding="utf-8")
    with pytest.raises(BrokenCompilation, match="'reachback.library/9'"):
        open_compiled(built)


def test_another_recipe_is_refused(built: Path) -> None:
    index = built / "library.json"
    stored = json.loads(index.read_text(encoding="utf-8"))
    stored["techniques"]["ftir"]["recipe"] = "of yesterday"
    index.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(BrokenCompilation, match="another ftir preprocessing"):
        open_library(built)


def test_a_compiled_library_is_replaced_and_anything_else_is_not(folder: Path, built: Path, tmp_path: Path) -> None:
    (built / "ftir.axis.npy").unlink()
    build_library(folder, built)
    open_compiled(built)
    for taken in (tmp_path / "file", tmp_path / "folder", folder):
        if taken.name == "file":
            taken.write_text("mine", encoding="utf-8")
        else:
            taken.mkdir(exist_ok=True)
        before = sorted(taken.iterdir()) if taken.is_dir() else taken.read_text(encoding="utf-8")
        with pytest.raises(OutputRefused, match="is no compiled library"):
            build_library(folder, taken)
        assert before == (sorted(taken.iterdir()) if taken.is_dir() else taken.read_text(encoding="utf-8"))


def test_a_failed_build_leaves_the_old_library_and_no_rest(folder: Path, built: Path) -> None:
    (folder / "alpha.jdx").write_bytes(b"")
    before = {path.name: path.read_bytes() for path in built.iterdir()}
    with pytest.raises(LibraryError, match=r"alpha\.jdx"):
        build_library(folder, built)
    assert {path.name: path.read_bytes() for path in built.iterdir()} == before
    assert [path.name for path in built.parent.iterdir()] == [built.name]


def test_a_place_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputRefused, match="cannot be written"):
        build_library(folder, tmp_path / "file" / "lab")
