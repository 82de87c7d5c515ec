"""What the references of an import contradict each other in: shown for decision, never decided here.

``conflicts.csv`` has one row a conflict. ``must_decide`` says whether a release has to wait for it; the laboratory
decides by ``library decide`` (`library.importers.deciding`), by writing into ``decision`` (and, about a status, into
``controlled`` and ``watch``), or by correcting the source's table and importing again; a decision stays when the same
import runs once more.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from library.errors import BrokenManifest
from library.importers.decisions import Decided
from library.importers.identifiers import name_key, parse_inchikey
from library.importers.known_substances import Doubt, Resolved
from library.importers.source import Identity

__all__ = [
    "CONFLICTS_NAME",
    "Conflict",
    "Named",
    "conflicts_csv",
    "find_conflicts",
    "open_conflicts",
    "read_conflicts",
    "read_decisions",
    "waiting_references",
]

CONFLICTS_NAME = "conflicts.csv"
NEEDED_COLUMNS = ("id", "kind", "must_decide", "subject", "question", "references", "decision")
# The words come last: nobody has to count commas to write them.
COLUMNS = (*NEEDED_COLUMNS[:-1], "controlled", "watch", "decided_by", "decided_at", "decision")
_ANSWERS = {"yes": True, "no": False, "": None}
# Worth a look, but honest libraries have them: a salt and its base are two spectra under one name.
_NOTICES = frozenset({"forms_of_one_name"})


@dataclass(frozen=True, slots=True)
class Named:
    """A reference of the folder and what it was resolved to; ``content`` is the digest of its numbers."""

    reference: str
    resolved: Resolved
    content: str

    @property
    def identity(self) -> Identity:
        """The substance as the manifest names it."""
        return self.resolved.identity


@dataclass(frozen=True, slots=True)
class Conflict:
    """One question, and the references it concerns."""

    kind: str
    subject: str
    question: str
    references: tuple[str, ...]
    decided: Decided | None = None

    @property
    def decision(self) -> str:
        """Why it was decided as it was; empty while it is open."""
        return self.decided.words if self.decided is not None and self.decided.answers(self.kind) else ""

    @property
    def id(self) -> str:
        """The same for the same question in a later import."""
        return hashlib.sha256(f"{self.kind}\n{self.subject}\n{self.question}".encode()).hexdigest()[:10]

    @property
    def must_decide(self) -> bool:
        """Whether a release has to wait for the decision."""
        return self.kind not in _NOTICES


def find_conflicts(named: Sequence[Named], decided: Mapping[str, Decided]) -> tuple[Conflict, ...]:
    """Every contradiction among the references, and every doubt about one of them.

    Parameters
    ----------
    decided : mapping of str to Decided
        Conflict id → the decision made earlier.
    """
    found = [*_of_doubts(named), *_of_status(named), *_of_keys(named), *_of_names(named), *_of_contents(named)]
    unique = {conflict.id: conflict for conflict in found}
    return tuple(
        Conflict(each.kind, each.subject, each.question, each.references, decided.get(each.id))
        for each in sorted(unique.values(), key=lambda each: (each.kind, each.subject.casefold(), each.question))
    )


def conflicts_csv(conflicts: Iterable[Conflict]) -> str:
    """The table, for a person and for ``open_conflicts``."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for each in conflicts:
        answer, decided = "yes" if each.must_decide else "no", each.decided or Decided("")
        asked = (each.id, each.kind, answer, each.subject, each.question, ";".join(each.references))
        status = (_cell(decided.controlled), _cell(decided.watch))
        table.writerow((*asked, *status, decided.by, decided.at, decided.words))
    return text.getvalue()


def read_conflicts(folder: Path) -> tuple[Conflict, ...]:
    """Every question of a folder, with the answers so far; none where it has no table.

    Raises
    ------
    BrokenManifest
        The table cannot be read, or says neither yes nor no where it has to.
    """
    found = []
    for line, row in enumerate(_table(folder), start=2):
        for column in ("controlled", "watch"):
            if row[column].strip().casefold() not in _ANSWERS:
                raise BrokenManifest(
                    f"{folder / CONFLICTS_NAME}, row {line}: {column} is {row[column]!r}; write yes, no, or nothing"
                )
        controlled, watch = (_ANSWERS[row[column].strip().casefold()] for column in ("controlled", "watch"))
        decided = Decided(row["decision"].strip(), controlled, watch, row["decided_by"], row["decided_at"])
        references = tuple(filter(None, row["references"].split(";")))
        is_anything = decided.words or controlled is not None
        found.append(
            Conflict(row["kind"], row["subject"], row["question"], references, decided if is_anything else None)
        )
    return tuple(found)


def read_decisions(folder: Path) -> dict[str, Decided]:
    """Conflict id → what the laboratory decided; empty where nothing was.

    Raises
    ------
    BrokenManifest
        As `read_conflicts`.
    """
    return {each.id: each.decided for each in read_conflicts(folder) if each.decided is not None}


