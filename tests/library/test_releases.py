"""Releases: numbered, signed, immutable, opened by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from library.errors import BrokenRelease, BrokenStore, NotALibrary, StepRefused
from library.ledger import State
from library.opening import open_library, verify_library
from library.proposals import propose_folder
from library.release_manifest import ReleaseManifest
from library.releases import find_release, make_release, read_release
from library.safe_files import object_path
from library.signing import check_signature, public_key_path, public_key_text
from library.store import LibraryStore, review, withdraw
from spectra.spectrum import Technique
from tests.library.made_store import ANN, AT, BOB, EVE, edit_rows, made_folder, made_store, released

LATER = "2026-04-01T10:00:00Z"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LibraryStore:
    monkeypatch.setenv("REACHBACK_LIBRARY_STORE", str(tmp_path / "store"))
    return made_store(tmp_path / "store")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "made")


def test_only_what_was_reviewed_is_released(store: LibraryStore, lab: Path) -> None:
    ids = propose_folder(store, lab, ANN, AT).proposed
    with pytest.raises(StepRefused, match="no reviewed reference"):
        make_release(store, ANN, AT)
    review(store, ids[:3], BOB, AT)
    found = make_release(store, ANN, AT)
    manifest = read_release(found)
    assert [each.id for each in manifest.references] == list(ids[:3])
    assert manifest.signers[ids[0]].proposer == ANN
    assert manifest.signers[ids[0]].reviewer == BOB
    states = [each.state for each in store.ledger().standings.values()]
    assert (states.count(State.RELEASED), states.count(State.PROPOSED)) == (3, 6)


def test_a_release_opens_by_its_name_and_says_so(store: LibraryStore, lab: Path) -> None:
    found = released(store, lab)
    for name in ("lab-1", "lab", str(store.path / "lab-1")):
        opened = open_library(name)
        assert (opened.name, opened.release, opened.digest) == ("lab", "1", found.digest)
    assert {entry.id for entry in opened.sets[Technique.RAMAN].entries} == {"R000007", "R000008", "R000009"}
    assert opened.calibrations[Technique.FTIR].date in (AT[:10], "")
    verify_library("lab-1")


def test_a_release_holds_the_same_matrices_as_its_folder(store: LibraryStore, lab: Path) -> None:
    released(store, lab)
    by_name, by_folder = open_library("lab-1"), open_library(lab)
    for technique, references in by_folder.sets.items():
        assert np.array_equal(references.curves, by_name.sets[technique].curves)
        assert np.array_equal(references.features, by_name.sets[technique].features)


def test_other_names_are_refused_with_those_there_are(store: LibraryStore, lab: Path) -> None:
    with pytest.raises(NotALibrary, match="no release yet"):
        open_library("lab")
    released(store, lab)
    with pytest.raises(NotALibrary, match="its releases are 1 to 1"):
        open_library("lab-2")
    with pytest.raises(NotALibrary, match="no such release"):
        open_library("labour-1")


def test_a_release_never_changes_and_the_next_one_says_what_did(store: LibraryStore, lab: Path) -> None:
    first = released(store, lab)
    before = object_path(store.path, first.digest).read_bytes()
    with pytest.raises(StepRefused, match="nothing has changed since lab-1"):
        make_release(store, ANN, LATER)
    withdraw(store, ["R000001"], EVE, LATER, "wrong salt", successor="R000002")
    second = make_release(store, ANN, LATER)
    manifest = read_release(second)
    assert manifest.previous == first.digest
    assert "R000001" not in {each.id for each in manifest.references}
    assert [(each.id, each.reason, each.successor) for each in manifest.deprecated] == [
        ("R000001", "wrong salt", "R000002")
    ]
    assert object_path(store.path, first.digest).read_bytes() == before
    assert "R000001" in {entry.id for entry in open_library("lab-1").sets[Technique.FTIR].entries}
    assert "R000001" not in {entry.id for entry in open_library("lab-2").sets[Technique.FTIR].entries}


def test_a_correction_takes_the_place_of_what_it_corrects(store: LibraryStore, lab: Path) -> None:
    released(store, lab)

    def correct(row: dict[str, str]) -> None:
        if row["substance"] == "alpha":
            row["form"] = "hydrochloride"
            row["corrects"] = "R000001"

    report = propose_folder(store, edit_rows(lab, correct), ANN, LATER)
    assert report.proposed == ("R000010",)
    review(store, report.proposed, BOB, LATER)
    assert store.ledger().standings["R000001"].state is State.RELEASED  # until the correction is released
    manifest = read_release(make_release(store, ANN, LATER))
    standing = store.ledger().standings["R000001"]
    assert (standing.state, standing.successor) == (State.DEPRECATED, "R000010")
    assert [(each.id, each.successor) for each in manifest.deprecated] == [("R000001", "R000010")]


def test_the_signature_stands_for_this_release_alone(store: LibraryStore, lab: Path) -> None:
    found = released(store, lab)
    key = public_key_text(store.path)
    check_signature(key, "lab-1", found.digest, found.signature)
    for name, digest in (("lab-2", found.digest), ("lab-1", "0" * 64)):
        with pytest.raises(BrokenRelease, match="does not fit"):
            check_signature(key, name, digest, found.signature)


def test_a_key_of_others_opens_nothing(store: LibraryStore, lab: Path, tmp_path: Path) -> None:
    released(store, lab)
    other = made_store(tmp_path / "other")
    released(other, lab)
    public_key_path(store.path).chmod(0o644)
    public_key_path(store.path).write_bytes(public_key_text(other.path))
    with pytest.raises(BrokenRelease, match="does not fit"):
        verify_library("lab-1")


def test_a_changed_object_is_found(store: LibraryStore, lab: Path) -> None:
    found = released(store, lab)
    reference = read_release(found).references[0]
    path = object_path(store.path, reference.digest)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(BrokenStore, match=r"was changed.*backup"):
        verify_library("lab-1")


def test_a_changed_manifest_is_found(store: LibraryStore, lab: Path) -> None:
    found = released(store, lab)
    path = object_path(store.path, found.digest)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"alpha"', b'"omega"'))
    with pytest.raises(BrokenStore, match="was changed"):
        read_release(found)


def test_a_refused_release_leaves_everything_as_it_was(store: LibraryStore, lab: Path) -> None:
    review(store, propose_folder(store, lab, ANN, AT).proposed, BOB, AT)
    events = store.journal.paths()

    def refuse(*_: object) -> None:
        raise StepRefused("two references contradict each other")

    with pytest.raises(StepRefused, match="contradict"):
        make_release(store, ANN, AT, approve=refuse)
    assert store.journal.paths() == events
    assert find_release("nothing") is None
    with pytest.raises(NotALibrary, match="no release yet"):
        find_release("lab")


def test_a_store_that_changed_meanwhile_is_not_released(store: LibraryStore, lab: Path) -> None:
    review(store, propose_folder(store, lab, ANN, AT).proposed, BOB, AT)

    def somebody_else(*_: object) -> None:
        withdraw(store, ["R000001"], EVE, AT, "wrong salt")

    with pytest.raises(StepRefused, match="changed the store while"):
        make_release(store, ANN, AT, approve=somebody_else)
    make_release(store, ANN, AT)


def test_a_manifest_survives_its_own_bytes(store: LibraryStore, lab: Path) -> None:
    manifest = read_release(released(store, lab))
    assert ReleaseManifest.from_bytes(manifest.to_bytes()) == manifest
    spoiled = json.loads(manifest.to_bytes()) | {"schema": "reachback.release/2"}
    with pytest.raises(BrokenRelease, match="reachback.release/2"):
        ReleaseManifest.from_bytes(json.dumps(spoiled).encode())
