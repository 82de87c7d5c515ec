"""The two kinds of transactions there are, and the only places that commit.

``with database.reading() as session`` sees one moment and changes nothing; ``with database.writing(actor, action) as
session`` holds the right to write from its first statement (``BEGIN IMMEDIATE`` on SQLite), and writes the audit
entries of every audited row it changed before it commits. No fitting, drawing or file work belongs inside either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

from reachback.db.base import AuditedBase

__all__ = ["Change", "Database", "Recorder", "connect", "sqlite_url"]

_BUSY_SECONDS = 30
_REST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """An audited row that a transaction wrote."""

    table: str
    id: str


# Called once before a writing transaction commits, with what it changed: writes the audit entries.
Recorder = Callable[[Session, list[Change], str, str], None]


def _record_nothing(session: Session, changes: list[Change], actor: str, action: str) -> None:
    """Stands where no audit log is wanted (migrations, tests of other things)."""


class Database:
    """One database, SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, recorder: Recorder = _record_nothing) -> None:
        self.engine = engine
        self._recorder = recorder
        self._writer = engine.execution_options(reachback_writing=True)
        # SQLite lets waiting writers poll, ever more slowly: threads of one process take turns before they ask it.
        self._turn: AbstractContextManager[object] = threading.RLock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view; whatever is changed in it is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.expunge_all()  # what was read stays readable: a rollback would empty it
                session.rollback()

    @contextmanager
    def writing(self, actor: str, action: str) -> Iterator[Session]:
        """Everything inside happens together or not at all.

        Parameters
        ----------
        actor : str
            Account id, or the name of the part of the service that acts (``"clock"``).
        action : str
            What is done, as the audit log names it (``"scan.upload"``).
        """
        with self._turn, Session(self._writer, expire_on_commit=False) as session:
            changes: dict[Change, None] = {}
            event.listen(session, "before_flush", lambda s, context, instances: _note_changes(s, changes))
            event.listen(session, "do_orm_execute", _refuse_unseen_change)
            yield session
            session.flush()
            if changes:
                self._recorder(session, list(changes), actor, action)
            session.commit()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _note_changes(session: Session, changes: dict[Change, None]) -> None:
    for row in session.deleted:
        if isinstance(row, AuditedBase):
            raise ValueError(f"a row of {row.__tablename__} is never deleted")
    for row in (*session.new, *session.dirty):
        if isinstance(row, AuditedBase) and (row in session.new or session.is_modified(row)):
            changes[Change(str(row.__tablename__), str(row.id))] = None  # type: ignore[attr-defined]


def _refuse_unseen_change(execution: ORMExecuteState) -> None:
    # Statements that change rows without loading them pass by the unit of work, and so by the audit log.
    if not (execution.is_insert or execution.is_update or execution.is_delete):
        return
    table = getattr(getattr(execution.statement, "table", None), "name", None)
    if table is not None and AuditedBase.columns_of(table) is not None:
        raise ValueError(f"rows of {table} are changed one by one, so that the audit log sees them")


def sqlite_url(data_dir: Path) -> URL:
    """The embedded database of a data folder."""
    return URL.create("sqlite", database=str(data_dir / "reachback.db"))


def connect(url: str | URL, recorder: Recorder = _record_nothing) -> Database:
    """Open a database by URL; ``postgresql://`` is spoken with the pure-Python driver pg8000 (BSD)."""
    parsed = _for_our_driver(make_url(url))
    # The one used last is used next, so that under load none has to be asked whether it still lives.
    engine = create_engine(parsed, pool_use_lifo=True, pool_size=20, max_overflow=20, hide_parameters=True)
    event.listen(engine, "checkin", _leave_nothing_open)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "do_connect", _connect_postgresql)
        event.listen(engine, "checkout", lambda connection, record, _proxy: _ask_after_rest(engine, connection, record))
    return Database(engine, recorder)


def _connect_postgresql(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    from reachback.db.postgres import PreparingConnection

    return PreparingConnection(*arguments, **options)


def _ask_after_rest(engine: Engine, connection: Any, record: ConnectionPoolEntry) -> None:
    """A connection that has rested may have been cut meanwhile; one that was at work a moment ago has not."""
    rested = time.monotonic() - record.info.get("used_at", time.monotonic())
    if rested < _REST_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as error:  # whatever the driver says, the pool takes another connection
        raise DisconnectionError("the database has cut this connection") from error


def _for_our_driver(url: URL) -> URL:
    if url.drivername not in ("postgresql", "postgres"):
        return url
    if not url.username or not url.database:
        raise ValueError("a PostgreSQL URL names a user and a database")
    folder = url.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):
        # Everybody else writes the folder of a Unix socket as a host; pg8000 wants the socket itself.
        port = url.query.get("port") or url.port or 5432
        url = url.difference_update_query(["host", "port"])
        url = url.update_query_dict({"unix_sock": f"{folder}/.s.PGSQL.{port}"})
    return url.set(drivername="postgresql+pg8000")


def _leave_nothing_open(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()
    # After a commit that failed (a full disk), the connection would go back to the pool inside its transaction, and
    # whoever took it next would commit what had been reported as failed.
    if connection is None:
        return
    try:
        connection.rollback()
    except Exception:  # noqa: BLE001 – a driver's own error: such a connection is not used again
        record.invalidate()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions would begin late and deferred; ours are begun by hand.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("reachback_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
