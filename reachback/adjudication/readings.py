"""The readings of a case: first impression, first finding, the blind second one, and the third that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication import repository
from reachback.adjudication.agreement import same_finding
from reachback.adjudication.desk import Desk
from reachback.adjudication.evidence import ScanRecord, scan_as_evidence
from reachback.adjudication.finding_json import finding_as_json, impression_as_json, question_as_json
from reachback.adjudication.models import Finding, Reading
from reachback.adjudication.second_reading import MachineView, second_reader_due
from reachback.cases.blind_reading import WITHHELD
from reachback.cases.models import Case, CaseState
from reachback.cases.reading_rules import who_reads
from reachback.clock import as_utc_text
from reachback.exhibit_fusion import fuse_stored, strips_of
from reachback.fusion_json import fusion_as_json
from reachback.problems import Conflict

__all__ = ["Readings", "Statement"]

READ_IN = {
    Reading.FIRST: CaseState.CLAIMED,
    Reading.SECOND: CaseState.SECOND_READ,
    Reading.THIRD: CaseState.THIRD_READ,
}
NEXT = {
    CaseState.FOUND: ("case.to_be_released", "A case is read and can be released"),
    CaseState.SECOND_READ: ("case.second_reader_due", "A case waits for a second reader"),
    CaseState.THIRD_READ: ("case.third_reader_due", "A case waits for a third reader"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a reader says: outcome, components as named, and why."""

    outcome: str
    components: Sequence[Mapping[str, str | None]]
    comment: str
    confidence_words: str | None = None
    evidence_used: Sequence[str] | None = None

    def as_draft(self) -> dict[str, Any]:
        """The same as it was typed."""
        return {
            "outcome": str(self.outcome),
            "components": [dict(part) for part in self.components],
            "comment": self.comment,
            "confidence": self.confidence_words,
            "evidence_used": None if self.evidence_used is None else list(self.evidence_used),
        }


@dataclass(frozen=True, slots=True)
class Readings:
    """Takes what chemists read, each in its turn and under its lease."""

    desk: Desk

    def record_first_impression(
        self, case_id: str, lease_token: str, text: str, principal: Principal
    ) -> dict[str, Any]:
        """Keep what a reader saw before anything was suggested to him; it can be written once."""
        desk = self.desk
        with (
            desk.keeping_draft(case_id, principal, {"first_impression": text}),
            desk.database.writing(principal.account_id, "case.first_impression") as session,
        ):
            case = desk.cases.check_lease(session, case_id, lease_token, principal.account_id, READ_IN.values())
            row = desk.cases.add_impression(session, case, text, principal)
            return {"case_id": case_id, "text": text, "at": as_utc_text(row.at)}

    def record(
        self, reading: Reading, case_id: str, lease_token: str, said: Statement, principal: Principal
    ) -> dict[str, Any]:
        """Take one reading; the case is then found, or waits for the next reader."""
        desk = self.desk
        body = {"reading": str(reading), **said.as_draft()}
        substances = desk.known_substances()
        with (
            desk.keeping_draft(case_id, principal, body),
            desk.database.writing(principal.account_id, f"case.{reading}_reading") as session,
        ):
            case = desk.cases.check_lease(session, case_id, lease_token, principal.account_id, {READ_IN[reading]})
            refusal = who_reads(case, principal, reading)
            if refusal is not None:
                raise Conflict(refusal)
            finding = self.add_finding(session, case, reading, said, substances.described(said.components), principal)
            second_reader = self._move_on(session, case, finding)
            session.flush()
            shown = finding_as_json(finding)
            return {"case": desk.cases.case_as_json(session, case, principal), "finding": shown} | second_reader

    def add_finding(
        self,
        session: Session,
        case: Case,
        reading: Reading,
        said: Statement,
        components: list[dict[str, Any]],
        principal: Principal,
    ) -> Finding:
        """Write a reading as the case's next version; nothing is ever written over."""
        findings = repository.findings_of(session, case.id)
        finding = Finding(
            id=self.desk.chance.new_id(),
            case_id=case.id,
            version=len(findings) + 1,
            reading=reading,
            account_id=principal.account_id,
            outcome=said.outcome,
            components=components,
            comment=said.comment,
            confidence_words=said.confidence_words,
            evidence_used=None if said.evidence_used is None else list(said.evidence_used),
            at=self.desk.clock.now(),
        )
        session.add(finding)
        session.flush()
        return finding

    def evidence(self, case_id: str, principal: Principal) -> dict[str, Any]:
        """What this reader may see now."""
        desk = self.desk
        with desk.database.reading() as session:
            case = desk.cases.get(session, case_id, principal)
            impressions = desk.cases.impressions(session, case_id)
            findings = repository.findings_of(session, case_id)
            view = desk.cases.view(session, case, principal)
            own = [row for row in findings if view.findings or row.account_id == principal.account_id]
            own_impressions = [row for row in impressions if view.findings or row.account_id == principal.account_id]
            scans = desk.scans.scans_of_case(session, case_id)
            return {
                "case": desk.cases.case_as_json(session, case, principal),
                "unfolded": view.suspicions,
                "to_unfold": None if view.suspicions else WITHHELD,
                "scans": [scan_as_evidence(scan, view.suspicions) for scan in scans],
                "fusion": self._fused(scans) if view.suspicions else None,
                "questions": [
                    question_as_json(row)
                    for row in repository.questions_of(session, case_id)
                    # What another reader asked tells what he thinks.
                    if view.suspicions or row.asked_by == principal.account_id
                ],
                "first_impressions": [impression_as_json(row) for row in own_impressions],
                "findings": [finding_as_json(row) for row in own],
                "findings_hidden": len(findings) > len(own),
            }

    def _fused(self, scans: Sequence[ScanRecord]) -> dict[str, Any] | None:
        """What all scans and strips say together; None where there is nothing to join."""
        held = self.desk.known_substances().held
        strips = strips_of(scan.form for scan in scans)
        return fusion_as_json(fuse_stored([scan.identifications or () for scan in scans], strips, held))

    def _move_on(self, session: Session, case: Case, finding: Finding) -> dict[str, Any]:
        """Where a case goes after a reading, and why."""
        desk = self.desk
        because: str | None = None
        if finding.reading == Reading.FIRST:
            case.finder_id = finding.account_id
            because = self._second_reader_due(session, case, finding)
            to = CaseState.SECOND_READ if because else CaseState.FOUND
        elif finding.reading == Reading.SECOND:
            case.second_reader_id = finding.account_id
            first = next(row for row in repository.findings_of(session, case.id) if row.reading == Reading.FIRST)
            agreed = same_finding(first.outcome, first.components, finding.outcome, finding.components)
            to = CaseState.FOUND if agreed else CaseState.THIRD_READ
            because = None if agreed else "the two findings differ"
        else:
            to = CaseState.FOUND
        desk.cases.move(session, case, to)
        kind, title = NEXT[to]
        desk.notify.tell(session, kind, case.id, case.unit, {"title": title, "path": f"/cases/{case.id}"})
        return {"next_reader_because": because}

    def _second_reader_due(self, session: Session, case: Case, finding: Finding) -> str | None:
        scans = self.desk.scans.scans_of_case(session, case.id)
        machine = MachineView.of(element for scan in scans for element in scan.identifications or ())
        draw = self.desk.chance.draw()
        return second_reader_due(finding.components, machine, draw, self.desk.settings.second_read_share)
