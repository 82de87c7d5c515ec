"""``token``, ``audit verify``, ``migrate``, ``backup``, ``restore``, and what ``serve`` refuses, as a user sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import reachback.migrations.tables  # noqa: F401 – every table there is
from reachback.audit.stored_rows import audited_tables
from reachback.migrations.schema import newest_revision
from tests.reachback.conftest import Command

ROLES = ("officer", "chemist", "librarian", "supervisor", "auditor", "admin", "device")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def one_sentence(text: str, *words: str) -> None:
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("role", ROLES)
def test_a_token_is_the_last_line(reachback: Command, data_dir: Path, role: str) -> None:
    ended = reachback("token", "--role", role, "--name", "anna", "--data-dir", data_dir)
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.splitlines()[-1]) == 43  # 256 bits


def test_the_data_folder_is_its_owners(reachback: Command, data_dir: Path) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert (data_dir / "keys" / "audit-signing-key.pem").stat().st_mode & 0o777 == 0o600


def test_the_folder_may_come_from_the_environment(
    reachback: Command, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACHBACK_DATA_DIR", str(data_dir))
    assert reachback("token", "--role", "officer", "--name", "anna").code == 0
    assert (data_dir / "reachback.db").is_file()


def test_another_role_is_refused(reachback: Command, data_dir: Path) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    ended = reachback("token", "--role", "chemist", "--name", "anna", "--data-dir", data_dir)
    assert ended.code == 2
    one_sentence(ended.err, "anna", "officer", "never changed to chemist")


def test_a_role_that_is_none(reachback: Command, data_dir: Path) -> None:
    ended = reachback("token", "--role", "king", "--name", "anna", "--data-dir", data_dir)
    assert ended.code == 2
    one_sentence(ended.err, "king", "officer, chemist")
    assert not data_dir.exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://", "oracle://host/db", "postgresql://anna:hush@127.0.0.1:1/none"]
)
def test_a_database_that_is_not_there(reachback: Command, data_dir: Path, url: str) -> None:
    ended = reachback("token", "--role", "admin", "--name", "a", "--data-dir", data_dir, "--database-url", url)
    assert ended.code == 2
    one_sentence(ended.err, "database")
    assert "hush" not in ended.err


def test_a_folder_that_cannot_be_one(reachback: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = reachback("migrate", "--data-dir", tmp_path / "file")
    assert ended.code == 2
    one_sentence(ended.err, "data folder")


def test_a_setting_that_is_wrong_is_named(reachback: Command, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACHBACK_SECOND_READ_SHARE", "7")
    ended = reachback("migrate", "--data-dir", data_dir)
    assert ended.code == 2
    one_sentence(ended.err, "REACHBACK_SECOND_READ_SHARE")


def verify(reachback: Command, data_dir: Path, *options: str) -> tuple[int, dict[str, Any]]:
    ended = reachback("audit", "verify", "--json", "--data-dir", data_dir, *options)
    assert ended.err == ""
    return ended.code, json.loads(ended.out)


def test_verify_as_the_contract_says(reachback: Command, data_dir: Path) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    code, document = verify(reachback, data_dir)
    assert code == 0
    assert (document["entries"], document["broken"]) == (2, [])
    assert {"accounts", "tokens", "scans", "cases", "findings"} <= set(document["audited"])
    with closing(sqlite3.connect(data_dir / "reachback.db")) as connection:
        for table, columns in document["audited"].items():
            present = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            assert set(columns) == present
        account = connection.execute("SELECT id FROM accounts").fetchone()[0]
        connection.execute("UPDATE accounts SET unit = unit || ' '")
        connection.commit()
    code, document = verify(reachback, data_dir)
    assert code == 1
    why = "the row is not what its last entry says"
    assert document["broken"] == [{"index": 0, "table": "accounts", "id": account, "why": why}]


def test_verify_in_words(reachback: Command, data_dir: Path) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    ended = reachback("audit", "verify", "--data-dir", data_dir)
    n_tables = len(audited_tables())
    assert (ended.code, ended.out) == (0, f"2 entries, {n_tables} tables: everything is as it was written\n")
    with closing(sqlite3.connect(data_dir / "reachback.db")) as connection:
        connection.execute("UPDATE tokens SET revoked_at = 'never'")
        connection.commit()
    ended = reachback("audit", "verify", "--data-dir", data_dir)
    assert ended.code == 1
    assert "tokens" in ended.out


def test_verify_without_a_database_makes_none(reachback: Command, data_dir: Path) -> None:
    ended = reachback("audit", "verify", "--json", "--data-dir", data_dir)
    assert ended.code == 3
    one_sentence(ended.err, str(data_dir))
    assert not data_dir.exists()


@pytest.mark.parametrize("damage", ["no database", "no key", "nothing in it", "no log"])
def test_verify_finds_what_is_damaged_and_does_not_fail(reachback: Command, data_dir: Path, damage: str) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    database = data_dir / "reachback.db"
    if damage == "no database":
        database.write_bytes(b"something else entirely" * 1000)
    elif damage == "no key":
        (data_dir / "keys" / "audit-public-key.pem").unlink()
    elif damage == "nothing in it":
        database.write_bytes(b"")
    else:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DROP TABLE audit_entries")
            connection.commit()
    code, document = verify(reachback, data_dir)
    assert code == 1
    assert document["broken"] != []


def test_verify_against_a_checkpoint_kept_elsewhere(reachback: Command, data_dir: Path, tmp_path: Path) -> None:
    from reachback.audit.signing import SigningKey

    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    forged = SigningKey.of(data_dir).sign(2, bytes(32)).note
    (tmp_path / "note").write_text(forged, encoding="utf-8")
    code, document = verify(reachback, data_dir, "--checkpoint", str(tmp_path / "note"))
    assert code == 1
    assert document["broken"][0]["why"].startswith("the log was rewritten")


def test_there_and_back(reachback: Command, data_dir: Path, tmp_path: Path) -> None:
    reachback("token", "--role", "officer", "--name", "anna", "--data-dir", data_dir)
    kept = reachback("backup", tmp_path / "kept", "--data-dir", data_dir)
    assert (kept.code, kept.err) == (0, "")
    assert "2 entries" in kept.out
    again = reachback("backup", tmp_path / "kept", "--data-dir", data_dir)
    assert again.code == 2
    one_sentence(again.err, "exists already")
    back = reachback("restore", tmp_path / "kept", "--data-dir", tmp_path / "new")
    assert (back.code, back.err) == (0, "")
    assert verify(reachback, tmp_path / "new")[0] == 0
    full = reachback("restore", tmp_path / "kept", "--data-dir", data_dir)
    assert full.code == 2
    one_sentence(full.err, "not empty")


def test_a_backup_of_nothing(reachback: Command, data_dir: Path, tmp_path: Path) -> None:
    ended = reachback("backup", tmp_path / "kept", "--data-dir", data_dir)
    assert ended.code == 2
    one_sentence(ended.err, "no database")


def test_an_unused_desk_can_be_backed_up(reachback: Command, data_dir: Path, tmp_path: Path) -> None:
    assert reachback("migrate", "--data-dir", data_dir).out == f"the database has the schema {newest_revision()}\n"
    assert reachback("backup", tmp_path / "kept", "--data-dir", data_dir).code == 0


@pytest.mark.parametrize(
    ("environment", "options", "words"),
    [
        ({}, ("--host", "0.0.0.0"), ("REACHBACK_PUBLIC_URL", "TLS")),  # noqa: S104 – to be refused
        ({}, ("--host", "desk.example"), ("REACHBACK_PUBLIC_URL",)),
        ({"REACHBACK_WEBHOOK_URL": "https://other.example"}, (), ("REACHBACK_WEBHOOK_SECRET",)),
        ({"REACHBACK_OIDC_ISSUER": "https://other.example"}, (), ("REACHBACK_OIDC_", "REACHBACK_OIDC_ISSUER")),
        ({}, ("--library", "no-such-library"), ("no-such-library",)),
    ],
)
def test_serve_refuses_what_is_unsafe(
    reachback: Command,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = reachback("serve", "--data-dir", data_dir, "--port", "0", *options)
    assert ended.code == 2
    one_sentence(ended.err, *words)


def test_serve_says_that_a_port_is_taken(reachback: Command, data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = reachback("serve", "--data-dir", data_dir, "--port", port)
    assert ended.code == 2
    one_sentence(ended.err, str(port))


def test_a_worker_works_until_it_is_told_to_stop(data_dir: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "reachback", "worker", "--data-dir", str(data_dir)],
        env={**os.environ, "REACHBACK_WORKERS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "reachback worker is at work\n"
    worker.send_signal(signal.SIGTERM)
    _, errors = worker.communicate(timeout=60)
    assert worker.returncode == 0
    assert "Traceback" not in errors
