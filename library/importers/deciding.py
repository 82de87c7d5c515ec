"""Decide the open questions of an import in bulk: by a table that people fill, or by all of a source or class.

Nothing is decided unless everything is: a table with one bad line changes nothing. The manifest is written before the
table of conflicts, so that a kill between the two leaves the questions open and the same step ends it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from library.errors import BrokenManifest, OutputRefused, StepRefused
from library.importers.conflicts import CONFLICTS_NAME, Conflict, conflicts_csv, read_conflicts
from library.importers.decisions import DECIDED_COLUMN, STATUS_KINDS, Decided
from library.importers.folder_writing import answered_cells, write_text_safely
from library.importers.importing import alone_in
from library.manifest import MANIFEST_NAME

__all__ = ["BadLine", "OpenQuestion", "Pattern", "decide", "open_questions", "questions_csv", "read_answers"]

OPEN_COLUMNS = ("id", "kind", "subject", "class", "source", "references", "question", "controlled", "watch", "because")
ANSWERS = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that nobody has answered, with what the manifest says of its references."""

    conflict: Conflict
    classes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a filled table that cannot be taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which questions are meant; ``*`` and ``?`` stand for any text, case does not count, None for everything.

    A question about several references is meant only where all of them fit.
    """

    kind: str | None = None
    substance: str | None = None
    of_class: str | None = None
    source: str | None = None

    def fits(self, question: OpenQuestion) -> bool:
        """Whether the question is meant."""
        asked = (
            (self.kind, (question.conflict.kind,)),
            (self.substance, (question.conflict.subject,)),
            (self.of_class, question.classes),
            (self.source, question.sources),
        )
        return all(
            pattern is None or all(fnmatchcase(text.casefold(), pattern.casefold()) for text in texts)
            for pattern, texts in asked
        )


def open_questions(folder: Path) -> tuple[OpenQuestion, ...]:
    """Every question that holds a reference up.

    Raises
    ------
    BrokenManifest
        One of the two tables cannot be read.
    """
    rows = {row["file"]: row for row in _manifest(folder)[1]}
    found = []
    for each in read_conflicts(folder):
        if each.must_decide and not each.decision:
            about = [rows[reference] for reference in each.references if reference in rows]
            classes, sources = (tuple(dict.fromkeys(row[column] for row in about)) for column in ("class", "source"))
            found.append(OpenQuestion(each, classes or ("",), sources or ("",)))
    return tuple(found)


def questions_csv(questions: Iterable[OpenQuestion]) -> str:
    """The table to fill: ``because`` in every row that is decided, ``controlled`` too where the status is asked for."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(OPEN_COLUMNS)
    for each in questions:
        conflict = each.conflict
        about = (" | ".join(each.classes), " | ".join(each.sources), ";".join(conflict.references))
        table.writerow((conflict.id, conflict.kind, conflict.subject, *about, conflict.question, "", "", ""))
    return text.getvalue()


def read_answers(
    content: bytes, questions: Sequence[OpenQuestion], because: str = ""
) -> tuple[dict[str, Decided], list[BadLine]]:
    """Answers of a filled table, and the lines that cannot be taken.

    Parameters
    ----------
    content : bytes
        As `questions_csv` wrote it, filled; empty rows stay open.
    questions : sequence of OpenQuestion
    because : str
        Reason of the rows that give none.

    Raises
    ------
    BrokenManifest
        No CSV in UTF-8, or a column is missing.
    """
    kinds = {each.conflict.id: each.conflict.kind for each in questions}
    answers: dict[str, Decided] = {}
    bad: list[BadLine] = []
    for line, row in _filled(content):
        if not (row["controlled"] or row["watch"] or row["because"]):
            continue
        problem = _problem(row, kinds, answers, because)
        if problem:
            bad.append(BadLine(line, problem))
            continue
        controlled, watch = (ANSWERS[row[column].casefold()] for column in ("controlled", "watch"))
        answers[row["id"]] = Decided(row["because"] or because.strip(), controlled, watch)
    return answers, bad


