"""Releases and imports that people asked for, and who works on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the trigger."""
    op.create_table(
        "library_works",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("open_key", sa.Text(), nullable=True),
        sa.Column("content_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_library_works_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_works")),
        sa.UniqueConstraint("open_key", name=op.f("uq_library_works_open_key")),
    )
    op.create_index("ix_library_works_state_asked_at", "library_works", ["state", "asked_at"], unique=False)
    op.create_index(op.f("ix_library_works_content_key"), "library_works", ["content_key"], unique=False)
    op.create_table(
        "library_work_holds",
        sa.Column("work_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("n_done", sa.Integer(), nullable=True),
        sa.Column("n_all", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["work_id"], ["library_works.id"], name=op.f("fk_library_work_holds_work_id")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_library_work_holds")),
    )
    for statement in protect_rows(op.get_bind().dialect.name, ("library_works",)):
        op.execute(sa.text(statement))
