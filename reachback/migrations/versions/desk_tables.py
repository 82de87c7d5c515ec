"""The desk's tables: scans, cases, findings, replies, laboratories, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reachback.audit.triggers import protect_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AUDITED = (
    "attachments",
    "cases",
    "clock_events",
    "findings",
    "first_impressions",
    "laboratory_referrals",
    "laboratory_results",
    "officer_questions",
    "replies",
    "scans",
)


def upgrade() -> None:
    """Make the tables and the triggers."""
    _make_cases()
    _make_deliveries()
    _make_domain_events()
    _make_case_leases()
    _make_clock_events()
    _make_drafts()
    _make_findings()
    _make_first_impressions()
    _make_laboratory_referrals()
    _make_officer_questions()
    _make_scans()
    _make_attachments()
    _make_laboratory_results()
    _make_replies()
    _make_reservations()
    connection = op.get_bind()
    for statement in protect_rows(connection.dialect.name, AUDITED):
        connection.execute(sa.text(statement))


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("exhibit", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("lane_rank", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("opened_because", sa.Text(), nullable=False),
        sa.Column("scan_ids", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("finder_id", sa.Text(), nullable=True),
        sa.Column("second_reader_id", sa.Text(), nullable=True),
        sa.Column("released_at", sa.Text(), nullable=True),
        sa.Column("preliminary_at", sa.Text(), nullable=True),
        sa.Column("waiting_since", sa.Text(), nullable=True),
        sa.Column("second_read_since", sa.Text(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_queue", "cases", ["state", "lane_rank", "due_at"], unique=False)
    op.create_index(op.f("ix_cases_unit"), "cases", ["unit"], unique=False)


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_waiting", "deliveries", ["state", "not_before"], unique=False)


def _make_domain_events() -> None:
    op.create_table(
        "domain_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_events")),
    )


def _make_case_leases() -> None:
    op.create_table(
        "case_leases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("token_sha256", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_leases_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_leases")),
    )


def _make_clock_events() -> None:
    op.create_table(
        "clock_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_clock_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_events")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_clock_events_case_id_kind")),
    )
    op.create_index(op.f("ix_clock_events_case_id"), "clock_events", ["case_id"], unique=False)


def _make_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_drafts_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_account_id"), "drafts", ["account_id"], unique=False)
    op.create_index(op.f("ix_drafts_case_id"), "drafts", ["case_id"], unique=False)


def _make_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("confidence_words", sa.Text(), nullable=True),
        sa.Column("evidence_used", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_findings_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_findings_case_id_version")),
    )
    op.create_index(op.f("ix_findings_case_id"), "findings", ["case_id"], unique=False)


def _make_first_impressions() -> None:
    op.create_table(
        "first_impressions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_first_impressions_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_first_impressions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_impressions")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_first_impressions_case_id_account_id")),
    )
    op.create_index(op.f("ix_first_impressions_case_id"), "first_impressions", ["case_id"], unique=False)


def _make_laboratory_referrals() -> None:
    op.create_table(
        "laboratory_referrals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("referred_by", sa.Text(), nullable=False),
        sa.Column("referred_at", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.Text(), nullable=True),
        sa.Column("overdue_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_laboratory_referrals_case_id")),
        sa.ForeignKeyConstraint(["referred_by"], ["accounts.id"], name=op.f("fk_laboratory_referrals_referred_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_referrals")),
    )
    op.create_index(op.f("ix_laboratory_referrals_case_id"), "laboratory_referrals", ["case_id"], unique=False)


def _make_officer_questions() -> None:
    op.create_table(
        "officer_questions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_officer_questions_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_officer_questions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_questions")),
    )
    op.create_index(op.f("ix_officer_questions_case_id"), "officer_questions", ["case_id"], unique=False)


def _make_scans() -> None:
    op.create_table(
        "scans",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("exhibit", sa.Text(), nullable=True),
        sa.Column("identifications", sa.Text(), nullable=True),
        sa.Column("refusals", sa.Text(), nullable=True),
        sa.Column("device_results", sa.Text(), nullable=True),
        sa.Column("primary_index", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("decide_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_scans_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_scans_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    op.create_index(op.f("ix_scans_account_id"), "scans", ["account_id"], unique=False)
    op.create_index(op.f("ix_scans_case_id"), "scans", ["case_id"], unique=False)
    op.create_index(op.f("ix_scans_decide_at"), "scans", ["decide_at"], unique=False)
    op.create_index(op.f("ix_scans_received_at"), "scans", ["received_at"], unique=False)
    op.create_index(op.f("ix_scans_sha256"), "scans", ["sha256"], unique=False)
    op.create_index("ix_scans_unit_exhibit", "scans", ["unit", "exhibit"], unique=False)


def _make_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_attachments_scan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_scan_id"), "attachments", ["scan_id"], unique=False)


def _make_laboratory_results() -> None:
    op.create_table(
        "laboratory_results",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.Text(), nullable=False),
        sa.Column("reference_number", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_laboratory_results_case_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_laboratory_results_entered_by")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["laboratory_referrals.id"], name=op.f("fk_laboratory_results_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_results")),
    )
    op.create_index(op.f("ix_laboratory_results_case_id"), "laboratory_results", ["case_id"], unique=False)


def _make_replies() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("report_sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_replies_case_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_replies_finding_id")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_replies_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_replies_case_id_version")),
    )
    op.create_index(op.f("ix_replies_case_id"), "replies", ["case_id"], unique=False)


def _make_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reservations_account_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_reservations_scan_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_reservations_account_id_key")),
    )
