"""Samples at laboratories: what waits for a result and how long it may, and what was reported last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reachback.accounts.rights import Principal
from reachback.adjudication import repository
from reachback.adjudication.desk import Desk
from reachback.adjudication.finding_json import referral_as_json, result_as_json
from reachback.cases.models import Case, CaseState

__all__ = ["ReferralList"]


@dataclass(frozen=True, slots=True)
class ReferralList:
    """Reads the confirmatory track over all cases."""

    desk: Desk

    def open(self, principal: Principal, limit: int = 200) -> list[dict[str, Any]]:
        """Referrals without a result, earliest due first; those of withdrawn cases wait for nothing any more."""
        with self.desk.database.reading() as session:
            rows = []
            for referral in repository.open_referrals(session, limit):
                case = self.desk.cases.get(session, referral.case_id, principal)
                if case.state != CaseState.WITHDRAWN:
                    rows.append({**_case(case), **referral_as_json(referral)})
            return rows

    def latest_results(self, principal: Principal, limit: int = 20) -> list[dict[str, Any]]:
        """Results entered last, newest first."""
        with self.desk.database.reading() as session:
            return [
                {**_case(self.desk.cases.get(session, result.case_id, principal)), **result_as_json(result)}
                for result in repository.latest_results(session, limit)
            ]

    def of_case(self, case_id: str, principal: Principal) -> dict[str, Any]:
        """A case's referrals and results, in the order in which they came."""
        with self.desk.database.reading() as session:
            case = self.desk.cases.get(session, case_id, principal)
            return {
                **_case(case),
                "referrals": [referral_as_json(each) for each in repository.referrals_of(session, case_id)],
                "results": [result_as_json(each) for each in repository.laboratory_results_of(session, case_id)],
            }

    def substances(self) -> list[str]:
        """Names that the library in use knows, for a list to choose from."""
        return sorted(self.desk.known_substances().spellings.values(), key=str.casefold)


def _case(case: Case) -> dict[str, Any]:
    """What says which case it is, and whether it was answered; nothing of what anybody found in it."""
    return {"case_id": case.id, "exhibit": case.exhibit, "unit": case.unit, "state": str(case.state)}
