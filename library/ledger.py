"""What the events of a journal add up to: every reference with its state, and who did what.

::

    draft ──propose──► proposed ──review by another──► reviewed ──release──► released ──deprecate──► deprecated
      ▲                    │                               │
      └──── rejected ──────┘        withdraw: draft, proposed, reviewed ──► withdrawn

Ids are given once and never again. Nothing leaves the ledger; it only changes its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from library.errors import BrokenStore
from library.journal import Event
from library.stored_reference import StoredReference
from library.substances import Catalogue, FamilyLink, Statement, link_from_json, statement_from_json

__all__ = ["Decision", "Ledger", "ReleaseRecord", "Standing", "State", "fold"]


class State(StrEnum):
    """How far a reference has come."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    RELEASED = "released"
    DEPRECATED = "deprecated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """A reference in the store: its state, its people, and the reason of its last change where one was given.

    ``release`` is the first release that holds it; ``successor`` what stands in its place since it was deprecated.
    """

    reference: StoredReference
    state: State
    proposer: str
    proposed_at: str
    reviewer: str | None = None
    reviewed_at: str | None = None
    release: int | None = None
    reason: str | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody settled a conflict or a failed check: the finding may stand, for a reason."""

    key: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release as the journal knows it; ``digest`` is the SHA-256 of its manifest, an object of the store."""

    number: int
    digest: str
    signature: str
    by: str
    at: str


class Ledger:
    """State of a store after its last event; it grows while events are folded into it.

    Attributes
    ----------
    name : str
        Name of the library; releases are called ``NAME-1``, ``NAME-2`` …
    standings : dict of str to Standing
        By id, in the order in which the ids were given.
    statements, links : list
        What is stated of substances and families.
    decisions : dict of str to Decision
        By the key of the finding that was settled.
    releases : list of ReleaseRecord
    head : Event or None
        The last event.
    """

    __slots__ = ("decisions", "head", "links", "name", "releases", "standings", "statements")

    def __init__(self) -> None:
        self.name = ""
        self.standings: dict[str, Standing] = {}
        self.statements: list[Statement] = []
        self.links: list[FamilyLink] = []
        self.decisions: dict[str, Decision] = {}
        self.releases: list[ReleaseRecord] = []
        self.head: Event | None = None

    def of_state(self, *states: State) -> tuple[Standing, ...]:
        """References in one of these states, oldest id first."""
        return tuple(each for each in self.standings.values() if each.state in states)

    def catalogue(self, *states: State) -> Catalogue:
        """Substances of the references in these states, and of everything stated."""
        rows = (each.reference.row for each in self.of_state(*states))
        return Catalogue(rows, self.statements, self.links)


def fold(events: Iterable[Event]) -> Ledger:
    """Add up events.

    Raises
    ------
    BrokenStore
        An event of a kind, or with contents, that this engine does not know.
    """
    ledger = Ledger()
    for event in events:
        try:
            _FOLDING[event.kind](ledger, event, event.body)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenStore(
                f"event {event.number} ({event.kind}) of the journal cannot be understood ({error}); it was written by"
                " a newer engine, or damaged"
            ) from None
        ledger.head = event
    return ledger


def _created(ledger: Ledger, _: Event, body: Mapping[str, Any]) -> None:
    ledger.name = str(body["name"])


def _proposed(ledger: Ledger, event: Event, body: Mapping[str, Any]) -> None:
    for stored in body.get("references", ()):
        reference = StoredReference.from_json(stored)
        ledger.standings[reference.id] = Standing(reference, State.DRAFT, event.by, event.at)
    ledger.statements += [statement_from_json(each) for each in body.get("statements", ())]
    ledger.links += [link_from_json(each) for each in body.get("families", ())]
    for identifier in body.get("ids", ()):
        # Whoever proposes a draft of somebody else answers for it with him: neither may review it.
        drafter = ledger.standings[identifier].proposer
        names = drafter if drafter == event.by else f"{drafter}; {event.by}"
        _change(
            ledger, identifier, state=State.PROPOSED, proposer=names, proposed_at=event.at, reason=body.get("reason")
        )
    for identifier, reason in body.get("held", ()):
        _change(ledger, identifier, reason=reason)


def _reviewed(ledger: Ledger, event: Event, body: Mapping[str, Any]) -> None:
    state = State.REVIEWED if body["accepted"] else State.DRAFT
    for identifier in body["ids"]:
        _change(
            ledger,
            identifier,
            state=state,
            reviewer=event.by,
            reviewed_at=event.at,
            reason=body.get("comment"),
        )


def _settled(ledger: Ledger, event: Event, body: Mapping[str, Any]) -> None:
    for key in body["keys"]:
        # Settled together from a table, each has its own reason.
        reason = body["reasons"][key] if "reasons" in body else body["reason"]
        ledger.decisions[key] = Decision(key, event.by, event.at, reason)


def _withdrawn(ledger: Ledger, _: Event, body: Mapping[str, Any]) -> None:
    for identifier in body["ids"]:
        released = ledger.standings[identifier].state is State.RELEASED
        state = State.DEPRECATED if released else State.WITHDRAWN
        _change(ledger, identifier, state=state, reason=body["reason"], successor=body.get("successor"))


def _released(ledger: Ledger, event: Event, body: Mapping[str, Any]) -> None:
    number = int(body["number"])
    for identifier in body["ids"]:
        _change(ledger, identifier, state=State.RELEASED, release=number)
    for identifier, successor, reason in body.get("corrected", ()):
        _change(ledger, identifier, state=State.DEPRECATED, reason=reason, successor=successor)
    ledger.releases.append(ReleaseRecord(number, body["manifest"], body["signature"], event.by, event.at))


def _change(ledger: Ledger, identifier: str, **changes: Any) -> None:
    ledger.standings[identifier] = replace(ledger.standings[identifier], **changes)


_FOLDING = {
    "created": _created,
    "proposed": _proposed,
    "reviewed": _reviewed,
    "settled": _settled,
    "withdrawn": _withdrawn,
    "released": _released,
}
