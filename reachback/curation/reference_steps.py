"""What a librarian does with references, each step one event of the store's own signed journal, or none.

Proposing from a file, proposing a draft as it is, taking references out, settling findings – one or many at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from library.errors import LibraryError
from library.importers.conflicts import Named
from library.importers.folder_writing import keep_references, manifest_csv, write_text_safely
from library.importers.known_substances import Resolved
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member
from library.ledger import State
from library.manifest import MANIFEST_NAME
from library.model import ManifestRow, OpenLibrary
from library.proposals import ProposalReport, propose_drafts, propose_folder
from library.store import settle, withdraw
from reachback.accounts.rights import Principal
from reachback.clock import Clock, as_utc_text
from reachback.curation import repository
from reachback.curation.models import CaseReferenceState
from reachback.curation.reference_bench import ReferenceBench
from reachback.curation.reference_catalogue import GONE
from reachback.curation.stated_reference import StatedReference, field_problem, stated_reference
from reachback.db.session import Database
from reachback.problems import Conflict, Unprocessable
from spectra.reference import ReferenceEntry

__all__ = ["ReferenceSteps", "chosen_spectrum"]


@dataclass(frozen=True, slots=True)
class ReferenceSteps:
    """Steps of a librarian in the store that ``bench`` looks at."""

    database: Database
    clock: Clock
    bench: ReferenceBench
    library: Callable[[], OpenLibrary]

    def propose_file(
        self, name: str, content: bytes, fields: Mapping[str, str], principal: Principal
    ) -> dict[str, Any]:
        """Propose one spectrum of a file; Unprocessable says in ``fields`` what is wrong where.

        ``state`` is ``proposed``, ``draft`` (``remarks`` say which check keeps it) or ``known``.
        """
        store = self.bench.catalogue.store()
        said = stated_reference(fields, self.known_of)
        found = chosen_spectrum(name, content, said)
        with tempfile.TemporaryDirectory(prefix="reachback-reference-") as place:
            folder = Path(place) / "uploaded file"
            folder.mkdir()
            _write_folder(folder, Member(name, content), found, said.identity)
            at = as_utc_text(self.clock.now())
            try:
                report = propose_folder(store, folder, principal.name, at)
            except LibraryError as error:
                raise field_problem("file", f"the library refuses it: {error}") from None
        return _proposed(report)

    def propose_drafts(self, reference_ids: Sequence[str], because: str, principal: Principal) -> list[str]:
        """Propose drafts as they are, for a reason that the reviewer reads."""
        now = as_utc_text(self.clock.now())
        self._do(lambda: propose_drafts(self.bench.catalogue.store(), reference_ids, principal.name, now, because))
        return list(reference_ids)

    def take_out(
        self, reference_ids: Sequence[str], because: str, successor: str | None, principal: Principal
    ) -> list[str]:
        """Deprecate what was released, withdraw what was not; a proposal that grew from a case falls with it."""
        now = self.clock.now()
        store, at = self.bench.catalogue.store(), as_utc_text(now)
        self._do(lambda: withdraw(store, reference_ids, principal.name, at, because, successor))
        with self.database.writing(principal.account_id, "reference.withdraw") as session:
            for row in repository.living_of_references(session, reference_ids):
                row.state, row.withdrawn_at, row.withdrawn_because = CaseReferenceState.WITHDRAWN, now, because
        return list(reference_ids)

    def settle(self, keys: Sequence[str], because: str, principal: Principal) -> list[str]:
        """Decide that conflicts may stand; all of them by one event, or none. Conflict where one is not open."""
        waiting = {each["key"] for each in self.bench.open_conflicts()[0]}
        gone = [key for key in keys if key not in waiting]
        if gone:
            raise Conflict(f"the conflict {gone[0]} does not wait for a decision any more; look at the list again")
        now = as_utc_text(self.clock.now())
        self._do(lambda: settle(self.bench.catalogue.store(), list(keys), principal.name, now, because))
        return list(keys)

    def known_of(self, substance: str, form: str | None) -> ManifestRow | ReferenceEntry | None:
        """What the store, else the library in use, holds of a substance in a form; what nobody reviewed counts not."""

        def fits(each: ManifestRow | ReferenceEntry) -> bool:
            named = each.substance.casefold() == substance.casefold()
            return named and (each.form or "").casefold() == (form or "").casefold()

        ledger = self.bench.catalogue.now().ledger
        rows: list[ManifestRow | ReferenceEntry] = [
            each.reference.row for each in ledger.of_state(State.REVIEWED, State.RELEASED)
        ]
        rows += [entry for references in self.library().sets.values() for entry in references.entries]
        return next(filter(fits, rows), None)

    def names(self) -> list[str]:
        """Substances that the store or the library in use knows, for a list to choose from."""
        ledger = self.bench.catalogue.now().ledger
        known = {each.reference.row.substance for each in ledger.standings.values() if each.state not in GONE}
        known |= {entry.substance for references in self.library().sets.values() for entry in references.entries}
        return sorted(known, key=str.casefold)

    def _do(self, step: Callable[[], object]) -> None:
        try:
            step()
        except LibraryError as error:
            raise Conflict(str(error)) from None


def chosen_spectrum(name: str, content: bytes, said: StatedReference) -> Found:
    """The spectrum of the file that is to be the reference."""
    member = Member(name, content)
    try:
        read = read_member(member, said.stated, lambda recording: said.identity)
    except ValueError as error:
        raise field_problem("file", str(error)) from None
    usable = [each for each in read if isinstance(each, Found)]
    if not usable:
        reasons = "; ".join(dict.fromkeys(each.reason for each in read if isinstance(each, LeftOut)))
        raise field_problem("file", f"{name} cannot be a reference: {reasons or 'it holds no spectrum'}")
    if said.recording is None and len(usable) > 1:
        raise field_problem("recording", f"the file holds {len(usable)} spectra; write which of them it is, from 1")
    number = 0 if said.recording is None else said.recording - 1
    chosen = usable[0] if said.recording is None else next((each for each in usable if each.index == number), None)
    if chosen is None:
        numbers = ", ".join(str(each.index + 1) for each in usable[:20])
        raise field_problem("recording", f"the file has no such spectrum that can be used; those that can: {numbers}")
    return replace(chosen, details={**chosen.details, **said.details})


def _write_folder(folder: Path, member: Member, found: Found, identity: Identity) -> None:
    kept = keep_references(folder, member, [found])
    named = [Named(each.reference, Resolved(identity, identity.name, status_said=True), each.content) for each in kept]
    write_text_safely(folder / MANIFEST_NAME, manifest_csv(kept, named, ()))


def _proposed(report: ProposalReport) -> dict[str, Any]:
    if report.proposed:
        return {"reference_id": report.proposed[0], "state": "proposed", "remarks": []}
    if report.drafts:
        return {"reference_id": report.drafts[0][0], "state": "draft", "remarks": [why for _, why in report.drafts]}
    if report.known:
        return {"reference_id": report.known[0], "state": "known", "remarks": []}
    reasons = "; ".join(refused.reason for refused in report.refused)
    if not reasons:
        raise Unprocessable("the library found no reference in it")
    raise field_problem("file", f"the library refuses it: {reasons}")
