"""Releases as people read them: what each holds, what changed, whether its signature stands; and what comes next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from library.difference import Difference, compare_releases
from library.errors import LibraryError, NotAStore, StepRefused
from library.ledger import Ledger, Standing, State
from library.release_manifest import ReleaseManifest
from library.releases import FoundRelease, draft_release, find_release, read_release
from library.signing import key_fingerprint, public_key_text
from library.store import LibraryStore
from reachback.clock import Clock, as_utc_text
from reachback.problems import Conflict, NotFound

__all__ = ["ReleaseBook"]

_NAME = re.compile(r"(?P<library>[A-Za-z][A-Za-z0-9_.-]{0,63})-(?P<number>[1-9][0-9]{0,5})")
_NOTHING = "nothing"
_LISTED = 200


@dataclass(frozen=True, slots=True)
class ReleaseBook:
    """What may be read of the releases of the store at ``place``."""

    place: Path
    clock: Clock

    def names(self) -> list[str]:
        """Names of all releases, newest first."""
        store = self._store()
        return [f"{store.name}-{number}" for number in range(len(store.journal.paths("released")), 0, -1)]

    def show(self, name: str) -> dict[str, Any]:
        """One release: digest, signature, people, counts, and what changed since the one before."""
        found = self._found(name)
        manifest, problem = _manifest_or_problem(found)
        shown: dict[str, Any] = {
            "name": found.name,
            "at": found.at,
            "digest": found.digest,
            "signature": found.signature,
            "signature_valid": manifest is not None,
            "signature_problem": problem,
            "key_fingerprint": _fingerprint(found.store),
            "previous": f"{found.store.name}-{found.number - 1}" if found.number > 1 else None,
        }
        if manifest is None:
            return {**shown, "by": None, "counts": {}, "n_references": None, "n_decisions": None, "difference": None}
        counts = Counter(each.row.technique.value for each in manifest.references)
        return {
            **shown,
            "by": manifest.by,
            "counts": dict(counts),
            "n_references": len(manifest.references),
            "n_decisions": len(manifest.decisions),
            "difference": self._difference(manifest, self._before(found)),
        }

    def difference(self, name: str, since: str | None) -> dict[str, Any]:
        """What this release has that another has not; by default the one before."""
        found = self._found(name)
        earlier = self._before(found) if since is None else self._found(since)
        try:
            return self._difference(read_release(found), earlier)
        except LibraryError as error:
            raise Conflict(str(error)) from None

    def outlook(self, by: str) -> dict[str, Any]:
        """The next release as it would be now: what changes, what is not in it yet, and why none can be made."""
        store = self._store()
        try:
            ledger = store.ledger()
            refusal, difference = None, None
            try:
                draft = draft_release(store, ledger, by, as_utc_text(self.clock.now()))
                last = find_release(store.name, store.path) if ledger.releases else None
                difference = self._difference(draft, last)
            except StepRefused as error:
                refusal = str(error)
        except LibraryError as error:
            raise Conflict(str(error)) from None
        proposed, drafts = ledger.of_state(State.PROPOSED), ledger.of_state(State.DRAFT)
        return {
            "name": f"{store.name}-{len(ledger.releases) + 1}",
            "previous": f"{store.name}-{len(ledger.releases)}" if ledger.releases else None,
            "refusal": refusal,
            "difference": difference,
            "n_proposed": len(proposed),
            "proposed": [_brief(each) for each in proposed[:_LISTED]],
            "n_drafts": len(drafts),
            "drafts": [_brief(each) for each in drafts[:_LISTED]],
        }

    def still_open(self, conflicts: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Of the conflicts that an earlier try was refused for, those that nobody has settled or removed since."""
        ledger = self._store().ledger()
        return [each for each in conflicts if _is_open(each["key"], ledger)]

    # -- parts -------------------------------------------------------------------------------------------------------

    def _store(self) -> LibraryStore:
        try:
            return LibraryStore.at(self.place)
        except NotAStore:
            raise NotFound(
                "this laboratory has no library store yet; make one with 'reachback library init NAME'"
            ) from None

    def _found(self, name: str) -> FoundRelease:
        store, named = self._store(), _NAME.fullmatch(name)
        if named is None or named["library"] != store.name:
            raise NotFound(f"there is no such release; they are called {store.name}-1, {store.name}-2 …")
        try:
            found = find_release(name, store.path)
        except LibraryError as error:
            raise NotFound(str(error).replace(f" in {store.path}", "")) from None
        if found is None:
            raise NotFound("there is no such release")
        return found

    def _before(self, found: FoundRelease) -> FoundRelease | None:
        return self._found(f"{found.store.name}-{found.number - 1}") if found.number > 1 else None

    def _difference(self, after: ReleaseManifest, before: FoundRelease | None) -> dict[str, Any]:
        try:
            return _as_words(compare_releases(_empty(after) if before is None else read_release(before), after), before)
        except LibraryError as error:
            raise Conflict(str(error)) from None


def _empty(manifest: ReleaseManifest) -> ReleaseManifest:
    return replace(manifest, references=(), signers={}, statements=(), links=(), deprecated=(), decisions=())


def _as_words(difference: Difference, before: FoundRelease | None) -> dict[str, Any]:
    if before is None:
        # Of the first release everything is new, so that nothing of it needs to be called so.
        difference = replace(difference, before=_NOTHING, new_substances=())
    return difference.to_json()


def _manifest_or_problem(found: FoundRelease) -> tuple[ReleaseManifest | None, str | None]:
    try:
        return read_release(found), None
    except LibraryError as error:
        return None, str(error).replace(str(found.store.path), "the store")


def _fingerprint(store: LibraryStore) -> str | None:
    try:
        return key_fingerprint(public_key_text(store.path))
    except LibraryError:
        return None


def _is_open(key: str, ledger: Ledger) -> bool:
    names = key.partition(":")[2].split("+")
    gone = (State.WITHDRAWN, State.DEPRECATED)
    return key not in ledger.decisions and all(
        each in ledger.standings and ledger.standings[each].state not in gone for each in names
    )


def _brief(standing: Standing) -> dict[str, Any]:
    row = standing.reference.row
    return {
        "reference_id": standing.reference.id,
        "substance": row.substance,
        "form": row.form,
        "technique": row.technique.value,
        "proposed_by": standing.proposer,
        "reason": standing.reason,
    }
