"""The answer and its later versions: released once it is found, preliminary where the second reader stays away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication.finding_json import finding_as_json
from reachback.adjudication.models import Finding, Reading
from reachback.adjudication.readings import Statement
from reachback.adjudication.second_reading import refuse_preliminary
from reachback.adjudication.service import deciding
from reachback.cases.models import Case, CaseState
from reachback.cases.states import ANSWERED
from reachback.problems import Conflict
from reachback.replies import repository
from reachback.replies.content import AMENDMENT, ANSWER, PRELIMINARY
from reachback.replies.publication import Planned, Publisher
from reachback.replies.reply_desk import ReplyDesk

__all__ = ["Releases"]


@dataclass(frozen=True, slots=True)
class Releases:
    """Releases and amends answers."""

    desk: ReplyDesk
    publisher: Publisher

    def release(self, case_id: str, principal: Principal) -> dict[str, Any]:
        """Send the answer to the officer; from minute 45 on, a preliminary one before the second reading."""
        return self.publisher.publish(case_id, principal, "case.release", self._plan_release, self._write_release)

    def amend(self, case_id: str, said: Statement, principal: Principal, because: str | None = None) -> dict[str, Any]:
        """A new version of what was released, and why; every earlier one stays as it is."""
        adjudication = self.desk.adjudication
        components = adjudication.desk.known_substances().described(said.components)
        told = {
            "outcome": said.outcome,
            "components": components,
            "comment": said.comment,
            "confidence": said.confidence_words,
            "evidence_used": None if said.evidence_used is None else list(said.evidence_used),
            "amended_because": because,
        }

        def plan(_session: Session, case: Case) -> Planned:
            if case.state not in ANSWERED:
                raise Conflict(f"the case is {case.state}; only what was released can be amended", state=case.state)
            return Planned(AMENDMENT, told, [principal.name])

        def write(session: Session, case: Case, _at: datetime) -> str:
            case.outcome = said.outcome
            return adjudication.readings.add_finding(session, case, Reading.AMENDMENT, said, components, principal).id

        return self.publisher.publish(case_id, principal, "case.amend", plan, write)

    def _plan_release(self, session: Session, case: Case) -> Planned:
        findings = self.desk.adjudication.findings(session, case)
        found = deciding(findings)
        if case.state == CaseState.SECOND_READ:
            self._refuse_preliminary(session, case)
        elif case.state != CaseState.FOUND:
            raise Conflict(f"the case is {case.state}; an answer is released once it is found", state=case.state)
        if found is None:
            raise Conflict("nobody has read this case", state=case.state)
        names = [self.desk.accounts.name_of(session, finding.account_id) for finding in findings]
        return Planned(self._kind(session, case), finding_as_json(found), names, agreed=_agreed(findings))

    def _refuse_preliminary(self, session: Session, case: Case) -> None:
        is_being_read = self.desk.cases.lease_of(session, case.id) is not None
        refusal = refuse_preliminary(case.opened_at, self.desk.clock.now(), is_being_read)
        if case.preliminary_at is not None:
            refusal = "the preliminary answer is out already; the next version follows the second reading"
        if refusal is not None:
            raise Conflict(refusal, state=case.state)

    def _kind(self, session: Session, case: Case) -> str:
        if case.state == CaseState.SECOND_READ:
            return PRELIMINARY
        return AMENDMENT if repository.replies_of(session, case.id) else ANSWER

    def _write_release(self, session: Session, case: Case, at: datetime) -> str:
        found = deciding(self.desk.adjudication.findings(session, case))
        assert found is not None  # noqa: S101 – the plan has refused that
        case.outcome = found.outcome
        if case.state == CaseState.FOUND:
            self.desk.cases.move(session, case, CaseState.RELEASED)
            case.released_at = at
        else:
            case.preliminary_at = at
        return found.id


def _agreed(findings: Sequence[Finding]) -> bool:
    """Whether the second reader found the same: otherwise a third has decided."""
    readings = {finding.reading for finding in findings}
    return Reading.SECOND in readings and Reading.THIRD not in readings
