"""Alembic's way in: runs the migrations on the connection that `reachback.migrations.schema` hands over."""

from __future__ import annotations

from alembic import context

from reachback.migrations.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
context.run_migrations()
