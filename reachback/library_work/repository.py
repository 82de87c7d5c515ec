"""Every query on pieces of library work, and the statements of their lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from reachback.library_work.models import OPEN_STATES, LibraryWork, LibraryWorkHold, WorkKind, WorkState

__all__ = [
    "change_hold",
    "find",
    "held",
    "is_anything_open",
    "next_to_take",
    "open_of_key",
    "page",
    "same_import",
]

Found = tuple[LibraryWork, LibraryWorkHold]


def _pairs() -> Any:
    return select(LibraryWork, LibraryWorkHold).join(LibraryWorkHold, LibraryWorkHold.work_id == LibraryWork.id)


def find(session: Session, work_id: str) -> Found | None:
    """One piece with its hold, both held until a writing transaction ends."""
    if not work_id.isprintable():
        return None
    query = _pairs().where(LibraryWork.id == work_id)
    row = session.execute(query.with_for_update().execution_options(populate_existing=True)).first()
    return None if row is None else (row[0], row[1])


def page(session: Session, kind: WorkKind | None, limit: int) -> list[Found]:
    """Pieces asked for last, newest first."""
    query = _pairs().order_by(LibraryWork.asked_at.desc(), LibraryWork.id).limit(limit)
    if kind is not None:
        query = query.where(LibraryWork.kind == kind)
    return [(row[0], row[1]) for row in session.execute(query)]


def open_of_key(session: Session, open_key: str) -> LibraryWork | None:
    """What is under way of something that may be under way once."""
    return session.scalars(select(LibraryWork).where(LibraryWork.open_key == open_key)).first()


def same_import(session: Session, content_key: str) -> Found | None:
    """The import of the same bytes and statements that was asked for last, where it was not refused."""
    states = (*OPEN_STATES, WorkState.DONE)
    query = _pairs().where(LibraryWork.content_key == content_key, LibraryWork.state.in_(states))
    row = session.execute(query.order_by(LibraryWork.asked_at.desc(), LibraryWork.id).limit(1)).first()
    return None if row is None else (row[0], row[1])


def held(session: Session) -> Sequence[LibraryWorkHold]:
    """Holds of what is under way."""
    query = select(LibraryWorkHold).join(LibraryWork, LibraryWork.id == LibraryWorkHold.work_id)
    return session.scalars(query.where(LibraryWork.state == WorkState.RUNNING)).all()


def is_anything_open(session: Session) -> bool:
    """Whether anything waits or is being worked on."""
    return session.scalar(select(LibraryWork.id).where(LibraryWork.state.in_(OPEN_STATES)).limit(1)) is not None


def next_to_take(session: Session, now: datetime) -> Found | None:
    """The piece that waits longest, or whose holder has gone; no two processes are ever given the same one."""
    # Both rows are locked: on PostgreSQL only what is locked is looked at again behind a faster process.
    query = (
        _pairs()
        .where(LibraryWork.state.in_(OPEN_STATES))
        .where(or_(LibraryWorkHold.expires_at.is_(None), LibraryWorkHold.expires_at <= now))
        .order_by(LibraryWork.asked_at, LibraryWork.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


def change_hold(session: Session, work_id: str, epoch: int, values: dict[str, Any]) -> bool:
    """Change a hold that is still this epoch's; false where another process has the work by now."""
    statement = (
        update(LibraryWorkHold)
        .where(LibraryWorkHold.work_id == work_id, LibraryWorkHold.epoch == epoch)
        .values(values)
        .returning(LibraryWorkHold.work_id)
    )
    return session.scalar(statement.execution_options(synchronize_session=False)) is not None
