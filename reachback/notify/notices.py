"""Notices to one account: the part of what is told that nobody has to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reachback.accounts.rights import Principal
from reachback.db.session import Database
from reachback.notify.models import READ, Delivery
from reachback.notify.repository import notices_of, read_notice
from reachback.notify.service import ACCOUNT_PREFIX
from reachback.problems import NotFound

__all__ = ["Notices"]


@dataclass(frozen=True, slots=True)
class Notices:
    """What concerns an account."""

    database: Database

    def of_account(self, principal: Principal, *, unread_only: bool) -> list[dict[str, Any]]:
        """One's own notices, newest first."""
        with self.database.reading() as session:
            return [_as_json(row) for row in notices_of(session, _channel(principal), unread_only)]

    def mark_as_read(self, notice_id: str, principal: Principal) -> dict[str, Any]:
        """Say that a notice was read; NotFound where it is another account's."""
        with self.database.writing(principal.account_id, "notice.read") as session:
            notice = read_notice(session, _channel(principal), notice_id)
            if notice is None:
                raise NotFound("there is no such notice")
            return _as_json(notice)


def _channel(principal: Principal) -> str:
    return ACCOUNT_PREFIX + principal.account_id


def _as_json(notice: Delivery) -> dict[str, Any]:
    shown = {key: notice.message[key] for key in ("kind", "subject_id", "title", "link", "at")}
    return {"notice_id": notice.id, **shown, "read": notice.state == READ}
