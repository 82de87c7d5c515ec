"""A whole library is checked, whatever it is; what blocks it blocks its release until somebody settles it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from library.checking import check_library, check_store
from library.errors import NotALibrary, StepRefused
from library.ledger import State
from library.opening import build_library
from library.proposals import propose_drafts, propose_folder
from library.qc.findings import Level
from library.releases import make_release
from library.store import LibraryStore, review, settle
from spectra.spectrum import Technique
from tests.library.made_library import curve
from tests.library.made_store import ANN, AT, BOB, EVE, edit_rows, made_folder, made_store, released


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LibraryStore:
    monkeypatch.setenv("REACHBACK_LIBRARY_STORE", str(tmp_path / "store"))
    return made_store(tmp_path / "store")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "made")


def with_rows(lab: Path, *curves: tuple[str, np.ndarray]) -> Path:
    """The folder with further FTIR rows of these substances."""
    axis = np.arange(500.0, 2000.0, 4.0)
    np.savez(lab / "more.npz", axis=axis, intensity=np.vstack([values for _, values in curves]))
    manifest = lab / "manifest.csv"
    columns = manifest.read_text(encoding="utf-8").splitlines()[0].split(",")
    lines = []
    for number, (name, _) in enumerate(curves):
        said = {
            "file": f"more.npz#{number}",
            "substance": name,
            "controlled": "yes",
            "technique": "ftir",
            "identity": "made for a test",
        }
        lines.append(",".join(said.get(column, "") for column in columns))
    manifest.write_text(manifest.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
    return lab


AXIS = np.arange(500.0, 2000.0, 4.0)
TWIN = ("omega", curve(0, AXIS))  # alpha's curve
ROUGH = ("rough", curve(77, AXIS) + np.random.default_rng(3).normal(0.0, 0.15, AXIS.size))


def test_a_sound_folder_passes(lab: Path) -> None:
    found = check_library(str(lab))
    assert found.has_passed
    assert found.counts == {Technique.FTIR: 6, Technique.RAMAN: 3}
    assert found.checked.n_measured == 9


def test_a_folder_with_errors_fails_and_each_is_named(lab: Path) -> None:
    def spoil(row: dict[str, str]) -> None:
        if row["file"] == "gamma.jdx":
            row["inchikey"] = "GAMMA"

    found = check_library(str(edit_rows(with_rows(lab, TWIN, ROUGH), spoil)))
    assert not found.has_passed
    assert {each.key for each in found.checked.blocking} == {
        "row:gamma.jdx",
        "noise:more.npz#1",
        "label:alpha.jdx+more.npz#0",
    }


def test_watched_substances_without_a_reference_are_named(lab: Path) -> None:
    (lab / "substances.csv").write_text(
        "substance,watch,source,date\nnovelty,yes,a list made for this test,2026-01-01\n", encoding="utf-8"
    )
    found = check_library(str(lab))
    assert "novelty" in {each.name for each in found.missing[Technique.RAMAN]}
    assert "novelty" in {each.name for each in found.missing[Technique.FTIR]}
    assert "beta" in {each.name for each in found.missing[Technique.RAMAN]}
    assert "beta" not in {each.name for each in found.missing[Technique.FTIR]}


def test_a_compiled_library_says_what_it_cannot_show(lab: Path, tmp_path: Path) -> None:
    build_library(lab, tmp_path / "lib")
    found = check_library(str(tmp_path / "lib"))
    assert found.has_passed
    assert "holds no spectra as measured" in found.remarks[0]


def test_a_release_and_a_store_are_checked(store: LibraryStore, lab: Path) -> None:
    made = released(store, lab)
    found = check_library("lab-1")
    assert (found.has_passed, found.digest) == (True, made.digest)
    assert check_store(store).counts == found.counts
    with pytest.raises(NotALibrary):
        check_library("nothing")


def test_a_reference_that_fails_stays_a_draft_until_somebody_answers_for_it(store: LibraryStore, lab: Path) -> None:
    report = propose_folder(store, with_rows(lab, ROUGH), ANN, AT)
    assert [identifier for identifier, _ in report.drafts] == ["R000010"]
    assert "is noisy" in report.drafts[0][1]
    assert "R000010" not in report.proposed
    assert store.ledger().standings["R000010"].state is State.DRAFT
    assert propose_folder(store, lab, ANN, AT).proposed == ()  # asking again does not let it through
    with pytest.raises(StepRefused, match="with a reason"):
        propose_drafts(store, ["R000010"], ANN, AT, "")
    propose_drafts(store, ["R000010"], ANN, AT, "all there is of it")
    standing = store.ledger().standings["R000010"]
    assert (standing.state, standing.reason) == (State.PROPOSED, "all there is of it")


def test_a_conflict_keeps_a_release_back_until_it_is_settled(store: LibraryStore, lab: Path) -> None:
    first = released(store, lab)
    report = propose_folder(store, with_rows(lab, TWIN), ANN, AT)
    (conflict,) = [each for each in report.findings if each.level is Level.CONFLICT]
    assert conflict.key == "label:R000001+R000010"
    review(store, report.proposed, BOB, AT)
    before = store.journal.paths()
    with pytest.raises(StepRefused, match=r"lab-2 has 1 conflict that nobody settled: \[label:R000001\+R000010\]"):
        make_release(store, ANN, AT)
    assert store.journal.paths() == before
    assert store.ledger().releases[-1].digest == first.digest
    settle(store, [conflict.key], EVE, AT, "omega is alpha's other name")
    made = make_release(store, ANN, AT)
    assert made.number == 2
    found = check_library("lab-2")
    assert found.has_passed
    assert any("settled: omega is alpha's other name" in each.words for each in found.checked.findings)


def test_a_row_that_can_never_be_compared_is_refused(store: LibraryStore, lab: Path) -> None:
    report = propose_folder(store, with_rows(lab, ("nothing", np.zeros(AXIS.size))), ANN, AT)
    assert [(each.what, "cannot be compared" in each.reason) for each in report.refused] == [("more.npz#0", True)]
    assert len(report.proposed) == 9
