"""The audit log: what is written, what is found when somebody changes it, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from reachback.accounts.models import Account
from reachback.audit.proof_check import ProofRefused, check_consistency, check_proof
from reachback.audit.service import AuditService
from reachback.audit.signing import SigningKey
from reachback.audit.stored_rows import audited_tables
from reachback.audit.triggers import LOG_TABLES
from reachback.cases.models import Case
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.settings import Settings
from tests.contracts.databases import PostgresServer, StillClock, make_database
from tests.contracts.made_rows import AT, N_ROWS, make_rows
from tests.contracts.tampering import as_owner, named, verified

KEPT_BY_TRIGGERS = sorted(LOG_TABLES)


@pytest.fixture
def files(database: Database, tmp_path: Path) -> FileStore:
    return make_rows(database, tmp_path)


@pytest.fixture
def audit(database: Database, clock: StillClock, tmp_path: Path) -> AuditService:
    return AuditService(database, clock, Settings(data_dir=tmp_path))


def test_untouched_is_green(database: Database, files: FileStore, audit: AuditService, tmp_path: Path) -> None:
    audit.keep_checkpoint()
    verification = verified(database, files, tmp_path)
    assert verification.broken == []
    assert verification.entries == N_ROWS
    assert {"accounts", "tokens", "scans", "cases", "findings"} <= set(verification.audited)


def test_the_same_row_has_the_same_hash_on_every_database(
    sqlite_database: Database, postgres: PostgresServer, clock: StillClock, tmp_path: Path
) -> None:
    def entries(database: Database) -> list[Any]:
        make_rows(database, tmp_path)
        with database.reading() as session:
            return list(session.execute(text('SELECT "index", row_sha256, leaf_sha256 FROM audit_entries')))

    with postgres.fresh() as url:
        other = make_database(url, clock)
        assert sorted(entries(other)) == sorted(entries(sqlite_database))
        other.close()


def test_an_empty_log_is_not_green(database: Database, tmp_path: Path) -> None:
    verification = verified(database, FileStore(tmp_path / "files"), tmp_path)
    assert [each.table for each in verification.broken] == ["audit_entries"]


def test_a_transaction_that_fails_leaves_no_entry(database: Database, files: FileStore, tmp_path: Path) -> None:
    def fail() -> None:
        with database.writing("a1", "case.move") as session:
            session.get_one(Case, "c1").state = "claimed"
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert verified(database, files, tmp_path).broken == []


def test_every_change_is_one_more_entry(database: Database, files: FileStore, tmp_path: Path) -> None:
    with database.writing("a1", "case.move") as session:
        session.get_one(Case, "c1").state = "claimed"
    verification = verified(database, files, tmp_path)
    assert (verification.entries, verification.broken) == (N_ROWS + 1, [])
    with database.reading() as session:
        last = session.execute(
            text('SELECT actor, action, table_name, row_id FROM audit_entries WHERE "index" = :last'), {"last": N_ROWS}
        ).one()
    assert tuple(last) == ("a1", "case.move", "cases", "c1")


def test_statements_that_pass_by_the_log_are_refused(database: Database, files: FileStore) -> None:
    with pytest.raises(ValueError, match="cases are changed one by one"), database.writing("a1", "x") as session:
        session.execute(update(Case).values(state="claimed"))


@pytest.mark.parametrize("table", KEPT_BY_TRIGGERS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_log_refuses_change(
    database: Database, files: FileStore, audit: AuditService, table: str, statement: str
) -> None:
    audit.keep_checkpoint()
    column = {"audit_entries": "actor", "audit_nodes": "sha256", "audit_checkpoints": "note"}[table]
    with pytest.raises(DBAPIError, match="the audit log forbids"), database.engine.begin() as connection:
        connection.execute(text(statement.format(table, column, column)))


@pytest.mark.parametrize("table", sorted(audited_tables()))
def test_audited_rows_are_not_deleted(database: Database, files: FileStore, table: str) -> None:
    with pytest.raises(DBAPIError, match="the audit log forbids"), database.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("table", sorted(audited_tables()))
def test_a_row_that_is_gone_is_named(database: Database, files: FileStore, tmp_path: Path, table: str) -> None:
    with database.reading() as session:
        row_id = session.execute(text(f"SELECT id FROM {table}")).scalar_one()
    as_owner(database, f"DELETE FROM {table}")
    assert (table, row_id) in named(verified(database, files, tmp_path))


def test_a_row_that_no_entry_knows_is_named(database: Database, files: FileStore, tmp_path: Path) -> None:
    as_owner(database, "INSERT INTO accounts (id, name, role, unit, created_at) VALUES ('x', 'x', 'admin', 'x', 'x')")
    assert named(verified(database, files, tmp_path)) == {("accounts", "x")}


def test_a_changed_blank_in_json_is_found(database: Database, files: FileStore, tmp_path: Path) -> None:
    as_owner(database, """UPDATE scans SET form = '{"where": "gate 7"}'""")
    assert named(verified(database, files, tmp_path)) == {("scans", "s1")}


def test_a_value_that_is_no_time_any_more_is_broken_and_no_error(
    database: Database, files: FileStore, tmp_path: Path
) -> None:
    as_owner(database, "UPDATE cases SET due_at = 'soon'", "UPDATE findings SET components = '{'")
    assert named(verified(database, files, tmp_path)) == {("cases", "c1"), ("findings", "f1")}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'somebody' WHERE \"index\" = 3",
        "UPDATE audit_entries SET at = '2029-01-01T00:00:00.000000Z' WHERE \"index\" = 3",
        'UPDATE audit_entries SET row_sha256 = leaf_sha256 WHERE "index" = 3',
        'UPDATE audit_entries SET leaf_sha256 = row_sha256 WHERE "index" = 3',
        'UPDATE audit_entries SET "index" = 9000000000000000000 WHERE "index" = 3',
        'UPDATE audit_entries SET "index" = -1 WHERE "index" = 3',
        'DELETE FROM audit_entries WHERE "index" = 3',
        f'DELETE FROM audit_entries WHERE "index" = {N_ROWS - 1}',
        "DELETE FROM audit_entries",
        f"UPDATE audit_head SET size = {N_ROWS - 1}",
        "UPDATE audit_head SET frontier = '[]'",
        "UPDATE audit_head SET frontier = '{'",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, size, frontier) VALUES (2, 0, '[]')",
        "UPDATE audit_nodes SET sha256 = 'x' WHERE level = 2 AND position = 0",
        "UPDATE audit_nodes SET completed_by = 2 WHERE level = 2 AND position = 0",
        "DELETE FROM audit_nodes WHERE level = 1 AND position = 1",
        "INSERT INTO audit_nodes (level, position, completed_by, sha256) VALUES (9, 9, 9, 'x')",
        "INSERT INTO audit_nodes (level, position, completed_by, sha256) VALUES (9, 9, 99, 'x')",
        "UPDATE audit_checkpoints SET note = 'nothing'",
        "UPDATE audit_checkpoints SET root_sha256 = 'nothing'",
        "UPDATE audit_checkpoints SET size = 7",
    ],
)
def test_a_changed_log_is_red(
    database: Database, files: FileStore, audit: AuditService, tmp_path: Path, statement: str
) -> None:
    audit.keep_checkpoint()
    as_owner(database, statement)
    assert verified(database, files, tmp_path).broken != []


@pytest.mark.parametrize("digest_column", ["scans.sha256", "attachments.sha256", "replies.report_sha256"])
@pytest.mark.parametrize("change", ["missing", "changed"])
def test_a_stored_file_that_is_not_what_it_was_is_named_by_its_scan(
    database: Database, files: FileStore, tmp_path: Path, digest_column: str, change: str
) -> None:
    table, column = digest_column.split(".")
    with database.reading() as session:
        path = files.path(session.execute(text(f"SELECT {column} FROM {table}")).scalar_one())
    if change == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    expected = ("replies", "y1") if table == "replies" else ("scans", "s1")
    assert named(verified(database, files, tmp_path)) == {expected}


def test_a_log_rewritten_as_a_whole_contradicts_a_checkpoint_kept_elsewhere(
    database: Database, files: FileStore, audit: AuditService, tmp_path: Path
) -> None:
    note = audit.keep_checkpoint().note
    everything = [f"DELETE FROM {table}" for table in (*LOG_TABLES, *audited_tables())]
    as_owner(database, *everything, "UPDATE audit_head SET size = 0, frontier = '[]'")
    with database.writing("forger", "account.create") as session:
        session.add(Account(id="a0", name="nobody", role="chemist", unit="harbour", created_at=AT))
    make_rows(database, tmp_path)
    assert verified(database, files, tmp_path).broken == []  # a perfect forgery, seen from inside
    broken = verified(database, files, tmp_path, note).broken
    assert [each.why for each in broken] == ["the log was rewritten: its root is not the one that was signed"]


def test_proofs_lead_to_the_checkpoint(database: Database, files: FileStore, audit: AuditService) -> None:
    key = SigningKey.of(Path(files.path("00").parents[2])).public
    with database.reading() as session:
        for index in range(N_ROWS):
            document = audit.proof(session, index)
            assert check_proof(document, key).size == N_ROWS
            document["entry"]["actor"] = "somebody"
            with pytest.raises(ProofRefused):
                check_proof(document, key)


def test_growth_is_proved(database: Database, files: FileStore, audit: AuditService) -> None:
    with database.reading() as session:
        for old in range(1, N_ROWS + 1):
            proved = audit.consistency(session, old)
            old_root, root = bytes.fromhex(proved["old_root_sha256"]), bytes.fromhex(proved["root_sha256"])
            path = [bytes.fromhex(step) for step in proved["proof"]]
            check_consistency(old, old_root, N_ROWS, root, path)
            with pytest.raises(ProofRefused):
                check_consistency(old, bytes(32), N_ROWS, root, path)
