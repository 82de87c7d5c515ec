"""An export holds what may be passed on, nothing else, and opens as a library."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from library.errors import OutputRefused, StepRefused
from library.export import export_release
from library.opening import open_library
from library.releases import FoundRelease, open_found
from library.signing import PUBLIC_KEY_NAME, check_signature
from library.store import LibraryStore
from spectra.spectrum import Technique
from tests.library.made_store import edit_rows, made_folder, made_store, released


@pytest.fixture
def store(tmp_path: Path) -> LibraryStore:
    return made_store(tmp_path / "store")


@pytest.fixture
def made(store: LibraryStore, tmp_path: Path) -> FoundRelease:
    folder = made_folder(tmp_path / "made")
    (folder / "substances.csv").write_text(
        "substance,hazard,watch,source,date\nalpha,toxic,yes,a source made for this test,2026-01-01\n", encoding="utf-8"
    )
    return released(store, folder)


def test_only_what_may_be_passed_on_leaves_the_house(made: FoundRelease, tmp_path: Path) -> None:
    done = export_release(made, tmp_path / "out")
    assert (done.n_references, len(done.left_out)) == (4, 5)
    stated = json.loads((tmp_path / "out" / "release.signature.json").read_bytes())
    assert {each["id"] for each in stated["left_out"]} == {each.id for each in done.left_out}
    # No byte of what stays here is in any file that left.
    left = (tmp_path / "made" / "beta.jdx").read_bytes().splitlines()[-30]
    assert all(left not in path.read_bytes() for path in (tmp_path / "out").iterdir())
    matrices = [np.load(path)["intensity"] for path in (tmp_path / "out").glob("*.npz")]
    assert [matrix.shape[0] for matrix in matrices] == [3]


def test_an_export_opens_under_the_same_ids_with_the_same_numbers(made: FoundRelease, tmp_path: Path) -> None:
    exported = open_library(export_release(made, tmp_path / "out").path)
    whole = open_found(made)
    assert (exported.name, exported.release) == ("lab", "1-export")
    for technique in Technique:
        rows = {entry.id: row for row, entry in enumerate(whole.sets[technique].entries)}
        for row, entry in enumerate(exported.sets[technique].entries):
            assert np.array_equal(exported.sets[technique].curves[row], whole.sets[technique].curves[rows[entry.id]]), (
                entry.id
            )
            assert entry.substance == whole.sets[technique].entries[rows[entry.id]].substance
    assert "alpha,,,,,,,,yes,,,a source made for this test" in (tmp_path / "out" / "substances.csv").read_text()


def test_an_export_can_be_checked_by_who_receives_it(made: FoundRelease, tmp_path: Path) -> None:
    out = export_release(made, tmp_path / "out").path
    stated = json.loads((out / "release.signature.json").read_bytes())
    digest = hashlib.sha256((out / "release.json").read_bytes()).hexdigest()
    assert digest == stated["sha256"]
    check_signature((out / PUBLIC_KEY_NAME).read_bytes(), stated["release"], digest, stated["signature"])


def test_an_export_replaces_nothing(made: FoundRelease, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputRefused, match="exists"):
        export_release(made, tmp_path / "out")


def test_where_nothing_may_be_passed_on_nothing_is_written(store: LibraryStore, tmp_path: Path) -> None:
    folder = edit_rows(made_folder(tmp_path / "made"), lambda row: row.update(may_be_passed_on=""))
    with pytest.raises(StepRefused, match="allows nothing"):
        export_release(released(store, folder), tmp_path / "out")
    assert not (tmp_path / "out").exists()
