"""How a reply goes out: planned on one view of the database, drawn outside of it, written if nothing has changed.

Nothing is drawn while the database waits; the transaction that writes makes sure that the reply is still the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from reachback import __version__
from reachback.accounts.rights import Principal
from reachback.cases.models import Case
from reachback.clock import as_utc_text
from reachback.problems import Conflict
from reachback.replies import repository
from reachback.replies.content import AMENDMENT, ANSWER, CORRECTION, PRELIMINARY, Facts, reply_content
from reachback.replies.models import Reply
from reachback.replies.reply_desk import ReplyDesk, reply_as_json, scan_as_facts

__all__ = ["Planned", "Publisher"]

TITLES = {
    ANSWER: "A chemist has answered",
    PRELIMINARY: "A chemist has answered; the answer is preliminary",
    AMENDMENT: "An answer was amended: read the new version",
    CORRECTION: "CORRECTION: an earlier answer does not hold any more; read the new version now",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a reply is to say: its kind, the finding as JSON or the laboratory's result, and who read."""

    kind: str
    said: Mapping[str, Any]
    readers: Sequence[str] = ()
    agreed: bool = False
    laboratory: Mapping[str, Any] | None = None


Plan = Callable[[Session, Case], Planned]
# Does what the reply tells of, and gives the id of the finding it rests on.
Write = Callable[[Session, Case, datetime], str]


@dataclass(frozen=True, slots=True)
class _View:
    """A plan, and everything else that a reply is made from; two equal views give the same reply."""

    planned: Planned
    version: int
    replaced_headline: str | None
    case: Mapping[str, Any]
    scans: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Sends replies out."""

    desk: ReplyDesk

    def publish(self, case_id: str, principal: Principal, action: str, plan: Plan, write: Write) -> dict[str, Any]:
        """Plan, draw, write and tell; Conflict where the plan refuses, or the case has changed meanwhile."""
        desk = self.desk
        with desk.database.reading() as session:
            view = self._view(session, case_id, principal, plan)
        now = desk.clock.now()
        checkpoint = desk.audit.keep_checkpoint()
        content = reply_content(self._facts(view, principal, now, checkpoint), desk.class_of)
        report_sha256 = desk.files.keep(desk.draw(content, view.scans))
        with desk.database.writing(principal.account_id, action) as session:
            case = desk.cases.get(session, case_id, principal)
            if self._view(session, case_id, principal, plan) != view:
                raise Conflict("the case has changed while its report was drawn; look at it and try again")
            reply = Reply(
                id=desk.chance.new_id(),
                case_id=case_id,
                version=view.version,
                kind=view.planned.kind,
                finding_id=write(session, case, now),
                released_by=principal.account_id,
                released_at=now,
                content=content,
                checkpoint_size=checkpoint.size,
                report_sha256=report_sha256,
            )
            session.add(reply)
            message = {"title": TITLES[reply.kind], "path": f"/cases/{case_id}"}
            told = desk.adjudication.answered_accounts(session, case)
            desk.notify.tell(session, f"reply.{reply.kind}", case_id, case.unit, message, told)
            session.flush()
            return {"case": desk.cases.case_as_json(session, case, principal), "reply": reply_as_json(reply)}

    def _view(self, session: Session, case_id: str, principal: Principal, plan: Plan) -> _View:
        desk = self.desk
        case = desk.cases.get(session, case_id, principal)
        planned = plan(session, case)
        facts = [scan_as_facts(scan) for scan in desk.intake.scans_of_case(session, case_id)]
        named = {"case_id": case.id, "exhibit": case.exhibit, "unit": case.unit}
        replies = repository.replies_of(session, case_id)
        said_before = str(replies[-1].content["headline"]) if replies else None
        return _View(planned, len(replies) + 1, said_before, named, facts)

    def _facts(self, view: _View, principal: Principal, now: datetime, checkpoint: Any) -> Facts:
        planned = view.planned
        return Facts(
            kind=planned.kind,
            version=view.version,
            scans=view.scans,
            checkpoint={
                "size": checkpoint.size,
                "root_sha256": checkpoint.root_sha256,
                "note": checkpoint.note,
            },
            engine=__version__,
            held=self.desk.held(),
            known_classes=self.desk.known_classes(),
            case=view.case,
            said=planned.said,
            laboratory=planned.laboratory,
            readers=planned.readers,
            agreed=planned.agreed,
            released_at=as_utc_text(now),
            released_by=principal.name,
            replaces=view.version - 1 or None,
            replaced_headline=view.replaced_headline,
        )
