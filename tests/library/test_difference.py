"""What changed between two releases, in words and for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from library.difference import compare_releases
from library.proposals import propose_folder
from library.releases import make_release, read_release
from library.store import LibraryStore, review, withdraw
from tests.library.made_store import ANN, AT, BOB, EVE, edit_rows, made_folder, made_store, released


@pytest.fixture
def store(tmp_path: Path) -> LibraryStore:
    return made_store(tmp_path / "store")


def test_added_corrected_gone_and_stated_are_told_apart(store: LibraryStore, tmp_path: Path) -> None:
    lab = made_folder(tmp_path / "made")
    later = edit_rows(made_folder(tmp_path / "later"), lambda row: None)

    def first(row: dict[str, str]) -> None:
        if row["substance"] == "gamma":
            row["file"] = "alpha.jdx"  # twice, so both are refused

    one = released(store, edit_rows(lab, first))
    held = {each.row.substance for each in read_release(one).references}
    assert held.isdisjoint({"alpha", "gamma"})

    def second(row: dict[str, str]) -> None:
        if row["substance"] == "beta":
            row |= {"form": "hydrochloride", "corrects": "R000001"}

    (later / "substances.csv").write_text(
        "substance,street_names,source,date\nbeta,blue,a report made for this test,2026-01-01\n", encoding="utf-8"
    )
    report = propose_folder(store, edit_rows(later, second), ANN, AT)
    review(store, report.proposed, BOB, AT)
    withdraw(store, ["R000002"], EVE, AT, "wrong sample")
    two = make_release(store, ANN, AT)
    found = compare_releases(read_release(one), read_release(two))
    assert {each.row.substance for each in found.added} == {"alpha", "gamma"}
    assert [(old.id, new.row.form) for old, new in found.corrected] == [("R000001", "hydrochloride")]
    assert [(each.id, reason) for each, reason in found.gone] == [("R000002", "wrong sample")]
    words = list(found.sentences())
    assert words[0] == "From lab-1 to lab-2: 2 references added, 1 corrected, 1 gone."
    assert any("(changed: form)" in each for each in words)
    assert any("wrong sample; no reference of ftir 0 is left" in each for each in words)
    assert any("Stated: beta, street names: blue (a report made for this test, 2026-01-01)." in each for each in words)
    assert found.to_json()["sentences"] == words


def test_nothing_changed_is_said(store: LibraryStore, tmp_path: Path) -> None:
    manifest = read_release(released(store, made_folder(tmp_path / "made")))
    assert list(compare_releases(manifest, manifest).sentences()) == ["lab-1 holds the same references as lab-1."]
