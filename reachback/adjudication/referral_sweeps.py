"""The laboratory's own clock: a referral that has no result after 24 hours is told of once."""

from __future__ import annotations

from dataclasses import dataclass

from reachback.adjudication import repository
from reachback.adjudication.desk import Desk
from reachback.adjudication.service import AdjudicationService
from reachback.jobs.sweeps import Sweep

__all__ = ["ReferralClock", "adjudication_sweeps"]


@dataclass(frozen=True, slots=True)
class ReferralClock:
    """Notes overdue referrals; any number of processes may run it at once."""

    desk: Desk

    def run_once(self) -> int:
        """Tell of every referral that has become overdue; the number of them."""
        with self.desk.database.reading() as session:
            overdue = repository.overdue_referrals(session, self.desk.clock.now())
        return sum(self._tell(referral.id) for referral in overdue)

    def _tell(self, referral_id: str) -> bool:
        now = self.desk.clock.now()
        with self.desk.database.writing("clock", "referral.overdue") as session:
            referral = repository.overdue_referral(session, referral_id, now)
            if referral is None:
                return False  # reported, or told by another process, since the look
            referral.overdue_at = now
            message = {"title": "A laboratory's result is overdue", "path": f"/cases/{referral.case_id}"}
            self.desk.notify.tell(session, "referral.overdue", referral.case_id, None, message, [referral.referred_by])
            return True


def adjudication_sweeps(adjudication: AdjudicationService) -> list[Sweep]:
    """What adjudication has done again and again."""
    return [Sweep("adjudication.referrals", ReferralClock(adjudication.desk).run_once)]
