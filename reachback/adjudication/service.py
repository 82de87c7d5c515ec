"""Adjudication as one service: its parts, and what replies ask of it inside their own transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from library.model import OpenLibrary
from reachback.adjudication import repository
from reachback.adjudication.desk import Desk
from reachback.adjudication.evidence import ScanSource
from reachback.adjudication.laboratory_track import LaboratoryTrack
from reachback.adjudication.models import Finding, LaboratoryResult, Reading
from reachback.adjudication.officer_questions import OfficerQuestions
from reachback.adjudication.readings import Readings
from reachback.adjudication.referral_list import ReferralList
from reachback.adjudication.substances import KnownSubstances
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock
from reachback.db.session import Database
from reachback.notify.service import NotifyService
from reachback.settings import Settings

__all__ = ["AdjudicationService", "deciding"]


class AdjudicationService:
    """Readings, questions to the officer, and the laboratory track."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        chance: Chance,
        settings: Settings,
        notify: NotifyService,
        cases: CaseService,
        intake: ScanSource,
        library: Callable[[], OpenLibrary],
    ) -> None:
        known = cache(lambda: KnownSubstances.of_library(library()))
        self.desk = Desk(database, clock, chance, settings, notify, cases, intake, known)
        self.readings = Readings(self.desk)
        self.questions = OfficerQuestions(self.desk)
        self.laboratory = LaboratoryTrack(self.desk)
        self.referrals = ReferralList(self.desk)

    def findings(self, session: Session, case: Case) -> Sequence[Finding]:
        """Every reading of a case."""
        return repository.findings_of(session, case.id)

    def laboratory_results(self, session: Session, case: Case) -> Sequence[LaboratoryResult]:
        """Every laboratory's result on a case."""
        return repository.laboratory_results_of(session, case.id)

    def latest_laboratory_results(self, session: Session, limit: int) -> Sequence[LaboratoryResult]:
        """What laboratories reported on any case, entered last first."""
        return repository.latest_results(session, limit)

    def record(self, session: Session, case: Case) -> dict[str, list[Any]]:
        """Everything that was said of a case, row by row, by the name of its table."""
        rows: dict[str, Sequence[Any]] = {
            "findings": self.findings(session, case),
            "first_impressions": self.desk.cases.impressions(session, case.id),
            "officer_questions": repository.questions_of(session, case.id),
            "laboratory_referrals": repository.referrals_of(session, case.id),
            "laboratory_results": self.laboratory_results(session, case),
        }
        return {table: list(found) for table, found in rows.items()}

    def answered_accounts(self, session: Session, case: Case) -> list[str]:
        """Everyone whom the answer to a case reaches."""
        return self.desk.answered_accounts(session, case)


def deciding(findings: Sequence[Finding]) -> Finding | None:
    """The finding that is the answer: the last amendment, else the third reading, else the first."""
    for reading in (Reading.AMENDMENT, Reading.THIRD, Reading.FIRST):
        rows = [finding for finding in findings if finding.reading == reading]
        if rows:
            return rows[-1]
    return None