def open_conflicts(folder: Path) -> tuple[str, ...]:
    """The questions of a folder that a release has to wait for, one sentence each.

    Raises
    ------
    BrokenManifest
        The table cannot be read.
    """
    waiting = (each for each in read_conflicts(folder) if each.must_decide and not each.decision)
    return tuple(f"{each.kind.replace('_', ' ')}: {each.subject}: {each.question}" for each in waiting)


def waiting_references(folder: Path) -> dict[str, str]:
    """Reference → the first question about it that nobody has decided.

    Raises
    ------
    BrokenManifest
        The table cannot be read.
    """
    waiting: dict[str, str] = {}
    for each in read_conflicts(folder):
        if each.must_decide and not each.decision:
            for reference in each.references:
                waiting.setdefault(reference, f"{each.kind.replace('_', ' ')}: {each.question}".rstrip("."))
    return waiting


def _cell(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[answer]


def _table(folder: Path) -> list[dict[str, str]]:
    path = folder / CONFLICTS_NAME
    if not path.is_file():
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BrokenManifest(f"{path} cannot be read ({error}); import again to have it written anew") from None
    if rows and not set(NEEDED_COLUMNS) <= set(rows[0]):
        raise BrokenManifest(f"{path} lacks a column; it needs {','.join(NEEDED_COLUMNS)}")
    return [{name: row.get(name) or "" for name in COLUMNS} for row in rows]


# -- the questions -------------------------------------------------------------------------------------------------


def _of_doubts(named: Sequence[Named]) -> Iterable[Conflict]:
    together: dict[Doubt, list[str]] = {}
    for each in named:
        for doubt in each.resolved.doubts:
            together.setdefault(doubt, []).append(each.reference)
    for doubt, references in together.items():
        yield Conflict(doubt.kind, doubt.subject, doubt.words, tuple(references))


def _of_status(named: Sequence[Named]) -> Iterable[Conflict]:
    for name, group in _grouped(named, lambda each: each.identity.name).items():
        if not all(each.resolved.status_said for each in group):
            words = "nobody says whether it is controlled; it stands as not controlled until that is stated"
            yield Conflict("status_not_stated", name, words, _references(group))


def _of_keys(named: Sequence[Named]) -> Iterable[Conflict]:
    """One InChIKey under two names."""
    for key, group in _grouped(named, lambda each: each.identity.inchikey or "").items():
        names = sorted({each.identity.name for each in group})
        if key and len({name_key(name) for name in names}) > 1:
            yield Conflict("one_inchikey_two_names", key, f"it is called {' and '.join(names)}", _references(group))
    for cas, group in _grouped(named, lambda each: each.identity.cas or "").items():
        forms = sorted({f"{each.identity.name} ({each.identity.form or 'form not stated'})" for each in group})
        if cas and len(forms) > 1:
            yield Conflict("one_cas_two_forms", cas, f"it stands for {' and '.join(forms)}", _references(group))


def _of_names(named: Sequence[Named]) -> Iterable[Conflict]:
    """One name with two InChIKeys, with two stereo forms, or with and without a form."""
    for group in _grouped(named, lambda each: name_key(each.identity.name)).values():
        name, references = group[0].identity.name, _references(group)
        by_form = _grouped(group, lambda each: each.identity.form or "")
        for alike in by_form.values():
            yield from _of_one_form(name, alike)
        stated = sorted(form for form in by_form if form)
        if stated and "" in by_form:
            words = f"some say {' and '.join(stated)}, and some no form at all: which form are these?"
            yield Conflict("form_not_stated", name, words, _references(by_form[""]))
        elif len(stated) > 1:
            words = f"it comes as {' and '.join(stated)}, whose spectra differ: is each label right?"
            yield Conflict("forms_of_one_name", name, words, references)


def _of_one_form(name: str, group: Sequence[Named]) -> Iterable[Conflict]:
    keys = {key for each in group if (key := parse_inchikey(each.identity.inchikey)) is not None}
    if len({key.connectivity for key in keys}) > 1:
        words = f"its InChIKeys are of different skeletons: {' and '.join(sorted(map(str, keys)))}"
        yield Conflict("one_name_two_inchikeys", name, words, _references(group))
    elif len(keys) > 1:
        words = f"its InChIKeys differ in stereo or protonation: {' and '.join(sorted(map(str, keys)))}"
        yield Conflict("stereo_differs", name, words, _references(group))


def _of_contents(named: Sequence[Named]) -> Iterable[Conflict]:
    for group in _grouped(named, lambda each: each.content).values():
        labels = sorted({f"{each.identity.name} {each.identity.form or ''}".strip() for each in group})
        if len(labels) > 1:
            words = f"the very same numbers are called {' and '.join(labels)}"
            yield Conflict("same_numbers_two_names", labels[0], words, _references(group))


def _grouped(named: Sequence[Named], key: Callable[[Named], str]) -> dict[str, list[Named]]:
    groups: dict[str, list[Named]] = {}
    for each in named:
        groups.setdefault(key(each), []).append(each)
    return groups


def _references(group: Sequence[Named]) -> tuple[str, ...]:
    return tuple(each.reference for each in group)
