"""What a laboratory's result does to an answer: it confirms it, completes it, or corrects it before everyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication.finding_json import finding_as_json
from reachback.adjudication.laboratory_agreement import laboratory_agrees
from reachback.adjudication.laboratory_track import LaboratoryReport
from reachback.adjudication.models import Finding, FindingOutcome
from reachback.adjudication.service import deciding
from reachback.cases.models import Case, CaseState
from reachback.clock import as_utc_text
from reachback.problems import Conflict
from reachback.replies.content import AMENDMENT, CORRECTION
from reachback.replies.publication import Planned, Publisher
from reachback.replies.reply_desk import ReplyDesk

__all__ = ["Corrections"]

# Answers that said everything; the others are completed by what a laboratory finds.
CLOSED_OUTCOMES = frozenset({FindingOutcome.IDENTIFIED, FindingOutcome.MIXTURE})


@dataclass(frozen=True, slots=True)
class Corrections:
    """Takes laboratory results."""

    desk: ReplyDesk
    publisher: Publisher

    def take(self, case_id: str, report: LaboratoryReport, principal: Principal) -> dict[str, Any]:
        """Enter a result; where it tells the officer anything new, a new version goes to everyone answered."""
        with self.desk.database.reading() as session:
            answered = self._answered(session, self.desk.cases.get(session, case_id, principal))
        laboratory = self._measured(answered, report)
        if laboratory["agrees"] and answered.outcome in CLOSED_OUTCOMES:
            return self._confirm(case_id, report, principal)

        def plan(session: Session, case: Case) -> Planned:
            now_answered = self._answered(session, case)
            if now_answered.id != answered.id:
                raise Conflict("the answer was amended just now; look at it and enter the result again")
            kind = AMENDMENT if laboratory["agrees"] else CORRECTION
            return Planned(kind, finding_as_json(answered), laboratory=laboratory)

        def write(session: Session, case: Case, _at: datetime) -> str:
            self.desk.adjudication.laboratory.add_result(session, case, answered, report, principal)
            return answered.id

        sent = self.publisher.publish(case_id, principal, "case.laboratory_result", plan, write)
        return {**sent, "agrees": laboratory["agrees"]}

    def compare(self, case_id: str, report: LaboratoryReport, principal: Principal) -> dict[str, Any]:
        """What entering this result would do, without doing it: ``agrees``, and ``sends``, the new version's kind."""
        with self.desk.database.reading() as session:
            answered = self._answered(session, self.desk.cases.get(session, case_id, principal))
        agrees = bool(self._measured(answered, report)["agrees"])
        if not agrees:
            return {"agrees": False, "sends": CORRECTION}
        return {"agrees": True, "sends": None if answered.outcome in CLOSED_OUTCOMES else AMENDMENT}

    def _measured(self, answered: Finding, report: LaboratoryReport) -> dict[str, Any]:
        components = self.desk.adjudication.desk.known_substances().described(report.components)
        return {
            "laboratory": report.laboratory,
            "technique": report.technique,
            "reference_number": report.reference_number,
            "reported_at": as_utc_text(report.reported_at),
            "components": components,
            "agrees": laboratory_agrees(answered.outcome, answered.components, components),
        }

    def _confirm(self, case_id: str, report: LaboratoryReport, principal: Principal) -> dict[str, Any]:
        desk = self.desk
        with desk.database.writing(principal.account_id, "case.laboratory_result") as session:
            case = desk.cases.get(session, case_id, principal)
            result = desk.adjudication.laboratory.add_result(
                session, case, self._answered(session, case), report, principal
            )
            if not result.agrees:
                raise Conflict("the answer was amended just now; look at it and enter the result again")
            message = {"title": "A laboratory has confirmed an answer", "path": f"/cases/{case_id}"}
            told = desk.adjudication.answered_accounts(session, case)
            desk.notify.tell(session, "case.laboratory_result", case_id, case.unit, message, told)
            session.flush()
            return {"case": desk.cases.case_as_json(session, case, principal), "reply": None, "agrees": True}

    def _answered(self, session: Session, case: Case) -> Finding:
        """What was released; a laboratory's result belongs to nothing else."""
        if case.state != CaseState.RELEASED:
            raise Conflict(
                f"the case is {case.state}; a laboratory's result belongs to a released answer", state=case.state
            )
        found = deciding(self.desk.adjudication.findings(session, case))
        if found is None:
            raise Conflict("nobody has read this case", state=case.state)
        return found
