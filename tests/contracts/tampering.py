"""What somebody does who owns the database, and what verification says of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from reachback.audit.signing import SigningKey
from reachback.audit.verification import Verification, verify
from reachback.db.files import FileStore
from reachback.db.session import Database

__all__ = ["as_owner", "named", "verified"]


def verified(database: Database, files: FileStore, tmp_path: Path, note: str | None = None) -> Verification:
    return verify(database, files, SigningKey.of(tmp_path).public, note)


def as_owner(database: Database, *statements: str, **values: Any) -> None:
    """What somebody does who owns the database: past triggers and keys."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement, values)
            connection.commit()
        return
    with database.engine.begin() as postgresql:
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            postgresql.execute(text(statement if values else statement.replace(":", r"\:")), values)


def named(verification: Verification) -> set[tuple[str, str]]:
    return {(each.table, each.id) for each in verification.broken}
