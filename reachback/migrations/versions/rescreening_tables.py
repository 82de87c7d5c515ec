"""Runs through the archive under new references: their chunks, and what they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AUDITED = ("rescreenings", "retrospective_hits")


def upgrade() -> None:
    """Make the tables and the triggers."""
    op.create_table(
        "rescreenings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("n_scans", sa.Integer(), nullable=False),
        sa.Column("covered_until", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescreenings")),
    )
    op.create_index(op.f("ix_rescreenings_key"), "rescreenings", ["key"], unique=False)
    _make_chunks()
    _make_hits()
    connection = op.get_bind()
    for statement in protect_rows(connection.dialect.name, AUDITED):
        connection.execute(sa.text(statement))


def _make_chunks() -> None:
    op.create_table(
        "rescreening_chunks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rescreening_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("scan_ids", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("n_looked", sa.Integer(), nullable=True),
        sa.Column("n_identified", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["rescreening_id"], ["rescreenings.id"], name=op.f("fk_rescreening_chunks_rescreening_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescreening_chunks")),
        sa.UniqueConstraint("rescreening_id", "position", name=op.f("uq_rescreening_chunks_rescreening_id_position")),
    )
    op.create_index(
        "ix_rescreening_chunks_queue", "rescreening_chunks", ["rescreening_id", "state", "position"], unique=False
    )


def _make_hits() -> None:
    op.create_table(
        "retrospective_hits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rescreening_id", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("identification", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rescreening_id"], ["rescreenings.id"], name=op.f("fk_retrospective_hits_rescreening_id")
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_retrospective_hits_scan_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_retrospective_hits_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrospective_hits")),
        sa.UniqueConstraint("rescreening_id", "scan_id", name=op.f("uq_retrospective_hits_rescreening_id_scan_id")),
    )
    op.create_index(op.f("ix_retrospective_hits_scan_id"), "retrospective_hits", ["scan_id"], unique=False)
    op.create_index(op.f("ix_retrospective_hits_case_id"), "retrospective_hits", ["case_id"], unique=False)
