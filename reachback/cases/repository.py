"""Every query on cases, their leases, their clock events, and who has looked at them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from reachback.cases.models import Case, CaseLease, CaseState, ClockEvent, ClockEventKind, FirstImpression
from reachback.cases.states import JOINABLE, OPEN, READ_BY_LEASE

__all__ = [
    "Cursor",
    "Holder",
    "cases_with_lapsed_leases",
    "cases_without_event",
    "events_of",
    "first_impressions_of",
    "get_case",
    "list_cases",
    "live_lease",
    "lock_exhibit",
    "looked_at",
    "open_case_of_exhibit",
    "take_lease",
    "take_next_lease",
]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last case's deadline and id."""

    due_at: datetime
    case_id: str


@dataclass(frozen=True, slots=True)
class Holder:
    """To whom a lease goes."""

    account_id: str
    name: str
    token_sha256: str
    expires_at: datetime

    def as_columns(self) -> dict[str, Any]:
        """The columns of a lease that is taken; a higher epoch makes every older token worthless."""
        return {
            "epoch": CaseLease.epoch + 1,
            "account_id": self.account_id,
            "account_name": self.name,
            "token_sha256": self.token_sha256,
            "expires_at": self.expires_at,
        }


def is_writing(session: Session) -> bool:
    """Whether this session may change things, so that what it reads has to stay as it is until the end."""
    bind = session.get_bind()
    return bool(bind.get_execution_options().get("reachback_writing", False))


def get_case(session: Session, case_id: str) -> Case | None:
    """The case by id; in a writing session, nobody else changes it before the end."""
    if not case_id.isprintable():  # PostgreSQL refuses a NUL even in a question
        return None
    query = select(Case).where(Case.id == case_id)
    if is_writing(session):
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def list_cases(
    session: Session, states: Collection[CaseState], unit: str | None, after: Cursor | None, limit: int
) -> list[Case]:
    """Cases in these states (all, if none is named), earliest due first, behind the cursor."""
    query = select(Case).order_by(Case.due_at, Case.id).limit(limit)
    if states:
        query = query.where(Case.state.in_(sorted(states)))
    if unit is not None:
        query = query.where(Case.unit == unit)
    if after is not None:
        later = and_(Case.due_at == after.due_at, Case.id > after.case_id)
        query = query.where(or_(Case.due_at > after.due_at, later))
    return list(session.scalars(query))


def open_case_of_exhibit(session: Session, unit: str, exhibit: str) -> Case | None:
    """The case that a further scan of this exhibit joins."""
    query = (
        select(Case)
        .where(Case.unit == unit, Case.exhibit == exhibit, Case.state.in_(sorted(JOINABLE)))
        .order_by(Case.opened_at, Case.id)
        .limit(1)
    )
    if is_writing(session):
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def first_impressions_of(session: Session, case_id: str) -> Sequence[FirstImpression]:
    """First impressions of all readers of a case, in the order they were recorded."""
    query = select(FirstImpression).where(FirstImpression.case_id == case_id)
    return session.scalars(query.order_by(FirstImpression.at, FirstImpression.id)).all()


def looked_at(session: Session, case_ids: Sequence[str], account_id: str) -> frozenset[str]:
    """Those of these cases of which this account has recorded a first impression."""
    query = select(FirstImpression.case_id).where(
        FirstImpression.case_id.in_(case_ids), FirstImpression.account_id == account_id
    )
    return frozenset(session.scalars(query))


def lock_exhibit(session: Session, unit: str, exhibit: str) -> None:
    """Two scans of one exhibit take turns until the transaction ends; on SQLite all writers take turns anyway."""
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"{unit}\0{exhibit}".encode()).digest()[:8]
        key = int.from_bytes(digest, "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def live_lease(session: Session, case_id: str, now: datetime) -> CaseLease | None:
    """The lease of a case, where somebody holds one that has not expired."""
    lease = session.get(CaseLease, case_id, populate_existing=True)
    if lease is None or lease.expires_at is None or lease.expires_at <= now:
        return None
    return lease


def live_leases(session: Session, case_ids: Sequence[str], now: datetime) -> dict[str, CaseLease]:
    """Case id → its lease, for those of these cases that somebody holds."""
    query = select(CaseLease).where(CaseLease.case_id.in_(case_ids), CaseLease.expires_at > now)
    return {lease.case_id: lease for lease in session.scalars(query)}


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(CaseLease.expires_at.is_(None), CaseLease.expires_at <= now)


def _claimable(account_id: str, now: datetime) -> Select[str]:
    """Ids of the cases that wait for this reader, first lane first, then the earliest due."""
    is_mine = func.coalesce(Case.finder_id, "") == account_id
    was_second = func.coalesce(Case.second_reader_id, "") == account_id
    return (
        select(CaseLease.case_id)
        .join(Case, Case.id == CaseLease.case_id)
        .where(
            _is_free(now),
            or_(
                Case.state.in_([CaseState.QUEUED, CaseState.CLAIMED]),
                and_(Case.state == CaseState.SECOND_READ, ~is_mine),
                and_(Case.state == CaseState.THIRD_READ, ~is_mine, ~was_second),
            ),
        )
        .order_by(Case.lane_rank, Case.due_at, Case.id)
        .limit(1)
    )


def take_next_lease(session: Session, holder: Holder, now: datetime) -> str | None:
    """Lease the first case that waits for this reader; no two readers are ever given the same one."""
    waiting = _claimable(holder.account_id, now)
    if session.get_bind().dialect.name == "postgresql":
        case_id = session.scalar(waiting.with_for_update(skip_locked=True))
        return None if case_id is None else _lease(session, CaseLease.case_id == case_id, holder)
    return _lease(session, CaseLease.case_id == waiting.scalar_subquery(), holder)


def take_lease(session: Session, case_id: str, holder: Holder, now: datetime) -> bool:
    """Lease this case, unless another reader holds it."""
    is_own = func.coalesce(CaseLease.account_id, "") == holder.account_id
    return _lease(session, and_(CaseLease.case_id == case_id, or_(_is_free(now), is_own)), holder) is not None


def _lease(session: Session, condition: ColumnElement[bool], holder: Holder) -> str | None:
    statement = update(CaseLease).where(condition).values(holder.as_columns()).returning(CaseLease.case_id)
    return session.scalar(statement.execution_options(synchronize_session=False))


def cases_with_lapsed_leases(session: Session, now: datetime) -> list[str]:
    """Ids of the cases whose holder has gone."""
    query = (
        select(CaseLease.case_id)
        .join(Case, Case.id == CaseLease.case_id)
        .where(CaseLease.expires_at <= now, Case.state.in_(sorted(READ_BY_LEASE)))
        .order_by(CaseLease.case_id)
    )
    return list(session.scalars(query))


def cases_without_event(session: Session, kind: ClockEventKind, condition: ColumnElement[bool]) -> list[str]:
    """Ids of the cases this holds for, and that have no such event yet."""
    told = select(ClockEvent.id).where(ClockEvent.case_id == Case.id, ClockEvent.kind == kind).exists()
    return list(session.scalars(select(Case.id).where(condition, ~told).order_by(Case.due_at, Case.id)))


def events_of(session: Session, case_id: str) -> list[ClockEvent]:
    """What the clock wrote of a case, in order."""
    return list(session.scalars(select(ClockEvent).where(ClockEvent.case_id == case_id).order_by(ClockEvent.at)))


def count_open(session: Session) -> Sequence[Row[str, int]]:
    """Open cases by state."""
    query = select(Case.state, func.count()).where(Case.state.in_(sorted(OPEN))).group_by(Case.state)
    return session.execute(query).all()
