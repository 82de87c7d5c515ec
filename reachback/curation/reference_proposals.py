"""What curation asks of a library's store, and the laboratory's own store as an answer to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from library.errors import LibraryError, StepRefused
from library.proposals import propose_folder
from library.store import LibraryStore, withdraw
from reachback.problems import Conflict, Unprocessable

__all__ = ["Proposed", "ReferenceProposals", "StoreProposals"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a store made of a folder with one reference: its id, and what a reviewer should know of it."""

    reference_id: str
    remarks: tuple[str, ...]


class ReferenceProposals(Protocol):
    """Where references are proposed; another person reviews and releases them there."""

    def propose(self, folder: Path, by: str, at: str) -> Proposed:
        """Take in a folder library with one reference; the same one twice is the same id.

        Raises
        ------
        Unprocessable, Conflict
            It is refused, or there is no store.
        """
        ...

    def withdraw(self, reference_id: str, by: str, at: str, reason: str) -> None:
        """Take it back; one that is gone already stays gone."""
        ...


@dataclass(frozen=True, slots=True)
class StoreProposals:
    """The store of the laboratory's library."""

    place: Path

    def propose(self, folder: Path, by: str, at: str) -> Proposed:
        """As `ReferenceProposals.propose`."""
        try:
            report = propose_folder(self._store(), folder, by, at)
        except LibraryError as error:
            raise Unprocessable(f"the library refuses the reference: {error}") from None
        ids = (*report.proposed, *(identifier for identifier, _ in report.drafts), *report.known)
        if not ids:
            reasons = "; ".join(refused.reason for refused in report.refused)
            raise Unprocessable(f"the library refuses the reference: {reasons or 'it found none'}")
        return Proposed(ids[0], tuple(f"kept as a draft: {why}" for _, why in report.drafts))

    def withdraw(self, reference_id: str, by: str, at: str, reason: str) -> None:
        """As `ReferenceProposals.withdraw`."""
        try:
            withdraw(self._store(), [reference_id], by, at, reason)
        except StepRefused as error:
            if " already (" not in str(error):
                raise Conflict(f"the library does not take {reference_id} back: {error}") from None

    def _store(self) -> LibraryStore:
        try:
            return LibraryStore.at(self.place)
        except LibraryError as error:
            raise Conflict(f"there is no store to propose to: {error}") from None
