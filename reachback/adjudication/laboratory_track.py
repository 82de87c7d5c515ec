"""The confirmatory track: a referral with a clock of 24 hours, and a result that bears the answer out or refutes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication import repository
from reachback.adjudication.desk import Desk
from reachback.adjudication.finding_json import referral_as_json
from reachback.adjudication.laboratory_agreement import laboratory_agrees
from reachback.adjudication.models import Finding, LaboratoryResult, Referral
from reachback.cases.models import Case, CaseState
from reachback.problems import Conflict

__all__ = ["CONFIRM_WITHIN", "LaboratoryReport", "LaboratoryTrack"]

CONFIRM_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LaboratoryReport:
    """What a laboratory wrote."""

    laboratory: str
    technique: str
    components: Sequence[Mapping[str, str | None]]
    reported_at: datetime
    reference_number: str


@dataclass(frozen=True, slots=True)
class LaboratoryTrack:
    """Refers samples to laboratories, and takes their results."""

    desk: Desk

    def refer(self, case_id: str, laboratory: str, principal: Principal) -> dict[str, Any]:
        """Send the sample to a laboratory; its answer is due in 24 hours, whatever the case's own deadline."""
        desk = self.desk
        with desk.database.writing(principal.account_id, "case.laboratory_referral") as session:
            case = desk.cases.get(session, case_id, principal)
            if case.state == CaseState.WITHDRAWN:
                raise Conflict("the case is withdrawn; there is nothing to confirm any more")
            now = desk.clock.now()
            row = Referral(
                id=desk.chance.new_id(),
                case_id=case_id,
                laboratory=laboratory,
                referred_by=principal.account_id,
                referred_at=now,
                due_at=now + CONFIRM_WITHIN,
            )
            session.add(row)
            message = {"title": "A sample goes to a laboratory", "path": f"/cases/{case_id}"}
            desk.notify.tell(session, "case.laboratory_referral", case_id, case.unit, message)
            session.flush()
            return {"case": desk.cases.case_as_json(session, case, principal), "referral": referral_as_json(row)}

    def add_result(
        self, session: Session, case: Case, answered: Finding, report: LaboratoryReport, principal: Principal
    ) -> LaboratoryResult:
        """Write a result, measure whether it agrees with what was answered, and move the case accordingly."""
        desk = self.desk
        if case.state != CaseState.RELEASED:
            raise Conflict(f"the case is {case.state}; a laboratory's result belongs to an answer that was released")
        components = desk.known_substances().described(report.components)
        agrees = laboratory_agrees(answered.outcome, answered.components, components)
        referral = repository.open_referral(session, case.id)
        if referral is not None:
            referral.reported_at = report.reported_at
        row = LaboratoryResult(
            id=desk.chance.new_id(),
            case_id=case.id,
            referral_id=None if referral is None else referral.id,
            laboratory=report.laboratory,
            technique=report.technique,
            components=components,
            reported_at=report.reported_at,
            reference_number=report.reference_number,
            entered_by=principal.account_id,
            entered_at=desk.clock.now(),
            agrees=int(agrees),
        )
        session.add(row)
        desk.cases.move(session, case, CaseState.LAB_CONFIRMED if agrees else CaseState.LAB_REFUTED)
        session.flush()
        return row
