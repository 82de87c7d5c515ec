"""The PostgreSQL driver as the desk uses it: each statement is prepared once a connection, and then only bound.

pg8000 parses and describes a statement anew each time it runs, in three round trips, and looks through its text letter
by letter for placeholders. It also waits for the answer to each BEGIN and ROLLBACK, from which nobody learns anything.
Of the statements of an upload, that is most of what they cost, here and in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pg8000.legacy  # type: ignore[import-untyped]
from pg8000.core import IDLE, Context  # type: ignore[import-untyped]
from pg8000.dbapi import convert_paramstyle  # type: ignore[import-untyped]
from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]

__all__ = ["PreparingConnection"]

# Lists in a question make a text for each of their lengths; what comes after so many is not kept.
MOST_PREPARED = 400
_BEGIN, _ROLLBACK = "begin transaction", "rollback"


class PreparingConnection(pg8000.legacy.Connection):  # type: ignore[misc]
    """A connection that remembers what it has prepared, and does not wait for answers that say nothing."""

    _owed: tuple[str, ...] = ()  # statements that were sent, and whose answers come before the next one's

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepared: dict[str, tuple[bytes, Any, Any]] = {}

    def cursor(self) -> _PreparingCursor:
        """A cursor that numbers the placeholders of a statement once."""
        return _PreparingCursor(self)

    def execute_unnamed(
        self, statement: str, vals: Sequence[Any] = (), oids: Sequence[int] = (), stream: Any = None
    ) -> Any:
        """Run a statement with values; what the driver calls for every statement that has any."""
        known = self._prepared.get(statement)
        if known is None:
            if oids or stream is not None or len(self._prepared) >= MOST_PREPARED:
                return super().execute_unnamed(statement, vals=vals, oids=oids, stream=stream)
            known = self._prepared[statement] = self.prepare_statement(statement, ())
        name, columns, read_by = known
        return self.execute_named(name, make_values(self, vals), columns, read_by, statement)

    def execute_simple(self, statement: str) -> Any:
        """Run a statement without values; the beginning of a transaction travels with its first statement."""
        if statement != _BEGIN:
            return super().execute_simple(statement)
        self.send_QUERY(statement)
        self._owed += (statement,)
        return Context(statement)

    def rollback(self) -> None:
        """End a transaction: it is over once this is sent, and what the answer says is looked at later."""
        if not self._in_transaction:
            return
        self.send_QUERY(_ROLLBACK)
        pg8000.core._flush(self._sock)
        self._owed += (_ROLLBACK,)
        self._transaction_status = IDLE

    def handle_messages(self, context: Any) -> None:
        """Read the answer to a statement, after those which are owed from before."""
        owed, self._owed = self._owed, ()
        failed = None
        for statement in owed:
            try:
                super().handle_messages(Context(statement))
            except InterfaceError:
                raise  # nothing more will come
            except DatabaseError as error:
                failed = failed or error
        super().handle_messages(context)
        if failed is not None:
            raise failed

    @property
    def _in_transaction(self) -> bool:
        is_begun: bool = super()._in_transaction
        return self._owed[-1:] == (_BEGIN,) or is_begun


class _PreparingCursor(pg8000.legacy.Cursor):  # type: ignore[misc]
    """Leaves out what the driver's own does for each statement again."""

    _input_oids: Sequence[int]

    def execute(self, operation: str, args: Sequence[Any] = (), stream: Any = None) -> Any:
        """Run a statement; the same answers and errors as the driver's own."""
        if len(args) == 0 or stream is not None or self.paramstyle != "format":
            return super().execute(operation, args, stream)
        connection = self._c
        if connection is None or connection._sock is None:
            raise InterfaceError("the cursor or its connection is closed")
        try:
            if not connection._in_transaction and not connection.autocommit:
                connection.execute_simple(_BEGIN)
            self._context = connection.execute_unnamed(_numbered(operation), vals=args, oids=self._input_oids)
        except InterfaceError:
            raise
        except DatabaseError as error:
            raise _as_told(error) from error
        self._row_iter = iter(self._context.rows or ())
        self._input_oids = ()
        return self


def _as_told(error: DatabaseError) -> Exception:
    """The kind of error that the driver makes of what the database says: a key that is taken is told from all else."""
    said = error.args[0]
    code = said.get("C") if isinstance(said, dict) else None
    if code == "28000":
        return InterfaceError(said)  # type: ignore[no-any-return]
    kind = pg8000.IntegrityError if code == "23505" else pg8000.ProgrammingError
    return kind(said)  # type: ignore[no-any-return]


def make_values(connection: pg8000.legacy.Connection, values: Sequence[Any]) -> tuple[str | None, ...]:
    """Values as the protocol takes them."""
    made: tuple[str | None, ...] = pg8000.legacy.make_params(connection.py_types, values)
    return made


@lru_cache(maxsize=1000)
def _numbered(query: str) -> str:
    numbered: str = convert_paramstyle("format", query, ())[0]
    return numbered
