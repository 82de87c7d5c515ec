"""The store: one event a step, nothing rewritten, nobody reviews his own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from library.errors import BrokenStore, NotAStore, OutputRefused, StepRefused
from library.ledger import State
from library.proposals import propose_drafts, propose_folder
from library.safe_files import object_path
from library.store import LibraryStore, review, settle, store_folder, withdraw
from tests.library.made_store import ANN, AT, BOB, EVE, edit_rows, made_folder, made_store, released


@pytest.fixture
def store(tmp_path: Path) -> LibraryStore:
    return made_store(tmp_path / "store")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "made")


def test_a_place_without_a_store_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotAStore, match="reachback library init"):
        LibraryStore.at(tmp_path)


def test_a_store_is_made_once(store: LibraryStore) -> None:
    assert LibraryStore.at(store.path) == store
    with pytest.raises(StepRefused, match="already"):
        made_store(store.path)


@pytest.mark.parametrize("name", ["", "1st", "lab-3", "a/b", "..", "x" * 65])
def test_names_that_would_confuse_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StepRefused, match="cannot be called"):
        made_store(tmp_path / "store", name)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputRefused, match="holds other files"):
        made_store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_store_lies_in_the_data_folder_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    monkeypatch.setenv("REACHBACK_DATA_DIR", str(tmp_path))
    assert store_folder() == tmp_path / "library"
    monkeypatch.setenv("REACHBACK_LIBRARY_STORE", str(tmp_path / "elsewhere"))
    assert store_folder() == tmp_path / "elsewhere"


def test_proposed_references_get_ids_and_keep_every_word(store: LibraryStore, lab: Path) -> None:
    report = propose_folder(store, lab, ANN, AT)
    assert report.proposed == tuple(f"R{number:06d}" for number in range(1, 10))
    assert report.refused == ()
    standing = store.ledger().standings["R000001"]
    assert (standing.state, standing.proposer) == (State.PROPOSED, ANN)
    assert standing.reference.row.substance == "alpha"
    assert standing.reference.row.detail("may_be_passed_on") == "yes"
    content = object_path(store.path, standing.reference.digest).read_bytes()
    assert content == (lab / "alpha.jdx").read_bytes()


def test_the_same_folder_again_changes_nothing(store: LibraryStore, lab: Path) -> None:
    first = propose_folder(store, lab, ANN, AT)
    events = store.journal.paths()
    again = propose_folder(store, lab, EVE, AT)
    assert again.known == first.proposed
    assert (again.proposed, again.refused) == ((), ())
    assert store.journal.paths() == events


def test_a_row_that_cannot_be_used_does_not_keep_the_others_out(store: LibraryStore, lab: Path) -> None:
    def spoil(row: dict[str, str]) -> None:
        if row["file"] == "alpha.jdx":
            row["inchikey"] = ""
        if row["file"] == "beta.jdx":
            row["mode"] = "SERS"
        if row["file"] == "gamma.jdx":
            row["technique"] = "raman"
            row["mode"] = ""
        if row["file"] == "spectra.npz#0":
            row["file"] = "../spectra.npz#0"
        if row["file"] == "spectra.npz#1":
            row["file"] = "spectra.npz#2"
        if row["file"] == "raman.npz#1":
            row["cas"] = "50-36-3"

    report = propose_folder(store, edit_rows(lab, spoil), ANN, AT)
    why = {refused.what: refused.reason for refused in report.refused}
    assert "has no identity" in why["alpha.jdx"]
    assert "the mode SERS is Raman's" in why["beta.jdx"]
    assert "the file says ftir, the manifest raman" in why["gamma.jdx"]
    assert "another row names the same file" in why["spectra.npz#2"]
    assert "already named in line 6" in why["line 7"]
    assert "lies outside" in why["line 5"]
    assert "50-36-3' is no CAS number" in why["raman.npz#1"]
    assert len(report.proposed) == 2
    assert len(store.ledger().standings) == 2


def test_what_an_import_left_undecided_is_not_proposed(store: LibraryStore, lab: Path) -> None:
    header = "id,kind,must_decide,subject,question,references,decision\n"
    table = lab / "conflicts.csv"
    undecided = "1,control_status,yes,alpha,is it controlled?,alpha.jdx;beta.jdx,\n"
    table.write_text(header + undecided + "2,forms_of_one_name,no,gamma,two forms,gamma.jdx,\n", encoding="utf-8")
    report = propose_folder(store, lab, ANN, AT)
    assert {refused.what for refused in report.refused} == {"alpha.jdx", "beta.jdx"}
    assert "is it controlled?; write the decision into conflicts.csv first" in report.refused[0].reason
    table.write_text(header + undecided.replace("jdx,\n", "jdx,no\n"), encoding="utf-8")
    again = propose_folder(store, lab, ANN, AT)
    assert (len(report.proposed), len(again.proposed), again.refused) == (7, 2, ())


def test_the_same_bytes_under_another_name_are_refused(store: LibraryStore, lab: Path) -> None:
    propose_folder(store, lab, ANN, AT)
    (lab / "copy.jdx").write_bytes((lab / "alpha.jdx").read_bytes())

    def rename(row: dict[str, str]) -> None:
        if row["substance"] == "alpha":
            row["substance"] = "omega"
        if row["file"] == "beta.jdx":
            row["file"] = "copy.jdx"

    report = propose_folder(store, edit_rows(lab, rename), ANN, AT)
    why = {refused.what: refused.reason for refused in report.refused}
    assert "stands in the store as R000001 (alpha)" in why["alpha.jdx"]
    assert "the same bytes as alpha.jdx" in why["copy.jdx"]


def test_nobody_reviews_what_he_proposed(store: LibraryStore, lab: Path) -> None:
    ids = propose_folder(store, lab, ANN, AT).proposed
    for same in (ANN, "  ann   LIBRARIAN "):
        with pytest.raises(StepRefused, match="another person has to review it"):
            review(store, ids[:2], same, AT)
    assert {each.state for each in store.ledger().standings.values()} == {State.PROPOSED}
    review(store, ids[:2], BOB, AT)
    states = [each.state for each in store.ledger().standings.values()]
    assert states.count(State.REVIEWED) == 2
    with pytest.raises(StepRefused, match="only what is proposed can be reviewed"):
        review(store, ids[:1], EVE, AT)


def test_who_proposes_anothers_draft_may_not_review_it_either(store: LibraryStore, lab: Path) -> None:
    ids = propose_folder(store, lab, ANN, AT).proposed
    with pytest.raises(StepRefused, match="with a reason"):
        review(store, ids[:1], BOB, AT, accepted=False)
    review(store, ids[:1], BOB, AT, accepted=False, comment="the lot is missing")
    standing = store.ledger().standings[ids[0]]
    assert (standing.state, standing.reason) == (State.DRAFT, "the lot is missing")
    propose_drafts(store, ids[:1], EVE, AT, "lot 7, added")
    for name in (ANN, EVE):
        with pytest.raises(StepRefused, match="another person"):
            review(store, ids[:1], name, AT)
    review(store, ids[:1], BOB, AT)
    with pytest.raises(StepRefused, match="only a draft"):
        propose_drafts(store, ids[:1], EVE, AT, "lot 7, added")


def test_what_is_withdrawn_stays_and_its_id_is_never_given_again(store: LibraryStore, lab: Path) -> None:
    ids = propose_folder(store, lab, ANN, AT).proposed
    withdraw(store, ids, EVE, AT, "the confirmation was withdrawn")
    assert {each.state for each in store.ledger().standings.values()} == {State.WITHDRAWN}
    with pytest.raises(StepRefused, match="withdrawn already"):
        withdraw(store, ids[:1], EVE, AT, "again")
    again = propose_folder(store, lab, ANN, AT).proposed
    assert set(again).isdisjoint(ids)
    assert len(store.ledger().standings) == 2 * len(ids)


def test_steps_without_a_person_or_a_reason_are_refused(store: LibraryStore, lab: Path) -> None:
    ids = propose_folder(store, lab, ANN, AT).proposed
    with pytest.raises(StepRefused, match="name of the person"):
        review(store, ids, "  ", AT)
    with pytest.raises(StepRefused, match="with a reason"):
        withdraw(store, ids, BOB, AT, " ")
    with pytest.raises(StepRefused, match="give both"):
        settle(store, ["label:R000001"], BOB, AT, "")
    with pytest.raises(StepRefused, match="no reference of this store"):
        review(store, ["R000099"], BOB, AT)


def test_a_changed_event_is_found(store: LibraryStore, lab: Path) -> None:
    propose_folder(store, lab, ANN, AT)
    review(store, ["R000001"], BOB, AT)
    path = store.journal.paths("proposed")[0]
    path.chmod(0o644)
    event = json.loads(path.read_bytes())
    event["by"] = EVE
    path.write_text(json.dumps(event), encoding="utf-8")
    with pytest.raises(BrokenStore, match="was changed"):
        store.ledger()


def test_a_missing_event_is_found(store: LibraryStore, lab: Path) -> None:
    propose_folder(store, lab, ANN, AT)
    review(store, ["R000001"], BOB, AT)
    store.journal.paths("proposed")[0].unlink()
    with pytest.raises(BrokenStore, match="missing"):
        store.ledger()


def test_released_references_are_deprecated_not_withdrawn(store: LibraryStore, lab: Path) -> None:
    released(store, lab)
    with pytest.raises(StepRefused, match="cannot succeed"):
        withdraw(store, ["R000001"], EVE, AT, "wrong salt", successor="R000001")
    withdraw(store, ["R000001"], EVE, AT, "wrong salt", successor="R000002")
    standing = store.ledger().standings["R000001"]
    assert (standing.state, standing.reason, standing.successor) == (State.DEPRECATED, "wrong salt", "R000002")
