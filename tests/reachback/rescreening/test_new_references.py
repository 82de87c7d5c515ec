from __future__ import annotations

from pathlib import Path

import pytest

from library.opening import open_library
from library.proposals import propose_folder
from library.releases import make_release
from library.store import LibraryStore, review
from reachback.rescreening.new_references import SinceRefused, changes_since, changes_to, exact_library
from spectra.spectrum import Technique
from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, made_library


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))


def names(library: Path | str, rows: tuple[int, ...]) -> list[str]:
    entries = open_library(library).sets[Technique.FTIR].entries
    return [entries[row].substance for row in rows]


def test_folders_are_compared_by_what_their_references_say_and_hold(tmp_path: Path) -> None:
    earlier = made_library(tmp_path / "earlier", OLD_NAMES[:3])
    present = made_library(tmp_path / "present", [*OLD_NAMES[1:3], NEW_NAME])
    manifest = (present / "manifest.csv").read_text(encoding="utf-8")
    (present / "manifest.csv").write_text(manifest.replace(",old 2,", ",renamed,"), encoding="utf-8")
    changes = changes_since(str(earlier), open_library(present), str(present))
    assert names(present, changes.added[Technique.FTIR]) == ["renamed", NEW_NAME]
    assert changes.gone == {"old-0.jdx", "old-2.jdx"}
    assert (changes.n_added, changes.since) == (2, "earlier unreleased")


def test_a_technique_that_is_new_is_new_as_a_whole_and_nothing_is_new_beside_itself(tmp_path: Path) -> None:
    present = open_library(made_library(tmp_path / "present", OLD_NAMES[:2]))
    assert changes_to(present, present, "itself").n_added == 0
    empty = type(present)("none", "1", "d", "e", {}, {})
    assert changes_to(present, empty, "none").added == {Technique.FTIR: (0, 1)}


def test_releases_are_compared_by_id_and_found_by_day(tmp_path: Path) -> None:
    store = LibraryStore.create(tmp_path / "store", "made", "anna", "2030-01-01T00:00:00Z")
    for day, folder in (
        ("2030-01-10", made_library(tmp_path / "first", OLD_NAMES)),
        ("2030-02-10", made_library(tmp_path / "second", [NEW_NAME])),
    ):
        _add_identities(folder)
        at = f"{day}T00:00:00Z"
        report = propose_folder(store, folder, "anna", at)
        assert report.proposed, report
        review(store, report.proposed, "ben", at)
        make_release(store, "ben", at, lambda manifest, library: None)
    place = str(store.path / "made-2")
    present = open_library(place)
    for since in (str(store.path / "made-1"), "2030-02-01"):
        changes = changes_since(since, present, place)
        assert names(place, changes.added[Technique.FTIR]) == [NEW_NAME], since
        assert (changes.gone, changes.since) == (frozenset(), "made-1")
    assert changes_since("2029-12-31", present, place).n_added == len(OLD_NAMES) + 1
    assert changes_since("2030-03-01", present, place).n_added == 0
    assert exact_library(str(store.path / "made")) == place


def _add_identities(folder: Path) -> None:
    header, *rows = (folder / "manifest.csv").read_text(encoding="utf-8").splitlines()
    lines = [f"{header},identity", *(f"{row},a test's own naming" for row in rows)]
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_what_is_no_library_and_no_day_is_refused(tmp_path: Path) -> None:
    present = open_library(made_library(tmp_path / "present", OLD_NAMES[:2]))
    with pytest.raises(SinceRefused, match="neither a release"):
        changes_since("nothing", present, None)
    with pytest.raises(SinceRefused, match="no day there is"):
        changes_since("2030-02-31", present, None)


def test_a_folder_stays_the_folder_it_is(tmp_path: Path) -> None:
    assert exact_library(str(tmp_path)) == str(tmp_path)
    assert exact_library(None) is None
