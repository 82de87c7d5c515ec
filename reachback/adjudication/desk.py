"""What every part of adjudication works with, and the rule that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.adjudication import repository
from reachback.adjudication.evidence import ScanSource
from reachback.adjudication.models import Draft
from reachback.adjudication.substances import KnownSubstances
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock, as_utc_text
from reachback.db.session import Database
from reachback.notify.service import NotifyService
from reachback.problems import Conflict
from reachback.settings import Settings

__all__ = ["AUTOSAVED", "Desk"]

AUTOSAVED = "saved while typing"


@dataclass(frozen=True, slots=True)
class Desk:
    """The services and rooms that adjudication stands on."""

    database: Database
    clock: Clock
    chance: Chance
    settings: Settings
    notify: NotifyService
    cases: CaseService
    scans: ScanSource
    known_substances: Callable[[], KnownSubstances]

    @contextmanager
    def keeping_draft(self, case_id: str, principal: Principal, body: Mapping[str, Any]) -> Iterator[None]:
        """Do something with a text; where the case does not take it, keep the text as a draft and say so."""
        try:
            yield
        except Conflict as conflict:
            with self.database.writing(principal.account_id, "draft.keep") as session:
                draft = self._new_draft(case_id, principal, body, conflict.detail)
                session.add(draft)
            conflict.extra["draft_id"] = draft.id
            raise

    def save_draft(self, case_id: str, principal: Principal, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write over the one draft that is saved while a chemist types."""
        with self.database.writing(principal.account_id, "draft.save") as session:
            self.cases.get(session, case_id, principal)
            draft = repository.autosaved_draft(session, case_id, principal.account_id, AUTOSAVED)
            if draft is None:
                draft = self._new_draft(case_id, principal, body, AUTOSAVED)
                session.add(draft)
            draft.body, draft.at = dict(body), self.clock.now()
            return _as_json(draft)

    def drafts(self, case_id: str, principal: Principal) -> list[dict[str, Any]]:
        """One's own drafts of a case, newest first."""
        with self.database.reading() as session:
            self.cases.get(session, case_id, principal)
            return [_as_json(draft) for draft in repository.drafts_of(session, case_id, principal.account_id)]

    def answered_accounts(self, session: Session, case: Case) -> list[str]:
        """Everyone whom the answer to a case reaches: who uploaded its scans, and who answered its questions."""
        uploaded = [scan.account_id for scan in self.scans.scans_of_case(session, case.id)]
        asked = [row.answered_by for row in repository.questions_of(session, case.id) if row.answered_by]
        return sorted({*uploaded, *asked})

    def _new_draft(self, case_id: str, principal: Principal, body: Mapping[str, Any], why: str) -> Draft:
        return Draft(
            id=self.chance.new_id(),
            case_id=case_id,
            account_id=principal.account_id,
            body=dict(body),
            why=why,
            at=self.clock.now(),
        )


def _as_json(draft: Draft) -> dict[str, Any]:
    return {"draft_id": draft.id, "body": draft.body, "why": draft.why, "at": as_utc_text(draft.at)}
