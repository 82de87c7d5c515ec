"""References that grow from cases: proposed with their chain of evidence, withdrawn where the confirmation is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from library.importers.source import Identity
from library.model import OpenLibrary
from reachback.accounts.rights import Principal
from reachback.adjudication.service import AdjudicationService, deciding
from reachback.audit.service import AuditService
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock, as_utc_text
from reachback.curation import repository
from reachback.curation.case_folder import write_case_folder
from reachback.curation.confirmed_scans import (
    Confirmed,
    broken_confirmation,
    evidence_of,
    refusal,
    same_substance,
)
from reachback.curation.models import CaseReference, CaseReferenceState
from reachback.curation.reference_proposals import ReferenceProposals
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake.models import Scan
from reachback.intake.schemas import stated_of
from reachback.intake.service import IntakeService
from reachback.jobs.sweeps import Sweep
from reachback.problems import Conflict, NotFound, Problem, Unprocessable
from spectra.reference import ReferenceEntry

__all__ = ["CurationService", "SubstanceStated", "curation_sweeps"]


@dataclass(frozen=True, slots=True)
class SubstanceStated:
    """What a librarian states of a substance that the library in use does not know."""

    inchikey: str | None = None
    cas: str | None = None
    substance_class: str | None = None
    controlled: bool | None = None
    watch: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """Everything a proposal needs, read in one moment."""

    scan: Scan
    identity: Identity
    evidence: dict[str, Any]
    finding_id: str
    result_id: str


@dataclass(frozen=True, slots=True)
class CurationService:
    """What laboratories learn from cases."""

    database: Database
    clock: Clock
    chance: Chance
    cases: CaseService
    intake: IntakeService
    adjudication: AdjudicationService
    audit: AuditService
    files: FileStore
    library: Callable[[], OpenLibrary]
    proposals: ReferenceProposals

    def propose(
        self, case_id: str, scan_id: str | None, stated: SubstanceStated, principal: Principal
    ) -> tuple[dict[str, Any], bool]:
        """Propose a confirmed scan as a reference; false where the very same was proposed before.

        The library takes it in before the row is written: a crash in between is made good by asking again, since the
        same reference twice is the same reference.
        """
        known = self.library()
        with self.database.reading() as session:
            case = self.cases.get(session, case_id, principal)
            scan = self._scan(session, case, scan_id)
            before = repository.living_of_scan(session, scan.id)
            if before is not None:
                return _as_json(before), False
            ready = self._ready(session, case, scan, stated, known)
        at = self.clock.now()
        with tempfile.TemporaryDirectory(prefix="reachback-reference-") as place:
            folder = Path(place) / f"case-{case_id}"
            folder.mkdir()
            write_case_folder(
                folder, ready.identity, self._content(scan), scan.file_name, stated_of(scan.form), ready.evidence
            )
            made = self.proposals.propose(folder, principal.name, as_utc_text(at))
        with self.database.writing(principal.account_id, "reference.propose") as session:
            self.cases.get(session, case_id, principal)  # held: of two who ask at once, the second finds the first's
            before = repository.living_of_scan(session, scan.id)
            if before is not None:
                return _as_json(before), False
            row = CaseReference(
                id=self.chance.new_id(),
                case_id=case_id,
                scan_id=scan.id,
                finding_id=ready.finding_id,
                laboratory_result_id=ready.result_id,
                reference_id=made.reference_id,
                substance={"substance": ready.identity.name, "form": ready.identity.form},
                evidence=ready.evidence,
                state=CaseReferenceState.PROPOSED,
                proposed_by=principal.account_id,
                proposed_at=at,
            )
            session.add(row)
            session.flush()
            return {**_as_json(row), "remarks": list(made.remarks)}, True

    def known_entry(self, component: Mapping[str, Any]) -> ReferenceEntry | None:
        """What the library in use knows of a component, as a proposal takes its identity from there."""
        return _known_entry(component, self.library())

    def withdraw(self, case_reference_id: str, because: str, principal: Principal) -> dict[str, Any]:
        """Take a proposal back, here and in the library."""
        return self._withdraw(case_reference_id, because, principal.account_id, principal.name)

    def withdraw_unconfirmed(self) -> int:
        """Withdraw every reference whose confirmation does not hold any more; the number of them."""
        with self.database.reading() as session:
            broken = [
                (row.id, reason)
                for row in repository.living(session)
                if (reason := self._broken(session, row)) is not None
            ]
        for case_reference_id, reason in broken:
            self._withdraw(case_reference_id, reason, "clock", "reach-back service")
        return len(broken)

    def list_proposals(self, limit: int = 100) -> list[dict[str, Any]]:
        """References that grew from cases, newest first."""
        with self.database.reading() as session:
            return [_as_json(row) for row in repository.page(session, limit)]

    # -- parts -------------------------------------------------------------------------------------------------------

    def _withdraw(self, case_reference_id: str, because: str, actor: str, name: str) -> dict[str, Any]:
        with self.database.reading() as session:
            row = repository.find(session, case_reference_id)
            if row is None:
                raise NotFound("there is no such proposal")
            reference_id, is_living = row.reference_id, row.state == CaseReferenceState.PROPOSED
        if not is_living:
            raise Conflict("this proposal is withdrawn already")
        # The library first: a crash in between leaves a row that the next round withdraws again, and it stays gone.
        self.proposals.withdraw(reference_id, name, as_utc_text(self.clock.now()), because)
        with self.database.writing(actor, "reference.withdraw") as session:
            row = repository.find(session, case_reference_id)
            assert row is not None  # noqa: S101 – rows are never deleted
            if row.state == CaseReferenceState.PROPOSED:
                row.state = CaseReferenceState.WITHDRAWN
                row.withdrawn_at, row.withdrawn_because = self.clock.now(), because
            session.flush()
            return _as_json(row)

    def _broken(self, session: Session, row: CaseReference) -> str | None:
        case = self.cases.find(session, row.case_id)
        return None if case is None else broken_confirmation(self._confirmed(session, case), row.finding_id)

    def _confirmed(self, session: Session, case: Case) -> Confirmed:
        finding = deciding(self.adjudication.findings(session, case))
        return Confirmed(case, finding, self.adjudication.laboratory_results(session, case))

    def _scan(self, session: Session, case: Case, scan_id: str | None) -> Scan:
        scans = self.intake.scans_of_case(session, case)
        if scan_id is None and len(scans) > 1:
            raise Unprocessable("scan_id: the case has several scans; say which of them is the reference")
        found = [scan for scan in scans if scan_id in (None, scan.id)]
        if not found:
            raise NotFound("the case has no such scan")
        return found[0]

    def _ready(self, session: Session, case: Case, scan: Scan, stated: SubstanceStated, known: OpenLibrary) -> _Ready:
        confirmed = self._confirmed(session, case)
        reason = refusal(confirmed, scan)
        if reason is not None or confirmed.finding is None or confirmed.result is None:
            raise Conflict(reason or "nothing was confirmed", state=case.state)
        finding, result = confirmed.finding, confirmed.result
        tables = (("scans", scan.id), ("findings", finding.id), ("laboratory_results", result.id))
        indices = {table: self.audit.last_index(session, table, row_id) for table, row_id in tables}
        form = finding.components[0].get("form") or result.components[0].get("form")
        component = {"substance": result.components[0]["substance"], "form": form}
        source = f"case {case.id}, confirmed by {result.laboratory}, {result.reference_number}"
        identity = _identity(component, source, stated, known)
        return _Ready(scan, identity, evidence_of(confirmed, scan, indices), finding.id, result.id)

    def _content(self, scan: Scan) -> bytes:
        try:
            return self.files.read(scan.sha256)
        except (OSError, ValueError) as error:
            raise Problem("the stored file is missing or no longer what was uploaded; run 'audit verify'") from error


def curation_sweeps(curation: CurationService) -> list[Sweep]:
    """What curation has done again and again."""
    return [Sweep("curation.confirmations", curation.withdraw_unconfirmed)]


def _identity(component: Mapping[str, Any], source: str, stated: SubstanceStated, known: OpenLibrary) -> Identity:
    """The substance as the library in use knows it; what that leaves open has to be stated."""
    entry = _known_entry(component, known)
    # The numbers of a salt are not those of its base: they are taken only for the very form that was found.
    same_form = entry if entry is not None and entry.form == component["form"] else None
    identity = Identity(
        name=entry.substance if entry else str(component["substance"]),
        form=component["form"],  # a salt and its base differ: no form is claimed that nobody found
        cas=stated.cas or (same_form.cas if same_form else None),
        inchikey=stated.inchikey or (same_form.inchikey if same_form else None),
        substance_class=stated.substance_class or (entry.substance_class if entry else None),
        controlled=entry.controlled if entry else stated.controlled,
        watch=entry.watch if entry else stated.watch,
        schedules=";".join(f"{place}:{schedule}" for place, schedule in entry.schedules) if entry else "",
        source=source,
        licence="measured by this service's own units",
    )
    if identity.controlled is None:
        raise Unprocessable(
            "controlled: the library in use does not know it; state whether it is a controlled substance"
        )
    if not (identity.inchikey or identity.cas):
        raise Unprocessable(
            "inchikey: the library in use knows no identity of this substance in this form; state an InChIKey or a CAS"
            " number"
        )
    return identity


def _known_entry(component: Mapping[str, Any], known: OpenLibrary) -> ReferenceEntry | None:
    """An entry of the same substance, of the same form where there is one."""
    entries = [entry for references in known.sets.values() for entry in references.entries]
    name = str(component["substance"]).casefold()
    named = [entry for entry in entries if entry.substance.casefold() == name]
    fitting = [e for e in named if same_substance({"substance": e.substance, "form": e.form}, component)]
    return next(iter(fitting), None)


def _as_json(row: CaseReference) -> dict[str, Any]:
    return {
        "proposal_id": row.id,
        "case_id": row.case_id,
        "scan_id": row.scan_id,
        "reference_id": row.reference_id,
        "substance": row.substance,
        "evidence": row.evidence,
        "state": row.state,
        "proposed_by": row.proposed_by,
        "proposed_at": as_utc_text(row.proposed_at),
        "withdrawn_at": None if row.withdrawn_at is None else as_utc_text(row.withdrawn_at),
        "withdrawn_because": row.withdrawn_because,
    }
