from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from library.errors import BrokenManifest, OutputRefused, StepRefused
from library.importers.deciding import Pattern, decide, open_questions, questions_csv, read_answers
from library.importers.decisions import Decided
from library.importers.sources.jcamp_archive import SOURCE
from library.proposals import propose_folder
from library.releases import make_release, read_release
from library.store import LibraryStore, review
from tests.library.importers.made_sources import KEY, block, run, table, write_zip

ANN, BOB, AT = "Ann Librarian", "Bob Chemist", "2026-03-01T10:00:00Z"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    files = {f"{n}.jdx": block(f"made {n}", n, __INCHIKEY=KEY.replace("A", chr(65 + n), 1)) for n in range(4)}
    return write_zip(tmp_path / "a.zip", files)


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    run(SOURCE, archive, tmp_path / "out", controlled=None)
    return tmp_path / "out"


def filled(folder: Path, *cells: tuple[str, str, str]) -> bytes:
    """The table with ``controlled``, ``watch``, ``because`` of its first rows."""
    rows = list(csv.reader(io.StringIO(questions_csv(open_questions(folder)))))
    for row, said in zip(rows[1:], cells, strict=False):
        row[-3:] = said
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_a_filled_table_goes_into_the_manifest_and_the_rest_stays_open(folder: Path) -> None:
    content = filled(folder, ("yes", "", "list of 2026"), ("no", "yes", "precursor"), ("no", "", "looked up"))
    answers, bad = read_answers(content, open_questions(folder))
    assert bad == []
    done = decide(folder, answers, " Ann  Librarian ", AT)
    assert len(done) == 3
    rows = table(folder / "manifest.csv")
    said = [(row["controlled"], row["watch"]) for row in rows]
    assert said == [("yes", "yes"), ("no", "yes"), ("no", "no"), ("no", "no")]
    assert rows[1]["decided"] == f"status not stated: not controlled, watched: precursor (Ann Librarian, {AT})"
    assert rows[3]["decided"] == ""
    assert [each.conflict.subject for each in open_questions(folder)] == ["made 3"]


def test_each_bad_line_is_named_and_nothing_is_taken(folder: Path) -> None:
    before = (folder / "manifest.csv").read_bytes()
    content = filled(folder, ("maybe", "", "x"), ("", "", "words alone"), ("yes", "", ""))
    answers, bad = read_answers(content + b"zzz,,,,,,,yes,,because\n", open_questions(folder))
    assert [each.line for each in bad] == [2, 3, 4, 6]
    reasons = [each.reason for each in bad]
    assert "controlled is 'maybe'" in reasons[0]
    assert "yes or no in the column controlled" in reasons[1]
    assert "decided with a reason" in reasons[2]
    assert "zzz is no open question" in reasons[3]
    assert answers == {}
    assert (folder / "manifest.csv").read_bytes() == before
    again, none_bad = read_answers(filled(folder, ("yes", "", "")), open_questions(folder), because="for all")
    assert (none_bad, [each.words for each in again.values()]) == ([], ["for all"])


def test_a_question_about_something_else_takes_no_status(archive: Path, tmp_path: Path) -> None:
    files = {"a.jdx": block("alpha", 1, __INCHIKEY=KEY), "b.jdx": block("beta", 2, __INCHIKEY=KEY)}
    run(SOURCE, write_zip(tmp_path / "two.zip", files), tmp_path / "two")
    (question,) = open_questions(tmp_path / "two")
    assert question.conflict.kind == "one_inchikey_two_names"
    _, bad = read_answers(filled(tmp_path / "two", ("no", "", "x")), [question])
    assert "asks for no status" in bad[0].reason
    decide(tmp_path / "two", {question.conflict.id: Decided("beta is a synonym")}, ANN, AT)
    assert open_questions(tmp_path / "two") == ()
    assert "one inchikey two names: beta is a synonym" in table(tmp_path / "two" / "manifest.csv")[0]["decided"]


def test_a_decision_survives_the_next_import(archive: Path, folder: Path) -> None:
    chosen = [each.conflict.id for each in open_questions(folder) if Pattern(substance="MADE [02]").fits(each)]
    assert len(chosen) == 2
    decide(folder, dict.fromkeys(chosen, Decided("by list", controlled=True)), ANN, AT)
    before = (folder / "manifest.csv").read_bytes()
    again = run(SOURCE, archive, folder, controlled=None)
    assert (len(again.undecided), (folder / "manifest.csv").read_bytes()) == (2, before)


def test_a_pattern_fits_only_where_all_references_fit(folder: Path) -> None:
    (first, *_) = open_questions(folder)
    assert Pattern(kind="status_*", source="*file 0.jdx").fits(first)
    assert not Pattern(of_class="x*").fits(first)
    assert not Pattern(kind="label").fits(first)


def test_without_a_person_or_a_reason_nothing_is_decided(folder: Path) -> None:
    before = (folder / "conflicts.csv").read_bytes()
    identifier = open_questions(folder)[0].conflict.id
    with pytest.raises(StepRefused, match="name of the person"):
        decide(folder, {identifier: Decided("x", controlled=False)}, " ", AT)
    with pytest.raises(StepRefused, match="yes or no"):
        decide(folder, {identifier: Decided("x")}, ANN, AT)
    with pytest.raises(StepRefused, match="is no question"):
        decide(folder, {"zzz": Decided("x", controlled=False)}, ANN, AT)
    with pytest.raises(BrokenManifest, match="lacks the column id"):
        read_answers(b"a,b\n", ())
    assert (folder / "conflicts.csv").read_bytes() == before


def test_a_folder_that_is_no_import_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(BrokenManifest, match="name the folder of an import"):
        open_questions(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputRefused, match="holds no import"):
        decide(tmp_path / "mine", {}, ANN, AT)


def test_who_decided_and_why_stands_in_the_journal_and_in_the_signed_release(folder: Path, tmp_path: Path) -> None:
    answers = {each.conflict.id: Decided("by list", controlled=False) for each in open_questions(folder)}
    decide(folder, answers, ANN, AT)
    store = LibraryStore.create(tmp_path / "store", "lab", ANN, AT)
    report = propose_folder(store, folder, ANN, AT)
    assert (len(report.proposed), report.refused) == (4, ())
    proposed = next(event for event in store.journal.events() if event.kind == "proposed")
    said = f"status not stated: not controlled, not watched: by list ({ANN}, {AT})"
    assert all(["decided", said] in reference["details"] for reference in proposed.body["references"])
    review(store, report.proposed, BOB, AT)
    manifest = read_release(make_release(store, ANN, AT))
    assert {each.row.detail("decided") for each in manifest.references} == {said}
