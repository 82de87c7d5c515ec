"""The schema that the migrations make is the one that the models describe, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from reachback.audit.stored_rows import audited_tables
from reachback.audit.triggers import LOG_TABLES, trigger_names
from reachback.db.session import Database, connect, sqlite_url
from reachback.migrations.schema import SchemaRefused, bring_up_to_date, check_schema, newest_revision, revision_of
from reachback.migrations.tables import METADATA


def test_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
        assert set(inspect(connection).get_table_names()) == {*METADATA.tables, "alembic_version"}


def test_names_of_constraints_are_the_models(database: Database) -> None:
    # Names are what later migrations take hold of; autogenerate does not compare those of keys.
    with database.engine.connect() as connection:
        present = inspect(connection)
        for name, table in METADATA.tables.items():
            unique = {each["name"] for each in present.get_unique_constraints(name)}
            foreign = {each["name"] for each in present.get_foreign_keys(name)}
            expected = {(type(each).__name__, str(each.name)) for each in table.constraints}
            assert {("UniqueConstraint", each) for each in unique} <= expected, name
            assert {("ForeignKeyConstraint", each) for each in foreign} <= expected, name
            nullable = {column["name"]: column["nullable"] for column in present.get_columns(name)}
            assert nullable == {column.name: column.nullable for column in table.columns}, name


def test_every_audited_table_has_its_trigger(database: Database) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not database.is_sqlite:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with database.reading() as session:
        present = set(session.execute(text(query)).scalars())
    assert trigger_names(LOG_TABLES, audited_tables()) <= present


def test_a_second_time_changes_nothing(database: Database) -> None:
    assert bring_up_to_date(database) == revision_of(database) == newest_revision()


def test_of_many_starts_at_once_one_makes_the_schema(tmp_path: Path) -> None:
    def start(_: int) -> str:
        database = connect(sqlite_url(tmp_path))
        try:
            return bring_up_to_date(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {newest_revision()}


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaRefused, match="newer"):
        bring_up_to_date(database)
    with pytest.raises(SchemaRefused, match="9999"):
        check_schema(database)


def test_an_empty_database_is_refused_where_a_schema_is_needed(tmp_path: Path) -> None:
    database = connect(sqlite_url(tmp_path))
    with pytest.raises(SchemaRefused, match="reachback migrate"):
        check_schema(database)
    database.close()


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        return ["CREATE TRIGGER nonsense"]

    monkeypatch.setattr("reachback.audit.triggers.protect_rows", fail)
    database = connect(sqlite_url(tmp_path))
    with pytest.raises(Exception, match="nonsense"):
        bring_up_to_date(database)
    database.close()
    plain = create_engine(sqlite_url(tmp_path))
    with plain.connect() as connection:
        assert inspect(connection).get_table_names() == []
    plain.dispose()