def decide(folder: Path, answers: Mapping[str, Decided], by: str, at: str) -> tuple[Conflict, ...]:
    """Write the answers into the folder's two tables; returns the questions that are answered now.

    Parameters
    ----------
    answers : mapping of str to Decided
        Question's id → answer.
    by : str
        The person who answers for them.
    at : str
        When, ISO 8601 UTC.

    Raises
    ------
    StepRefused
        No person, no reason, a status without yes or no, or a question that is none; then nothing is changed.
    OutputRefused
        The folder is no import, is in use, or cannot be written.
    """
    person = " ".join(by.split())
    if not person:
        raise StepRefused("a decision needs the name of the person who answers for it")
    with alone_in(folder):
        conflicts = {each.id: each for each in read_conflicts(folder)}
        done: list[Conflict] = []
        for identifier, answer in answers.items():
            conflict = conflicts.get(identifier)
            if conflict is None:
                raise StepRefused(f"{identifier} is no question of {folder / CONFLICTS_NAME}")
            if not answer.answers(conflict.kind):
                raise StepRefused(f"{conflict.kind}, {conflict.subject}: {_lacking(conflict.kind, answer)}")
            conflicts[identifier] = replace(conflict, decided=replace(answer, by=person, at=at))
            done.append(conflicts[identifier])
        try:
            write_text_safely(folder / MANIFEST_NAME, _decided_manifest(folder, conflicts.values()))
            write_text_safely(folder / CONFLICTS_NAME, conflicts_csv(conflicts.values()))
        except OSError as error:
            raise OutputRefused(f"{folder} cannot be written ({error.strerror})") from None
    return tuple(done)


def _lacking(kind: str, answer: Decided) -> str:
    if not answer.words:
        return "it is decided with a reason; say which"
    return "its status is decided by yes or no in the column controlled" if kind in STATUS_KINDS else ""


def _problem(
    row: Mapping[str, str], kinds: Mapping[str, str], answers: Mapping[str, Decided], because: str
) -> str | None:
    kind = kinds.get(row["id"])
    if kind is None:
        return f"{row['id'] or 'an empty id'} is no open question of this folder; write the table anew"
    if row["id"] in answers:
        return f"{row['id']} is answered twice; keep one of the rows"
    for column in ("controlled", "watch"):
        if row[column].casefold() not in ANSWERS:
            return f"{column} is {row[column]!r}; write yes, no, or nothing"
    if kind not in STATUS_KINDS and (row["controlled"] or row["watch"]):
        return f"{kind} asks for no status; leave controlled and watch empty and write the decision into because"
    answer = Decided(row["because"] or because.strip(), ANSWERS[row["controlled"].casefold()])
    return None if answer.answers(kind) else _lacking(kind, answer)


def _filled(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in ("id", "controlled", "watch", "because") if name not in (reader.fieldnames or ())]
        if missing:
            raise BrokenManifest(f"the table of decisions lacks the column {missing[0]}; write it anew and fill that")
        return [
            (reader.line_num, {name: (row.get(name) or "").strip() for name in (reader.fieldnames or ())})
            for row in reader
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenManifest(f"the table of decisions is no CSV in UTF-8 ({error}); save it as such") from None


def _manifest(folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    path = folder / MANIFEST_NAME
    try:
        reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        rows = [{name: value or "" for name, value in row.items() if isinstance(name, str)} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BrokenManifest(f"{path} cannot be read ({error}); name the folder of an import") from None
    columns = list(reader.fieldnames or ())
    if not {"file", "class", "source", "controlled"} <= set(columns):
        raise BrokenManifest(f"{path} is no manifest of an import: it lacks a column")
    return columns, rows


def _decided_manifest(folder: Path, conflicts: Iterable[Conflict]) -> str:
    """The manifest with what the answers say, all else as it was."""
    columns, rows = _manifest(folder)
    asked: dict[str, list[Conflict]] = {}
    for each in conflicts:
        for reference in each.references:
            asked.setdefault(reference, []).append(each)
    text = io.StringIO()
    columns += [name for name in ("watch", DECIDED_COLUMN) if name not in columns]
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows({**row, **answered_cells(asked.get(row["file"], []))} for row in rows)
    return text.getvalue()
