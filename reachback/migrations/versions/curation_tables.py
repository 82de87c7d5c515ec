"""References that grew from cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FOREIGN = (
    ("case_id", "cases.id"),
    ("scan_id", "scans.id"),
    ("finding_id", "findings.id"),
    ("laboratory_result_id", "laboratory_results.id"),
    ("proposed_by", "accounts.id"),
)
_INDEXED = ("case_id", "scan_id", "reference_id")


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "case_references",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("laboratory_result_id", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Text(), nullable=False),
        sa.Column("substance", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_case_references_{column}"))
            for column, target in _FOREIGN
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
    )
    for column in _INDEXED:
        op.create_index(op.f(f"ix_case_references_{column}"), "case_references", [column], unique=False)
    connection = op.get_bind()
    for statement in protect_rows(connection.dialect.name, ("case_references",)):
        connection.execute(sa.text(statement))
