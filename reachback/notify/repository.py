"""All queries on deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from reachback.notify.models import READ, SENDING, UNREAD, WAITING, Delivery

__all__ = ["claim_next_delivery", "finish_delivery", "notices_of", "read_notice"]

MAX_NOTICES = 100


def claim_next_delivery(session: Session, now: datetime, until: datetime) -> Delivery | None:
    """Take the delivery that waits longest; one whose claim has run out is taken over with the next epoch."""
    due = (
        select(Delivery.id)
        .where(
            Delivery.state.in_((WAITING, SENDING)),
            Delivery.not_before <= now,
            or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now),
        )
        .order_by(Delivery.not_before, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # nothing on SQLite, where one writer at a time is the rule anyhow
        .scalar_subquery()
    )
    return session.scalars(
        update(Delivery)
        .where(Delivery.id == due)
        .values(state=SENDING, epoch=Delivery.epoch + 1, attempts=Delivery.attempts + 1, claimed_until=until)
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def finish_delivery(
    session: Session, delivery_id: str, epoch: int, *, state: str, not_before: datetime, error: str | None
) -> bool:
    """Write how it ended, if the claim still holds; False where another worker has taken over."""
    ended = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.epoch == epoch, Delivery.state == SENDING)
        .values(state=state, not_before=not_before, claimed_until=None, last_error=error)
        .returning(Delivery.id)
    ).all()
    return bool(ended)


def notices_of(session: Session, channel: str, unread_only: bool) -> Sequence[Delivery]:
    """Notices of one account, newest first."""
    states = (UNREAD,) if unread_only else (UNREAD, READ)
    query = select(Delivery).where(Delivery.channel == channel, Delivery.state.in_(states))
    return session.scalars(query.order_by(Delivery.created_at.desc(), Delivery.id).limit(MAX_NOTICES)).all()


def read_notice(session: Session, channel: str, notice_id: str) -> Delivery | None:
    """Mark a notice as read; None where the account has no such notice."""
    notice = session.scalar(select(Delivery).where(Delivery.id == notice_id, Delivery.channel == channel))
    if notice is not None:
        notice.state = READ
    return notice
