"""A question back to the officer, and the answer: the deadline stays, the waiting has its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reachback.accounts.rights import Principal
from reachback.adjudication import repository
from reachback.adjudication.desk import Desk
from reachback.adjudication.finding_json import question_as_json
from reachback.adjudication.models import OfficerQuestion
from reachback.cases.models import CaseState
from reachback.problems import Conflict

__all__ = ["OfficerQuestions"]


@dataclass(frozen=True, slots=True)
class OfficerQuestions:
    """Asks the officer, and takes the answer."""

    desk: Desk

    def ask(self, case_id: str, lease_token: str, question: str, principal: Principal) -> dict[str, Any]:
        """Put a question; the case waits for the officer, and its reader keeps it."""
        desk = self.desk
        with (
            desk.keeping_draft(case_id, principal, {"question": question}),
            desk.database.writing(principal.account_id, "case.ask_officer") as session,
        ):
            case = desk.cases.check_lease(session, case_id, lease_token, principal.account_id, {CaseState.CLAIMED})
            row = OfficerQuestion(
                id=desk.chance.new_id(),
                case_id=case_id,
                asked_by=principal.account_id,
                question=question,
                asked_at=desk.clock.now(),
            )
            session.add(row)
            desk.cases.move(session, case, CaseState.AWAITING_OFFICER)
            message = {"title": "A chemist has a question about a scan", "path": f"/cases/{case_id}"}
            officers = desk.answered_accounts(session, case)
            desk.notify.tell(session, "case.question", case_id, case.unit, message, officers)
            session.flush()
            return {"case": desk.cases.case_as_json(session, case, principal), "question": question_as_json(row)}

    def answer(self, case_id: str, answer: str, principal: Principal) -> dict[str, Any]:
        """Answer the oldest open question; a case that waited for it goes on, with its reader if he still holds it."""
        desk = self.desk
        with desk.database.writing(principal.account_id, "case.officer_answer") as session:
            case = desk.cases.get(session, case_id, principal)
            row = next((row for row in repository.questions_of(session, case_id) if row.answered_at is None), None)
            if row is None:
                raise Conflict("no question of this case is waiting for an answer")
            row.answered_by, row.answer, row.answered_at = principal.account_id, answer, desk.clock.now()
            if case.state == CaseState.AWAITING_OFFICER:
                is_held = desk.cases.lease_of(session, case_id) is not None
                desk.cases.move(session, case, CaseState.CLAIMED if is_held else CaseState.QUEUED)
            message = {"title": "The officer has answered a question", "path": f"/cases/{case_id}"}
            desk.notify.tell(session, "case.officer_answer", case_id, case.unit, message, [row.asked_by])
            session.flush()
            return {"case": desk.cases.case_as_json(session, case, principal), "question": question_as_json(row)}

    def of_case(self, case_id: str, principal: Principal) -> list[dict[str, Any]]:
        """Questions of a case; what another reader asked is shown after one's own first impression."""
        with self.desk.database.reading() as session:
            case = self.desk.cases.get(session, case_id, principal)
            unfolded = self.desk.cases.view(session, case, principal).suspicions
            rows = repository.questions_of(session, case_id)
            return [question_as_json(row) for row in rows if unfolded or row.asked_by == principal.account_id]
