"""What every table is made of: one declarative base, and column types stored the same way on every database.

Times and JSON are stored as text, so that the bytes of a row – which the audit log hashes – are the same on SQLite and
PostgreSQL, and a changed blank is a change.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

__all__ = ["AuditedBase", "Base", "JsonText", "UtcTime"]

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """A moment, stored as ISO 8601 text in UTC with microseconds: it sorts as it reads, on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuse a moment without a zone; everything else becomes UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as canonical text: keys sorted, no blanks, neither NaN nor Infinity."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """None stays NULL."""
        if value is None:
            return None
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value as written."""
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """Every table."""

    metadata = MetaData(naming_convention=_NAMES)


class AuditedBase(Base):
    """Every table whose rows the audit log follows: each change writes an entry in the same transaction.

    Audited tables have one text primary key named ``id``; rows are never deleted.
    """

    __abstract__ = True

    @classmethod
    def columns_of(cls, table: str) -> tuple[str, ...] | None:
        """The columns of an audited table in the order of their names; None for every other table."""
        if table not in _AUDITED:
            found = cls.metadata.tables.get(table)
            if found is None:
                return None  # not remembered: its model may be loaded later
            mapped = (mapper.local_table for mapper in cls.registry.mappers if issubclass(mapper.class_, AuditedBase))
            is_audited = any(each is found for each in mapped)
            _AUDITED[table] = tuple(sorted(column.name for column in found.columns)) if is_audited else None
        return _AUDITED[table]


# Asked for each statement; what a table is never changes while a process runs.
_AUDITED: dict[str, tuple[str, ...] | None] = {}
