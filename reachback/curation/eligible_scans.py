"""Which scans of cases may become references: answered by a chemist, and confirmed by a laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication.service import AdjudicationService, deciding
from reachback.cases.models import Case, CaseState
from reachback.cases.service import CaseService
from reachback.clock import as_utc_text
from reachback.curation import repository
from reachback.curation.confirmed_scans import Confirmed, refusal
from reachback.db.session import Database
from reachback.intake.service import IntakeService

__all__ = ["EligibleScans"]


@dataclass(frozen=True, slots=True)
class EligibleScans:
    """Looks through the cases that a laboratory has confirmed."""

    database: Database
    cases: CaseService
    intake: IntakeService
    adjudication: AdjudicationService

    def page(self, principal: Principal, limit: int = 100) -> list[dict[str, Any]]:
        """Scans of the cases confirmed last, newest first; ``why_not`` is a sentence where one cannot be proposed."""
        with self.database.reading() as session:
            results = self.adjudication.latest_laboratory_results(session, limit)
            cases = {result.case_id: self.cases.get(session, result.case_id, principal) for result in results}
            confirmed = [case for case in cases.values() if case.state == CaseState.LAB_CONFIRMED]
            return [row for case in confirmed for row in self._rows(session, case)]

    def _rows(self, session: Session, case: Case) -> list[dict[str, Any]]:
        finding = deciding(self.adjudication.findings(session, case))
        confirmed = Confirmed(case, finding, self.adjudication.laboratory_results(session, case))
        result = confirmed.result
        rows = []
        for scan in self.intake.scans_of_case(session, case):
            proposal = repository.living_of_scan(session, scan.id)
            rows.append(
                {
                    "case_id": case.id,
                    "exhibit": case.exhibit,
                    "scan_id": scan.id,
                    "file": scan.file_name,
                    "received_at": as_utc_text(scan.received_at),
                    "components": [] if finding is None else finding.components,
                    "component": _component(confirmed),
                    "laboratory": None if result is None else result.laboratory,
                    "reference_number": None if result is None else result.reference_number,
                    "reported_at": None if result is None else as_utc_text(result.reported_at),
                    "why_not": refusal(confirmed, scan),
                    "reference_id": None if proposal is None else proposal.reference_id,
                }
            )
        return rows


def _component(confirmed: Confirmed) -> dict[str, Any] | None:
    """The one substance, as its reference would name it; None where there is not exactly one."""
    said = [] if confirmed.finding is None else confirmed.finding.components
    found = [] if confirmed.result is None else confirmed.result.components
    if len(said) != 1 or len(found) != 1:
        return None
    return {"substance": found[0]["substance"], "form": said[0].get("form") or found[0].get("form")}
