"""Opens the database that the settings name, with the audit log behind every writing transaction."""

from __future__ import annotations

from reachback.audit.service import recorder
from reachback.clock import Clock
from reachback.db.session import Database, connect, sqlite_url
from reachback.settings import Settings

__all__ = ["open_database"]


def open_database(settings: Settings, clock: Clock) -> Database:
    """SQLite in the data folder, or PostgreSQL by URL."""
    return connect(settings.database_url or sqlite_url(settings.data_dir), recorder(clock))
