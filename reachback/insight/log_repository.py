"""Questions to the log by whoever reads it: newest entries first, by actor, action, case and time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from reachback.accounts.models import Account
from reachback.audit.models import AuditEntry
from reachback.cases.models import Case
from reachback.db.base import AuditedBase
from reachback.intake.models import Attachment, Scan

__all__ = ["LogFilter", "account_ids_named", "account_names", "newest_entries", "rows_of_case"]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is looked for; None is everything. ``action`` is one, or the beginning of several (``case.``)."""

    actors: Collection[str] | None = None
    action: str | None = None
    rows: Mapping[str, Sequence[str]] | None = None  # table → ids
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # entries of lower index


def newest_entries(session: Session, wanted: LogFilter, limit: int) -> list[AuditEntry]:
    """Entries that fit, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.index.desc()).limit(limit)
    if wanted.before is not None:
        query = query.where(AuditEntry.index < wanted.before)
    if wanted.actors is not None:
        query = query.where(AuditEntry.actor.in_(sorted(wanted.actors)))
    if wanted.action is not None:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.rows is not None:
        query = query.where(or_(*(_is_row(table, ids) for table, ids in wanted.rows.items())))
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return list(session.scalars(query))


def _is_row(table: str, ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(AuditEntry.table_name == table, AuditEntry.row_id.in_(ids))


def rows_of_case(session: Session, case_id: str) -> dict[str, list[str]]:
    """Every audited row that belongs to a case, by table: the case, its scans and photos, all that was said of it."""
    rows: dict[str, list[str]] = {Case.__tablename__: [case_id]}
    for mapper in AuditedBase.registry.mappers:
        table = mapper.local_table
        if issubclass(mapper.class_, AuditedBase) and "case_id" in table.c:
            ids = session.scalars(select(table.c.id).where(table.c.case_id == case_id)).all()
            if ids:
                rows[str(mapper.class_.__tablename__)] = list(ids)
    photos = select(Attachment.id).join(Scan, Scan.id == Attachment.scan_id).where(Scan.case_id == case_id)
    attached = list(session.scalars(photos))
    return rows | ({Attachment.__tablename__: attached} if attached else {})


def account_ids_named(session: Session, name: str) -> list[str]:
    """Ids of the accounts that bear a name, or an id that is one."""
    return list(session.scalars(select(Account.id).where(or_(Account.name == name, Account.id == name))))


def account_names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Names of those of these ids that are accounts."""
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}
