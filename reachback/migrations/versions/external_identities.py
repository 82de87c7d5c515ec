"""Which account belongs to whom an identity provider knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_rows

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its trigger."""
    op.create_table(
        "external_identities",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_external_identities_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_external_identities_account_id"), "external_identities", ["account_id"], unique=False)
    for statement in protect_rows(op.get_bind().dialect.name, ["external_identities"]):
        op.execute(statement)
