"""Rows as they are stored – raw column values, read back by a textual SELECT – and their SHA-256.

Column types of the program are passed by: what counts is what lies in the database. The encoding is the same on every
database, and says of every value its kind and length, so that no two different rows are written alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from reachback.db.base import AuditedBase

__all__ = ["audited_tables", "read_row", "read_rows", "row_digest", "undecoded_text"]

_FORM = b"reachback.row/1"


def audited_tables() -> dict[str, list[str]]:
    """Every audited table with all its columns, in the order of their names."""
    tables = (mapper.local_table for mapper in AuditedBase.registry.mappers if issubclass(mapper.class_, AuditedBase))
    return {str(table.name): sorted(column.name for column in table.columns) for table in _by_name(tables)}


def _by_name(tables: Iterator[Any]) -> list[Any]:
    return sorted(tables, key=lambda table: str(table.name))


def row_digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of one row, in hexadecimal digits."""
    digest = hashlib.sha256(_FORM)
    for name in sorted(values):
        kind, content = _encoded(values[name])
        digest.update(b"\n%s %s %d:" % (name.encode(), kind, len(content)))
        digest.update(content)
    return digest.hexdigest()


def _encoded(value: Any) -> tuple[bytes, bytes]:
    if value is None:
        return b"null", b""
    if isinstance(value, str):
        return b"text", value.encode("utf-8", "surrogateescape")
    if isinstance(value, bool):
        return b"boolean", b"1" if value else b"0"
    if isinstance(value, int):
        return b"integer", str(value).encode()
    if isinstance(value, float):
        return b"real", value.hex().encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b"bytes", bytes(value)
    return type(value).__name__.encode(), repr(value).encode()


def read_row(session: Session, table: str, row_id: str) -> dict[str, Any] | None:
    """One row as stored, None where there is none."""
    columns = AuditedBase.columns_of(table)
    if columns is None:
        raise LookupError(f"{table} is no audited table")
    found = session.execute(text(f"{_select(session, table, columns)} WHERE id = :id"), {"id": row_id}).first()
    return None if found is None else dict(zip(columns, found, strict=True))


def read_rows(session: Session, table: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every row of a table as stored."""
    for row in session.execute(text(_select(session, table, columns))):
        yield dict(zip(columns, row, strict=True))


def _select(session: Session, table: str, columns: Sequence[str]) -> str:
    quote = session.get_bind().dialect.identifier_preparer.quote
    return f"SELECT {', '.join(quote(name) for name in columns)} FROM {quote(table)}"  # noqa: S608 – names of our own


@contextmanager
def undecoded_text(session: Session) -> Iterator[None]:
    """Let the embedded database give out text that is no UTF-8 any more, instead of failing on it."""
    driver: Any = session.connection().connection.driver_connection
    if not hasattr(driver, "text_factory"):
        yield
        return
    before, driver.text_factory = driver.text_factory, _decode_anything
    try:
        yield
    finally:
        driver.text_factory = before


def _decode_anything(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
