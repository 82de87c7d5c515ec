"""The audit log as it is read: who did what, when, to which row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reachback.audit.models import AuditEntry
from reachback.db.session import Database
from reachback.insight import log_repository
from reachback.insight.log_repository import LogFilter

__all__ = ["AskedOfLog", "LogEntry", "LogPage", "LogSearch"]


@dataclass(frozen=True, slots=True)
class AskedOfLog:
    """What a reader typed; an empty word asks for everything."""

    actor: str = ""
    action: str = ""
    case_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry; ``actor_name`` is null where a part of the service acted and no account."""

    index: int
    at: datetime
    actor: str
    actor_name: str | None
    action: str
    table: str
    row_id: str
    row_sha256: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first; ``next_before`` is where the next page begins, null where there is none."""

    items: tuple[LogEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class LogSearch:
    """Reads the log; nothing is written."""

    database: Database

    def page(self, asked: AskedOfLog, limit: int) -> LogPage:
        """One page of the entries that fit."""
        if any("\0" in word for word in (asked.actor, asked.action, asked.case_id)):
            return LogPage((), None)  # PostgreSQL refuses a NUL even in a question, and nothing is called so
        with self.database.reading() as session:
            actors = rows = None
            if asked.actor:
                actors = [*log_repository.account_ids_named(session, asked.actor), asked.actor]
            if asked.case_id:
                rows = log_repository.rows_of_case(session, asked.case_id)
            wanted = LogFilter(actors, asked.action or None, rows, asked.since, asked.until, asked.before)
            found = log_repository.newest_entries(session, wanted, limit + 1)
            shown = found[:limit]
            names = log_repository.account_names(session, {entry.actor for entry in shown})
        items = tuple(_as_entry(entry, names.get(entry.actor)) for entry in shown)
        return LogPage(items, shown[-1].index if len(found) > limit else None)

    def names_of(self, actor: str) -> str | None:
        """The name of an account; None where it is none."""
        with self.database.reading() as session:
            return log_repository.account_names(session, [actor]).get(actor)


def _as_entry(entry: AuditEntry, name: str | None) -> LogEntry:
    return LogEntry(
        index=entry.index,
        at=entry.at,
        actor=entry.actor,
        actor_name=name,
        action=entry.action,
        table=entry.table_name,
        row_id=entry.row_id,
        row_sha256=entry.row_sha256,
    )
