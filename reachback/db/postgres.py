"""The PostgreSQL driver as the desk uses it: each statement is prepared once a connection, and then only bound.

pg8000 parses and describes a statement anew each time it runs, in three round trips, and looks through its text letter
by letter for placeholders. Of the thirty statements of an upload, that is most of what they cost, here and in the
database.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pg8000.legacy  # type: ignore[import-untyped]
from pg8000.dbapi import convert_paramstyle  # type: ignore[import-untyped]

__all__ = ["PreparingConnection"]

# Lists in a question make a text for each of their lengths; what comes after so many is not kept.
MOST_PREPARED = 400


class PreparingConnection(pg8000.legacy.Connection):  # type: ignore[misc]
    """A connection that remembers what it has prepared."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepared: dict[str, tuple[bytes, Any, Any]] = {}

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


def make_values(connection: pg8000.legacy.Connection, values: Sequence[Any]) -> tuple[str | None, ...]:
    """Values as the protocol takes them."""
    made: tuple[str | None, ...] = pg8000.legacy.make_params(connection.py_types, values)
    return made


@lru_cache(maxsize=1000)
def _numbered(query: str) -> str:
    numbered: str = convert_paramstyle("format", query, ())[0]
    return numbered


def _convert_once(style: str, query: str, values: Any) -> tuple[str, Any]:
    """The same as the driver's own, remembered: what a text becomes does not depend on its values."""
    if style != "format":
        converted: tuple[str, Any] = convert_paramstyle(style, query, values)
        return converted
    return _numbered(query), values


pg8000.legacy.convert_paramstyle = _convert_once
