"""Real databases under real faults."""

from __future__ import annotations

from tests.contracts.databases import clock, database, postgres, sqlite_database, sqlite_template

__all__ = ["clock", "database", "postgres", "sqlite_database", "sqlite_template"]
