"""Options of the service's commands, and settings made from them: an option counts more than the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from reachback.db.session import Database
    from reachback.settings import Settings

__all__ = [
    "DataDirOption",
    "DatabaseUrlOption",
    "database_of",
    "open_to_children",
    "ready_database",
    "service_settings",
]

DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Keys, stored bytes, the embedded database [REACHBACK_DATA_DIR, else reachback-data].",
    ),
]
DatabaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="postgresql://…; without it the embedded database in the data folder [REACHBACK_DATABASE_URL].",
    ),
]


def service_settings(**given: Any) -> Settings:
    """Settings from the environment, and from the options that were given."""
    from pydantic import ValidationError

    from reachback.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(
            f"REACHBACK_{'.'.join(str(part) for part in each['loc']).upper()}: {each['msg']}" for each in error.errors()
        )
        raise ReachbackError(f"a setting is wrong: {wrong}") from None


def open_to_children(settings: Settings) -> None:
    """Let everything in this process and its children find the laboratory's store, which lies in the data folder."""
    os.environ["REACHBACK_DATA_DIR"] = str(settings.data_dir.absolute())


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The database of the settings as it is; one that cannot be reached is refused in a sentence."""
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    import reachback.migrations.tables  # noqa: F401 – every table, so that none is passed over
    from reachback.audit.recorded_database import open_database
    from reachback.clock import SystemClock

    try:
        database = open_database(settings, SystemClock())
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError):
        raise ReachbackError("the database URL cannot be used; write postgresql://USER@HOST/DATABASE") from None
    try:
        yield database
    except DBAPIError as error:
        what = "the database" if settings.database_url else f"{settings.data_dir / 'reachback.db'}"
        said = " ".join(str(error.orig).split())
        raise ReachbackError(f"{what} cannot be used: {said or type(error.orig).__name__}") from None
    finally:
        database.close()


@contextmanager
def ready_database(settings: Settings) -> Iterator[Database]:
    """The database with folder, keys and present schema; what is missing is made."""
    from reachback.audit.signing import KeyRefused, SigningKey
    from reachback.migrations.schema import SchemaRefused, bring_up_to_date

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        SigningKey.of(settings.data_dir)
    except KeyRefused as error:
        raise ReachbackError(str(error)) from None
    except OSError as error:
        raise ReachbackError(f"the data folder {settings.data_dir} cannot be used: {error.strerror}") from None
    with database_of(settings) as database:
        try:
            bring_up_to_date(database)
        except SchemaRefused as error:
            raise ReachbackError(str(error)) from None
        yield database
