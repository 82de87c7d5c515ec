"""What happened is told by rows, written in the same transaction as what they tell of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from reachback.clock import Chance, Clock
from reachback.notify.models import UNREAD, WAITING, Delivery, DomainEvent
from reachback.settings import Settings

__all__ = ["ACCOUNT_PREFIX", "PEOPLE_PREFIX", "WEBHOOK", "NotifyService", "people_channels"]

WEBHOOK = "webhook"
PEOPLE_PREFIX = "people/"
ACCOUNT_PREFIX = "account/"
# A message leaves the system, a finding does not: so these two words are all that a caller may say.
MESSAGE_KEYS = frozenset({"title", "path"})


@dataclass(frozen=True, slots=True)
class NotifyService:
    """Writes events for open pages, and deliveries for people and systems."""

    clock: Clock
    chance: Chance
    settings: Settings

    def tell(
        self,
        session: Session,
        kind: str,
        subject_id: str,
        unit: str | None,
        message: dict[str, str] | None = None,
        accounts: Sequence[str] = (),
    ) -> None:
        """Note that something changed; with a message, also tell it on every channel.

        ``kind`` is ``<noun>.<what happened>`` (``"case.opened"``). ``message`` holds a ``title`` – a sentence without
        any finding, substance or person – and, where there is a page, its ``path`` (``"/cases/…"``). ``accounts`` are
        those it concerns: each finds the message among its own notices.
        """
        now = self.clock.now()
        session.add(DomainEvent(kind=kind, subject_id=subject_id, unit=unit, at=now))
        if message is None:
            return
        if "title" not in message or not message.keys() <= MESSAGE_KEYS:
            raise ValueError(f"a message holds a title and a path, not {', '.join(sorted(message))}")
        body = {
            "kind": kind,
            "subject_id": subject_id,
            "title": message["title"],
            "link": self.settings.public_url.rstrip("/") + message.get("path", "/"),
            "at": now.isoformat().replace("+00:00", "Z"),
            "accounts": sorted(set(accounts)),
        }
        for channel in self._channels(accounts):
            session.add(
                Delivery(
                    id=self.chance.new_id(),
                    channel=channel,
                    message=body,
                    state=UNREAD if channel.startswith(ACCOUNT_PREFIX) else WAITING,
                    not_before=now,
                    created_at=now,
                )
            )

    def _channels(self, accounts: Sequence[str]) -> list[str]:
        systems = [WEBHOOK] if self.settings.webhook_url else []
        persons = [ACCOUNT_PREFIX + account for account in sorted(set(accounts))]
        return [*people_channels(self.settings), *systems, *persons]


def people_channels(settings: Settings) -> dict[str, str]:
    """Name of each channel to people → its Apprise address; an address holds secrets, so rows hold names only."""
    addresses = settings.channels.split()
    return {PEOPLE_PREFIX + hashlib.sha256(address.encode()).hexdigest()[:12]: address for address in addresses}
