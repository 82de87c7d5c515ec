"""What is known of substances: names, families, schedules, watch list, hazards; every statement with source and date.

::

    substances.csv   substance,form,inchikey,cas,synonyms,street_names,precursor_of,schedules,watch,hazard,handling,
                     source,date          lists are separated by ';', schedules are US:II;UK:A
    families.csv     family,parent,relation,source,date       relation: is_a or precursor_of

Nothing is filled in from memory: what no row states stays empty. Several rows may speak of one substance.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from library.errors import BrokenManifest
from library.identity import is_cas_number, is_inchikey
from library.model import ManifestRow
from spectra.spectrum import Technique

__all__ = [
    "FAMILIES_NAME",
    "FAMILY_COLUMNS",
    "STATEMENT_COLUMNS",
    "SUBSTANCES_NAME",
    "Catalogue",
    "FamilyLink",
    "Statement",
    "Substance",
    "read_families",
    "read_statements",
]

SUBSTANCES_NAME, FAMILIES_NAME = "substances.csv", "families.csv"
LISTS = ("synonyms", "street_names", "precursor_of", "schedules")
TEXTS = ("hazard", "handling")
RELATIONS = ("is_a", "precursor_of")
STATEMENT_COLUMNS = ("substance", "form", "inchikey", "cas", *LISTS, "watch", *TEXTS, "source", "date")
FAMILY_COLUMNS = ("family", "parent", "relation", "source", "date")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that one source says of a substance in one form; ``what`` names the column of ``substances.csv``."""

    substance: str
    form: str | None
    what: str
    value: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class FamilyLink:
    """``family`` is a kind of ``parent``, or a precursor of its members."""

    family: str
    parent: str
    relation: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance in one form (salt, base, hydrate), with everything that is stated of it.

    ``families`` leads from its class upwards; ``statements`` keeps who said what, and when.
    """

    name: str
    form: str | None
    inchikey: str | None
    cas: str | None
    families: tuple[str, ...]
    is_watched: bool
    statements: tuple[Statement, ...]
    techniques: tuple[Technique, ...]

    def stated(self, what: str) -> tuple[str, ...]:
        """Values of one kind, in the order they were stated, each once."""
        return tuple(dict.fromkeys(each.value for each in self.statements if each.what == what))


def read_statements(folder: Path) -> tuple[Statement, ...]:
    """Statements of ``substances.csv``; none where there is no such file.

    Raises
    ------
    BrokenManifest
        The file cannot be read, or a row lacks substance, source or date, or has an identifier that is none.
    """
    found: list[Statement] = []
    for line, row in _table(folder / SUBSTANCES_NAME, ("substance", "source", "date")):
        where = f"{folder / SUBSTANCES_NAME}, line {line}"
        name, form = row["substance"], row.get("form") or None
        for what, is_right in (("inchikey", is_inchikey), ("cas", is_cas_number)):
            if row.get(what) and not is_right(row[what]):
                raise BrokenManifest(f"{where}: '{row[what]}' is no {what}; correct it or leave the cell empty")
        watch = (row.get("watch") or "").casefold()
        if watch not in ("", "yes", "no"):
            raise BrokenManifest(f"{where}: watch is {row['watch']!r}; write yes, no, or nothing")
        said = [(what, row[what]) for what in ("inchikey", "cas", *TEXTS) if row.get(what)]
        said += [(what, part) for what in LISTS for part in _parts(row.get(what) or "")]
        said += [("watch", watch)] if watch else []
        found += [Statement(name, form, what, value, row["source"], row["date"]) for what, value in said]
    return tuple(found)


def read_families(folder: Path) -> tuple[FamilyLink, ...]:
    """Links of ``families.csv``; none where there is no such file.

    Raises
    ------
    BrokenManifest
        The file cannot be read, a row is incomplete, or the tree leads back into itself.
    """
    path = folder / FAMILIES_NAME
    links: list[FamilyLink] = []
    for line, row in _table(path, ("family", "parent", "relation", "source", "date")):
        if row["relation"] not in RELATIONS:
            raise BrokenManifest(
                f"{path}, line {line}: relation is {row['relation']!r}; write {' or '.join(RELATIONS)}"
            )
        links.append(FamilyLink(row["family"], row["parent"], row["relation"], row["source"], row["date"]))
    for link in links:
        if link.family.casefold() in {name.casefold() for name in _above(link.parent, links)} | {
            link.parent.casefold()
        }:
            raise BrokenManifest(f"{path}: {link.family} stands above itself; remove one of the links")
    return tuple(links)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _table(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    if not path.is_file():
        return []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BrokenManifest(f"{path} cannot be read as UTF-8; save it as CSV with UTF-8 encoding") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise BrokenManifest(f"{path} lacks the column {missing[0]} in its first line")
    rows = []
    for cells in reader:
        row = {name: (value or "").strip() for name, value in cells.items() if isinstance(name, str)}
        empty = [name for name in needed if not row.get(name)]
        if empty:
            raise BrokenManifest(
                f"{path}, line {reader.line_num}: {empty[0]} is empty; every statement needs {', '.join(needed)}"
            )
        rows.append((reader.line_num, row))
    return rows


def _above(family: str, links: Iterable[FamilyLink]) -> tuple[str, ...]:
    """The families above one, nearest first; each once, so that a loop ends."""
    upwards = {link.family.casefold(): link.parent for link in links if link.relation == "is_a"}
    found: dict[str, str] = {}
    while (parent := upwards.get(family.casefold())) and parent.casefold() not in found:
        found[parent.casefold()] = parent
        family = parent
    return tuple(found.values())


class Catalogue:
    """Every substance that references or statements speak of.

    Parameters
    ----------
    rows : iterable of ManifestRow
        The references that count.
    statements : iterable of Statement
    links : iterable of FamilyLink
    """

    def __init__(
        self, rows: Iterable[ManifestRow], statements: Iterable[Statement] = (), links: Iterable[FamilyLink] = ()
    ) -> None:
        self._links = tuple(links)
        self._rows: dict[tuple[str, str], list[ManifestRow]] = {}
        self._said: dict[tuple[str, str], list[Statement]] = {}
        for row in rows:
            self._rows.setdefault(_key(row.substance, row.form), []).append(row)
        for each in statements:
            self._said.setdefault(_key(each.substance, each.form), []).append(each)

    def substances(self) -> tuple[Substance, ...]:
        """All of them, by name and form."""
        return tuple(self._substance(key) for key in sorted({*self._rows, *self._said}))

    def watched_without_reference(self, technique: Technique) -> tuple[Substance, ...]:
        """Substances on the watch list of which no form has a reference of this technique.

        A statement without a form speaks of the substance in every form.
        """
        held = {row.substance.casefold() for rows in self._rows.values() for row in rows if row.technique is technique}
        missing = {
            each.name.casefold(): each
            for each in self.substances()
            if each.is_watched and each.name.casefold() not in held
        }
        return tuple(missing.values())

    def ancestors(self, family: str) -> tuple[str, ...]:
        """The families above one, nearest first."""
        return _above(family, self._links)

    def precursor_families(self, family: str) -> tuple[str, ...]:
        """The families whose members are precursors of this one's."""
        return tuple(
            link.family
            for link in self._links
            if link.relation == "precursor_of" and link.parent.casefold() == family.casefold()
        )

    def _substance(self, key: tuple[str, str]) -> Substance:
        rows, said = self._rows.get(key, []), self._said.get(key, [])
        of_every_form = self._said.get((key[0], ""), []) if key[1] else []
        statements = (*said, *of_every_form)
        first: Mapping[str, str] = {each.what: each.value for each in reversed(statements)}
        name, form = (rows[0].substance, rows[0].form) if rows else (statements[0].substance, statements[0].form)
        family = next((row.substance_class for row in rows if row.substance_class), None)
        watch = [each.value == "yes" for each in statements if each.what == "watch"]
        return Substance(
            name=name,
            form=form,
            inchikey=next((row.inchikey for row in rows if row.inchikey), first.get("inchikey")),
            cas=next((row.cas for row in rows if row.cas), first.get("cas")),
            families=(family, *self.ancestors(family)) if family else (),
            is_watched=any(row.watch for row in rows) or any(watch),
            statements=statements,
            techniques=tuple(each for each in Technique if any(row.technique is each for row in rows)),
        )


def _key(name: str, form: str | None) -> tuple[str, str]:
    return name.casefold(), (form or "").casefold()


def statement_from_json(stored: Mapping[str, Any]) -> Statement:
    """A statement as `asdict` gave it."""
    return Statement(**stored)


def link_from_json(stored: Mapping[str, Any]) -> FamilyLink:
    """A link as `asdict` gave it."""
    return FamilyLink(**stored)


def as_json(values: Iterable[Statement | FamilyLink]) -> list[dict[str, Any]]:
    """Statements or links as plain data."""
    return [asdict(each) for each in values]
