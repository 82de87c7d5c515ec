"""Replies as one service: what goes out, what a laboratory corrects, and the documents on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from library.model import OpenLibrary
from reachback.accounts.rights import Principal
from reachback.accounts.service import AccountService
from reachback.adjudication.service import AdjudicationService
from reachback.audit.service import AuditService
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.notify.service import NotifyService
from reachback.problems import Conflict, NotFound
from reachback.replies import repository
from reachback.replies.corrections import Corrections
from reachback.replies.documents import HIDDEN, Documents
from reachback.replies.publication import Publisher
from reachback.replies.releases import Releases
from reachback.replies.reply_desk import Intake, ReplyDesk, reply_as_json

__all__ = ["ReplyService"]


class ReplyService:
    """Releases, corrections, reports and packages."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        chance: Chance,
        notify: NotifyService,
        cases: CaseService,
        adjudication: AdjudicationService,
        intake: Intake,
        audit: AuditService,
        accounts: AccountService,
        files: FileStore,
        library: Callable[[], OpenLibrary],
    ) -> None:
        self.desk = ReplyDesk(
            database, clock, chance, notify, cases, adjudication, intake, audit, accounts, files, library
        )
        publisher = Publisher(self.desk)
        self.releases = Releases(self.desk, publisher)
        self.corrections = Corrections(self.desk, publisher)
        self.documents = Documents(self.desk)

    def of_case(self, case_id: str, principal: Principal) -> list[dict[str, Any]]:
        """Every version that was answered, the newest first; NotFound before the first."""
        with self.desk.database.reading() as session:
            case = self.desk.cases.get(session, case_id, principal)
            replies = repository.replies_of(session, case_id)
            if not replies:
                raise NotFound(f"this case has not been answered yet; it is {case.state}", state=case.state)
            if not self.desk.cases.view(session, case, principal).findings:
                raise Conflict(HIDDEN, state=case.state)
            return [reply_as_json(reply) for reply in reversed(replies)]
