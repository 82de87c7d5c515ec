"""What the laboratory's store knows, to be searched and read: every reference with its story and its releases.

Folding the journal of a large store takes a second, so the last state is kept until somebody writes another event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from library.errors import LibraryError, NotAStore
from library.identity import may_be_passed_on
from library.journal import Event
from library.ledger import Ledger, Standing, State, fold
from library.store import LibraryStore
from reachback.problems import Conflict, NotFound

__all__ = ["GONE", "Chapter", "Known", "ReferenceCatalogue", "Sought", "standing_as_json"]

GONE = frozenset({State.WITHDRAWN, State.DEPRECATED})
Told = tuple[str, str, str | None]  # reference, what was done, why


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader looks for; empty is everything. ``text`` holds parts of a name, CAS number, InChIKey or id."""

    text: str = ""
    state: str = ""
    technique: str = ""
    grade: str = ""
    substance_class: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One event in the story of a reference: what was done (a word of ours), by whom, when, and why."""

    what: str
    by: str
    at: str
    why: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A store at one moment.

    ``words`` is what each reference is found by; ``stories`` and ``releases`` (first, last; None where it is in the
    newest) go by its id.
    """

    store: LibraryStore
    ledger: Ledger
    words: Mapping[str, str]
    stories: Mapping[str, list[Chapter]]
    releases: Mapping[str, tuple[int, int | None]]

    def standing(self, reference_id: str) -> Standing:
        """One reference."""
        found = self.ledger.standings.get(reference_id)
        if found is None:
            raise NotFound(f"{reference_id[:40]!r} is no reference of this library")
        return found

    def release_names(self, reference_id: str) -> list[str]:
        """Names of the releases that hold it, oldest first."""
        if reference_id not in self.releases:
            return []
        first, last = self.releases[reference_id]
        newest = len(self.ledger.releases) if last is None else last
        return [f"{self.store.name}-{number}" for number in range(first, newest + 1)]


