"""The laboratory's store as people at their desks see it: its references, their review, its releases.

Who did what stands in the store's own journal, which is chained and signed; here it is only asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from library.errors import LibraryError, NotAStore
from library.store import LibraryStore, review
from reachback.accounts.rights import Principal
from reachback.clock import Clock, as_utc_text
from reachback.problems import Conflict, NotFound

__all__ = ["LibraryDesk"]


@dataclass(frozen=True, slots=True)
class LibraryDesk:
    """What may be asked of the store at ``place``."""

    place: Path
    clock: Clock

    def releases(self) -> list[dict[str, Any]]:
        """Releases, newest first."""
        store = self._store()
        found = [
            {
                "name": f"{store.name}-{event.body['number']}",
                "at": event.at,
                "by": event.by,
                "digest": event.body["manifest"],
            }
            for event in store.journal.events()
            if event.kind == "released"
        ]
        return found[::-1]

    def review(
        self, reference_ids: Sequence[str], accepted: bool, comment: str | None, principal: Principal
    ) -> list[str]:
        """Accept proposed references or send them back; never one's own."""
        try:
            at = as_utc_text(self.clock.now())
            return list(review(self._store(), reference_ids, principal.name, at, accepted, comment))
        except LibraryError as error:
            raise Conflict(str(error)) from None

    def _store(self) -> LibraryStore:
        try:
            return LibraryStore.at(self.place)
        except NotAStore as error:
            raise NotFound(str(error)) from None
