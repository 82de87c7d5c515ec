"""The worker that sends what waits: each delivery is known to have happened, or given up with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from reachback.clock import Clock
from reachback.db.session import Database
from reachback.last_resort import Mishap, attempt
from reachback.notify.channels import DeliveryFailed, send_to_people, send_to_system
from reachback.notify.models import GIVEN_UP, SENT, WAITING, Delivery
from reachback.notify.repository import claim_next_delivery, finish_delivery
from reachback.notify.service import WEBHOOK, people_channels
from reachback.settings import Settings

__all__ = ["MAX_ATTEMPTS", "DeliveryWorker", "wait_before"]

MAX_ATTEMPTS = 8
CLAIM = timedelta(seconds=60)  # longer than any sending may take
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


def wait_before(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, an hour at most."""
    factor: int = 2 ** (attempts - 1)
    return min(FIRST_WAIT * factor, LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class DeliveryWorker:
    """Claims, sends and finishes deliveries; any number may run at once."""

    database: Database
    clock: Clock
    settings: Settings

    def run_once(self, at_most: int = 100) -> int:
        """Try what is due, and return how many were tried."""
        for tried in range(at_most):
            delivery = self._claim()
            if delivery is None:
                return tried
            self._finish(delivery, self._send(delivery))
        return at_most

    def _claim(self) -> Delivery | None:
        now = self.clock.now()
        with self.database.writing("worker", "delivery.claim") as session:
            delivery = claim_next_delivery(session, now, now + CLAIM)
            if delivery is not None:
                session.expunge(delivery)
            return delivery

    def _send(self, delivery: Delivery) -> DeliveryFailed | None:
        outcome = attempt(lambda: self._send_by_channel(delivery))
        return DeliveryFailed(outcome.sentence) if isinstance(outcome, Mishap) else outcome

    def _send_by_channel(self, delivery: Delivery) -> DeliveryFailed | None:
        try:
            if delivery.channel == WEBHOOK:
                if self.settings.webhook_url is None:
                    raise DeliveryFailed("no system is configured any more", final=True)
                send_to_system(
                    self.settings.webhook_url,
                    self.settings.webhook_secret,
                    delivery.id,
                    delivery.message,
                    self.clock.now(),
                )
            else:
                address = people_channels(self.settings).get(delivery.channel)
                if address is None:
                    raise DeliveryFailed("the channel is not configured any more", final=True)
                send_to_people(address, delivery.message)
        except DeliveryFailed as failed:
            return failed
        return None

    def _finish(self, delivery: Delivery, failed: DeliveryFailed | None) -> None:
        now = self.clock.now()
        with self.database.writing("worker", "delivery.finish") as session:
            if failed is None:
                finish_delivery(session, delivery.id, delivery.epoch, state=SENT, not_before=now, error=None)
            else:
                self._postpone(session, delivery, failed, now)

    def _postpone(self, session: Session, delivery: Delivery, failed: DeliveryFailed, now: datetime) -> None:
        over = failed.final or delivery.attempts >= MAX_ATTEMPTS
        finish_delivery(
            session,
            delivery.id,
            delivery.epoch,
            state=GIVEN_UP if over else WAITING,
            not_before=now if over else now + wait_before(delivery.attempts),
            error=str(failed),
        )
