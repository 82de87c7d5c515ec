"""PostgreSQL as the desk speaks to it: statements prepared once, and connections that were cut meanwhile replaced."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pg8000.core  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from reachback.db import postgres as module
from reachback.db import session as session_module
from reachback.db.session import Database
from tests.contracts.databases import PostgresServer, StillClock, make_database


@pytest.fixture
def database(postgres: PostgresServer, clock: StillClock) -> Iterator[Database]:
    with postgres.fresh() as url:
        made = make_database(url, clock)
        yield made
        made.close()


def ask(database: Database, question: str, **values: object) -> object:
    with database.reading() as session:
        return session.execute(text(question), values).scalar_one()


def prepared(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one())


def test_a_statement_is_prepared_once_and_answers_each_time_anew(database: Database) -> None:
    question = "SELECT CAST(:value AS TEXT) || ' %' || '?' || '$1'"
    before = prepared(database)
    assert [ask(database, question, value=f"v{n} %s") for n in range(5)] == [f"v{n} %s %?$1" for n in range(5)]
    assert prepared(database) == before + 1
    assert ask(database, "SELECT CAST(:value AS TEXT) IS NULL", value=None) is True
    assert prepared(database) == before + 2


def test_what_comes_after_the_last_that_is_kept_works_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PREPARED", 2)
    assert [ask(database, f"SELECT :value + {number}", value=1) for number in range(5)] == [1, 2, 3, 4, 5]
    assert prepared(database) <= 2


def test_a_statement_that_fails_leaves_the_connection_of_use(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(DBAPIError, match="division by zero"):
            ask(database, "SELECT 1 / CAST(:value AS INTEGER)", value=0)
        with pytest.raises(DBAPIError, match="no_such_table"):
            ask(database, "SELECT :value FROM no_such_table", value=0)
        assert ask(database, "SELECT 6 / CAST(:value AS INTEGER)", value=2) == 3


def test_a_key_that_is_taken_is_still_told_from_other_errors(database: Database) -> None:
    insert = text("INSERT INTO reservations_like (id) VALUES (:id)")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE reservations_like (id TEXT PRIMARY KEY)"))
        connection.execute(insert, {"id": "a"})
    for _ in range(2):
        with pytest.raises(IntegrityError), database.engine.begin() as connection:
            connection.execute(insert, {"id": "a"})


def test_a_connection_that_was_cut_while_it_rested_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_REST_SECONDS", 0.01)
    victim = ask(database, "SELECT pg_backend_pid()")  # it rests in the pool now
    killer = make_database(database.engine.url, StillClock())
    assert ask(killer, "SELECT pg_terminate_backend(:pid)", pid=victim) is True
    killer.close()
    time.sleep(0.05)
    assert ask(database, "SELECT pg_backend_pid()") != victim


def states(database: Database) -> list[str]:
    """What the back ends of this database's other connections are doing."""
    wanted = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.reading() as session:
        return [str(state) for state in session.scalars(text(wanted))]


def states_in_the_end(database: Database) -> list[str]:
    """The same, once the back ends have heard what they were sent."""
    for _ in range(100):
        found = states(database)
        if set(found) == {"idle"}:
            break
        time.sleep(0.05)
    return found


def test_a_transaction_that_was_read_in_is_over_although_nobody_waited_for_the_answer(database: Database) -> None:
    other = make_database(database.engine.url, StillClock())
    for number in range(3):
        assert ask(database, "SELECT CAST(:value AS INTEGER) + 1", value=number) == number + 1
        assert states_in_the_end(other) == ["idle"]
    other.close()


def test_what_is_rolled_back_is_gone_and_what_follows_sees_the_present(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER)"))
    for number in range(3):
        with database.engine.connect() as connection:
            connection.execute(text("INSERT INTO kept VALUES (:id)"), {"id": number})
            connection.rollback()
        with database.engine.begin() as connection:
            connection.execute(text("INSERT INTO kept VALUES (:id)"), {"id": 10 + number})
        assert ask(database, "SELECT string_agg(CAST(id AS TEXT), ' ' ORDER BY id) FROM kept") == " ".join(
            str(10 + each) for each in range(number + 1)
        )


def test_a_value_that_cannot_be_sent_leaves_no_transaction_open(database: Database) -> None:
    question = "SELECT CAST(:value AS TEXT)"
    other = make_database(database.engine.url, StillClock())
    for _ in range(2):
        with pytest.raises(UnicodeEncodeError):
            ask(database, question, value="half of a pair \ud800")
        assert states_in_the_end(other) == ["idle"]
        assert ask(database, question, value="whole") == "whole"
    other.close()


def test_the_beginning_and_the_end_of_a_reading_are_not_sent_for_themselves(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    really = pg8000.core._flush
    ask(database, "SELECT CAST(:value AS INTEGER)", value=1)

    def counting(sock: object) -> None:
        sent.append(sock)
        really(sock)

    monkeypatch.setattr(pg8000.core, "_flush", counting)
    ask(database, "SELECT CAST(:value AS INTEGER)", value=2)
    assert len(sent) == 2  # the question with what begins it; and what ends it, for which nobody waits