class ReferenceCatalogue:
    """Reads the store at ``place``."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._lock = Lock()
        self._read: tuple[str, Known] | None = None

    def store(self) -> LibraryStore:
        """The store; NotFound where there is none yet."""
        try:
            return LibraryStore.at(self.place)
        except NotAStore as error:
            raise NotFound(str(error)) from None

    def now(self) -> Known:
        """The store after its last event."""
        store = self.store()
        with self._lock:
            try:
                paths = store.journal.paths()
                newest = str(paths[-1]) if paths else ""
                if self._read is None or self._read[0] != newest:
                    self._read = (newest, _known(store, list(store.journal.events())))
            except LibraryError as error:
                raise Conflict(str(error)) from None
            return self._read[1]

    def page(self, sought: Sought, number: int, length: int) -> tuple[list[dict[str, Any]], int]:
        """References of a page (counted from 1) in the order of their ids, and how many fit in all."""
        known = self.now()
        fitting = [each for each in known.ledger.standings.values() if _fits(known, each, sought)]
        first = (number - 1) * length
        return [standing_as_json(each) for each in fitting[first : first + length]], len(fitting)

    def after(self, sought: Sought, behind: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """References whose ids come behind one, and the query of the next page if there is one."""
        known = self.now()
        standings = sorted(known.ledger.standings.values(), key=lambda each: each.reference.id)
        found = [each for each in standings if each.reference.id > behind and _fits(known, each, sought)]
        shown = found[:limit]
        if len(found) <= limit:
            return [standing_as_json(each) for each in shown], None
        asked = {
            "state": sought.state,
            "q": sought.text,
            "technique": sought.technique,
            "grade": sought.grade,
            "substance_class": sought.substance_class,
            "after": shown[-1].reference.id,
            "limit": str(limit),
        }
        following = urlencode({name: value for name, value in asked.items() if value})
        return [standing_as_json(each) for each in shown], following

    def classes(self) -> list[str]:
        """Classes of substances that the references name."""
        rows = (each.reference.row for each in self.now().ledger.standings.values())
        return sorted({row.substance_class for row in rows if row.substance_class})

    def show(self, reference_id: str) -> dict[str, Any]:
        """One reference with its story and the releases that hold it."""
        known = self.now()
        standing = known.standing(reference_id)
        return {
            **standing_as_json(standing),
            "sha256": standing.reference.digest,
            "schedules": dict(standing.reference.row.schedules),
            "synonyms": _synonyms(known, standing),
            "may_be_passed_on": may_be_passed_on(standing.reference.row),
            "story": [
                {"what": each.what, "by": each.by, "at": each.at, "why": each.why}
                for each in known.stories.get(reference_id, ())
            ],
            "releases": known.release_names(reference_id),
        }


def standing_as_json(standing: Standing) -> dict[str, Any]:
    """A reference as every face of the service writes it."""
    row = standing.reference.row
    return {
        "reference_id": standing.reference.id,
        "state": standing.state.value,
        "substance": row.substance,
        "form": row.form,
        "cas": row.cas,
        "inchikey": row.inchikey,
        "class": row.substance_class,
        "controlled": row.controlled,
        "watch": row.watch,
        "technique": row.technique.value,
        "mode": row.mode,
        "grade": standing.reference.grade.value,
        "source": row.source,
        "licence": row.licence,
        "details": dict(row.details),
        "proposed_by": standing.proposer,
        "proposed_at": standing.proposed_at,
        "reviewed_by": standing.reviewer,
        "reviewed_at": standing.reviewed_at,
        "first_release": standing.release,
        "reason": standing.reason,
        "successor": standing.successor,
    }


def _known(store: LibraryStore, events: list[Event]) -> Known:
    ledger = fold(events)
    stories: dict[str, list[Chapter]] = {}
    releases: dict[str, tuple[int, int | None]] = {}
    made = 0
    for event in events:
        for identifier, chapter in _chapters(event):
            stories.setdefault(identifier, []).append(chapter)
        if event.kind == "released":
            made = int(event.body["number"])
            releases |= dict.fromkeys(event.body["ids"], (made, None))
            gone = [(identifier, made - 1) for identifier, *_ in event.body.get("corrected", ())]
        else:
            gone = [(identifier, made) for identifier in event.body["ids"]] if event.kind == "withdrawn" else []
        for identifier, last in gone:
            if identifier in releases:
                releases[identifier] = (releases[identifier][0], last)
    synonyms: dict[str, list[str]] = {}
    for said in ledger.statements:
        if said.what in ("synonyms", "street_names"):
            synonyms.setdefault(said.substance.casefold(), []).append(said.value)
    words = {identifier: _words(each, synonyms) for identifier, each in ledger.standings.items()}
    return Known(store, ledger, words, stories, releases)


def _chapters(event: Event) -> Iterable[tuple[str, Chapter]]:
    """What an event did to which reference."""
    reader = _CHAPTERS.get(event.kind)
    for identifier, what, why in reader(event.body) if reader else ():
        yield identifier, Chapter(what, event.by, event.at, why)


def _of_proposal(body: Mapping[str, Any]) -> Iterable[Told]:
    origin = body.get("origin")
    yield from ((stored["id"], "taken_in", origin) for stored in body.get("references", ()))
    yield from ((identifier, "proposed", body.get("reason")) for identifier in body.get("ids", ()))
    yield from ((identifier, "held_back", reason) for identifier, reason in body.get("held", ()))


def _of_review(body: Mapping[str, Any]) -> Iterable[Told]:
    what = "accepted" if body["accepted"] else "sent_back"
    yield from ((identifier, what, body.get("comment")) for identifier in body["ids"])


def _of_decision(body: Mapping[str, Any]) -> Iterable[Told]:
    for key in body["keys"]:
        reason = body["reasons"][key] if "reasons" in body else body["reason"]
        yield from ((identifier, "settled", reason) for identifier in key.partition(":")[2].split("+"))


def _of_withdrawal(body: Mapping[str, Any]) -> Iterable[Told]:
    yield from ((identifier, "taken_out", body["reason"]) for identifier in body["ids"])


def _of_release(body: Mapping[str, Any]) -> Iterable[Told]:
    yield from ((identifier, "released", str(body["number"])) for identifier in body["ids"])
    yield from ((identifier, "taken_out", reason) for identifier, _, reason in body.get("corrected", ()))


_CHAPTERS: Mapping[str, Callable[[Mapping[str, Any]], Iterable[Told]]] = {
    "proposed": _of_proposal,
    "reviewed": _of_review,
    "settled": _of_decision,
    "withdrawn": _of_withdrawal,
    "released": _of_release,
}


def _words(standing: Standing, synonyms: Mapping[str, list[str]]) -> str:
    row = standing.reference.row
    more = synonyms.get(row.substance.casefold(), [])
    said = (standing.reference.id, row.substance, row.form, row.cas, row.inchikey, *more)
    return "\n".join(filter(None, said)).casefold()


def _synonyms(known: Known, standing: Standing) -> list[str]:
    name = standing.reference.row.substance.casefold()
    said = (each for each in known.ledger.statements if each.what in ("synonyms", "street_names"))
    return list(dict.fromkeys(each.value for each in said if each.substance.casefold() == name))


def _fits(known: Known, standing: Standing, sought: Sought) -> bool:
    row = standing.reference.row
    asked = (
        (sought.state, standing.state.value),
        (sought.technique, row.technique.value),
        (sought.grade, standing.reference.grade.value),
        (sought.substance_class, row.substance_class),
    )
    if any(wanted and wanted != has for wanted, has in asked):
        return False
    return all(word in known.words[standing.reference.id] for word in sought.text.casefold().split())
