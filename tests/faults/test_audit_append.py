"""Every statement of an append made to fail once, and the log verified each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event, text

from reachback.cases.models import Case, ClockEvent
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_rows import AT, make_rows
from tests.contracts.tampering import verified


class Fault(Exception):
    """What the test makes happen."""


@contextmanager
def failing(database: Database, number: int, moment: str) -> Iterator[list[str]]:
    """Let the statement with this number fail, before or after it reaches the database."""
    seen: list[str] = []

    def count(*arguments: Any) -> None:
        seen.append(arguments[2])
        if len(seen) == number + 1:
            raise Fault

    def commit(connection: Any) -> None:
        seen.append("COMMIT")
        if len(seen) == number + 1:
            raise Fault
        type(dialect).do_commit(dialect, connection)

    dialect = database.engine.dialect
    event.listen(database.engine, moment, count)
    with patch.object(dialect, "do_commit", commit):
        yield seen
    event.remove(database.engine, moment, count)


def change_things(database: Database, number: int) -> None:
    """Two changed rows and two new ones: entries that complete subtrees of several levels."""
    with database.writing("a1", "case.move") as session:
        session.get_one(Case, "c1").state = "claimed" if number % 2 else "queued"
        session.get_one(Case, "c1").opened_because = f"change {number}"
        for kind in ("first", "second"):
            session.add(ClockEvent(id=f"{kind}-{number}", case_id="c1", kind=f"{kind}-{number}", at=AT))


@pytest.mark.parametrize("moment", ["before_cursor_execute", "after_cursor_execute"])
def test_an_append_that_fails_anywhere_leaves_nothing(
    database: Database, clock: StillClock, tmp_path: Path, moment: str
) -> None:
    files = make_rows(database, tmp_path)
    before = verified(database, files, tmp_path)
    failed = 0
    for number in range(100):
        with failing(database, number, moment) as seen:
            try:
                change_things(database, number)
            except Fault:
                failed += 1
        if failed <= number:
            break
        after = verified(database, files, tmp_path)
        assert (after.entries, after.broken) == (before.entries, []), seen[-1]
    assert any("audit_entries" in statement for statement in seen)
    assert any("audit_nodes" in statement for statement in seen)
    assert any("UPDATE audit_head" in statement for statement in seen)
    assert failed == len(seen) >= 9
    after = verified(database, files, tmp_path)
    assert (after.entries, after.broken) == (before.entries + 3, [])


def test_what_failed_is_not_in_the_way_of_what_follows(database: Database, tmp_path: Path) -> None:
    files = make_rows(database, tmp_path)
    for number in range(20):
        with failing(database, number % 8, "before_cursor_execute"), suppress(Fault):
            change_things(database, number)
        change_things(database, 100 + number)
    after = verified(database, files, tmp_path)
    assert after.broken == []
    with database.reading() as session:
        size = session.execute(text("SELECT size FROM audit_head")).scalar_one()
        indices = session.execute(text('SELECT "index" FROM audit_entries ORDER BY 1')).scalars().all()
    assert indices == list(range(size))
