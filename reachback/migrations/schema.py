"""Brings a database to the present schema, by the migrations beside this module."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from reachback.db.session import Database

__all__ = ["SchemaRefused", "bring_up_to_date", "check_schema", "newest_revision", "revision_of"]

# Any number will do, as long as every process that migrates takes the same.
_LOCK = 7_213_408


class SchemaRefused(Exception):
    """The database's schema is not the one of this program."""


def bring_up_to_date(database: Database) -> str:
    """Run all migrations that are missing, together or not at all; of several processes at once, one runs them."""
    writer = database.engine.execution_options(reachback_writing=True)
    with writer.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and present not in {script.revision for script in _scripts().walk_revisions()}:
            raise SchemaRefused(
                f"the database has the schema {present}, which this version does not know; it was made by a newer one"
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest_revision()


def revision_of(database: Database) -> str | None:
    """The schema a database has, None where it has none."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The schema of this program."""
    head = _scripts().get_current_head()
    if head is None:
        raise SchemaRefused("this installation holds no migrations; install it again")
    return head


def check_schema(database: Database) -> None:
    """Refuse a database whose schema is not the one of this program."""
    present, wanted = revision_of(database), newest_revision()
    if present is None:
        raise SchemaRefused(
            "the database is empty; `reachback migrate` makes its tables, and so does `reachback serve`"
        )
    if present != wanted:
        raise SchemaRefused(f"the database has the schema {present}, and {wanted} is needed; run `reachback migrate`")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
