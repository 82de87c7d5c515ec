"""The first tables: accounts and what lets them in, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_log, protect_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AUDITED = (
    "accounts",
    "tokens",
)


def upgrade() -> None:
    """Make the tables, the log's first head, and the triggers."""
    _make_accounts()
    _make_audit_checkpoints()
    _make_audit_entries()
    _make_audit_head()
    _make_audit_nodes()
    _make_sign_in_attempts()
    _make_browser_sessions()
    _make_tokens()
    connection = op.get_bind()
    connection.execute(sa.text("INSERT INTO audit_head (id, size, frontier) VALUES (1, 0, '[]')"))
    for statement in (*protect_log(connection.dialect.name), *protect_rows(connection.dialect.name, AUDITED)):
        connection.execute(sa.text(statement))


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_index(op.f("ix_accounts_unit"), "accounts", ["unit"], unique=False)


def _make_audit_checkpoints() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root_sha256", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoints")),
    )


def _make_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("row_sha256", sa.Text(), nullable=False),
        sa.Column("leaf_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_row", "audit_entries", ["table_name", "row_id", "index"], unique=False)


def _make_audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )


def _make_audit_nodes() -> None:
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("completed_by", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_audit_nodes")),
    )
    op.create_index("ix_audit_nodes_completed", "audit_nodes", ["completed_by", "level"], unique=False)


def _make_sign_in_attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_key_at", "sign_in_attempts", ["key", "at"], unique=False)


def _make_browser_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_browser_sessions_account_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_browser_sessions")),
    )
    op.create_index(op.f("ix_browser_sessions_account_id"), "browser_sessions", ["account_id"], unique=False)


def _make_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_index(op.f("ix_tokens_account_id"), "tokens", ["account_id"], unique=False)
