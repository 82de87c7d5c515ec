"""The store as it is searched: stories, and the releases that hold a reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from library.releases import make_release
from library.store import LibraryStore, review, settle_each, withdraw
from reachback.curation.reference_catalogue import ReferenceCatalogue, Sought
from reachback.problems import Conflict, NotFound
from tests.library.made_store import ANN, AT, BOB
from tests.reachback.curation.test_reference_bench import add
from tests.reachback.web.laboratory.made_laboratory import new_file, released_store


def release(store: LibraryStore) -> None:
    make_release(store, ANN, AT, approve=lambda manifest, library: None)


def test_a_reference_is_in_the_releases_between_its_coming_and_its_going(tmp_path: Path) -> None:
    store = released_store(tmp_path / "library", tmp_path / "folder")
    catalogue = ReferenceCatalogue(tmp_path / "library")
    late = add(store, tmp_path / "late", "zeta", new_file(900))
    review(store, [late], BOB, AT)
    release(store)
    withdraw(store, ["R000001"], ANN, AT, "a wrong label")
    assert catalogue.show("R000001")["releases"] == ["lab-1", "lab-2"]
    later = add(store, tmp_path / "later", "eta", new_file(901))
    review(store, [later], BOB, AT)
    release(store)
    names = {each: catalogue.show(each)["releases"] for each in ("R000001", "R000002", late, later)}
    assert names == {
        "R000001": ["lab-1", "lab-2"],
        "R000002": ["lab-1", "lab-2", "lab-3"],
        late: ["lab-2", "lab-3"],
        later: ["lab-3"],
    }


def test_every_decision_is_told_with_its_own_reason(tmp_path: Path) -> None:
    store = released_store(tmp_path / "library", tmp_path / "folder")
    settle_each(store, {"label:R000001+R000002": "one", "form:R000003": "three"}, BOB, AT)
    catalogue = ReferenceCatalogue(tmp_path / "library")
    told = {each: catalogue.show(each)["story"][-1] for each in ("R000001", "R000002", "R000003")}
    assert {each: (chapter["what"], chapter["why"]) for each, chapter in told.items()} == {
        "R000001": ("settled", "one"),
        "R000002": ("settled", "one"),
        "R000003": ("settled", "three"),
    }


def test_pages_count_what_fits(tmp_path: Path) -> None:
    released_store(tmp_path / "library", tmp_path / "folder")
    catalogue = ReferenceCatalogue(tmp_path / "library")
    rows, total = catalogue.page(Sought(technique="ftir"), 2, 4)
    assert ([each["reference_id"] for each in rows], total) == (["R000005", "R000006"], 6)
    assert catalogue.page(Sought("RAMAN 1"), 1, 4)[1] == 1
    assert catalogue.classes() == ["cutting agent", "stimulant"]


def test_a_missing_and_a_damaged_store_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="library init"):
        ReferenceCatalogue(tmp_path).now()
    released_store(tmp_path / "library", tmp_path / "folder")
    events = sorted((tmp_path / "library" / "journal").iterdir())
    events[1].unlink()
    with pytest.raises(Conflict, match="journal"):
        ReferenceCatalogue(tmp_path / "library").now()
