"""A backup taken while others write restores, and verifies."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from library.proposals import propose_folder
from library.safe_files import object_path, verify_object
from library.store import LibraryStore
from reachback.audit.desk_check import verify_desk
from reachback.audit.signing import SigningKey
from reachback.backups.restoring import restore_backup
from reachback.backups.taking import BackupRefused, take_backup
from reachback.db.files import FileStore
from reachback.db.session import Database, sqlite_url
from reachback.intake.models import Scan
from tests.contracts.databases import PostgresServer, StillClock, make_database
from tests.contracts.made_rows import AT, make_rows
from tests.contracts.tampering import as_owner
from tests.library.made_store import ANN, made_folder, made_store
from tests.library.made_store import AT as SAID_AT


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Path:
    """The folder of a desk with some rows."""
    SigningKey.of(tmp_path)
    make_rows(database, tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "postgresql" in request.node.name:
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def empty_database(database: Database, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """Where a backup is restored to."""
    if database.is_sqlite:
        made = make_database(sqlite_url(folder), StillClock())
        yield made
        made.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh(template="template0") as url:
        made = make_database(url, StillClock())
        yield made
        made.close()


@contextmanager
def writing(database: Database, folder: Path) -> Iterator[list[str]]:
    """Four writers that upload: bytes first, then the row, as fast as they can."""
    files, stop = FileStore(folder / "files"), threading.Event()
    written: list[str] = []

    def upload(writer: int) -> None:
        number = 0
        while not stop.is_set():
            scan_id, number = f"w{writer}-{number}", number + 1
            digest = files.keep(scan_id.encode() * 100)
            with database.writing("a1", "scan.upload") as session:
                session.add(
                    Scan(
                        id=scan_id,
                        account_id="a1",
                        unit="u",
                        file_name="f",
                        sha256=digest,
                        size=1,
                        received_at=AT,
                        state="reserved",
                        form={},
                    )
                )
            written.append(scan_id)

    threads = [threading.Thread(target=upload, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_under_load(database: Database, desk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with writing(database, desk) as written:
        for number in range(3):
            before = len(written)
            while len(written) < before + 10:
                pass
            acknowledged = list(written)
            verification = take_backup(database, desk, tmp_path / f"backup-{number}")
            assert verification.broken == []
    restored = tmp_path / "restored"
    with empty_database(database, request, restored) as other:
        found = restore_backup(tmp_path / "backup-2", other, restored)
        assert found.broken == []
        assert found.entries == verification.entries >= len(acknowledged)
        with other.reading() as session:
            kept = set(session.execute(text("SELECT id FROM scans")).scalars())
        assert set(acknowledged) <= kept
        assert SigningKey.of(restored).origin == SigningKey.of(desk).origin
        with other.writing("a1", "goes.on") as session:  # the log goes on where the backup ended
            session.get_one(Scan, "s1").state = "unreadable"
        assert verify_desk(other, restored).broken == []
    assert verify_desk(database, desk).broken == []
    assert [path.name for path in tmp_path.iterdir() if ".taking-" in path.name] == []


def test_what_does_not_verify_is_not_called_done(database: Database, desk: Path, tmp_path: Path) -> None:
    as_owner(database, "UPDATE cases SET unit = 'airport'")
    for name in ("backup.broken", "backup.broken-2"):
        verification = take_backup(database, desk, tmp_path / "backup")
        assert [(each.table, each.id) for each in verification.broken] == [("cases", "c1")]
        assert (tmp_path / name).is_dir()
    assert not (tmp_path / "backup").exists()
    with pytest.raises(BackupRefused, match="no finished backup"):
        restore_backup(tmp_path / "backup.broken", database, tmp_path / "restored")


def test_a_stored_file_that_is_missing_is_found(database: Database, desk: Path, tmp_path: Path) -> None:
    with database.reading() as session:
        FileStore(desk / "files").path(session.execute(text("SELECT sha256 FROM scans")).scalar_one()).unlink()
    broken = take_backup(database, desk, tmp_path / "backup").broken
    assert [(each.table, each.id) for each in broken] == [("scans", "s1")]


def test_the_laboratorys_library_comes_along(
    database: Database, desk: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = made_store(desk / "library")
    propose_folder(store, made_folder(tmp_path / "made"), ANN, SAID_AT)
    assert take_backup(database, desk, tmp_path / "backup").broken == []
    restored = tmp_path / "restored"
    with empty_database(database, request, restored) as other:
        restore_backup(tmp_path / "backup", other, restored)
    standings = LibraryStore.at(restored / "library").ledger().standings
    assert standings == store.ledger().standings != {}
    verify_object(restored / "library", standings["R000001"].reference.digest)


def test_a_damaged_library_is_no_finished_backup(database: Database, desk: Path, tmp_path: Path) -> None:
    store = made_store(desk / "library")
    propose_folder(store, made_folder(tmp_path / "made"), ANN, SAID_AT)
    object_path(store.path, store.ledger().standings["R000001"].reference.digest).unlink()
    with pytest.raises(BackupRefused, match="lacks the object") as refused:
        take_backup(database, desk, tmp_path / "backup")
    assert f"{desk}/library" in str(refused.value)
    assert (tmp_path / "backup.broken" / "files").is_dir()
    assert not (tmp_path / "backup").exists()


def test_nothing_is_written_over(database: Database, desk: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(BackupRefused, match="exists already"):
        take_backup(database, desk, tmp_path / "backup")
    take_backup(database, desk, tmp_path / "good")
    with pytest.raises(BackupRefused, match="is not empty"):
        restore_backup(tmp_path / "good", database, desk)
    if not database.is_sqlite:
        with pytest.raises(BackupRefused, match="database is not empty"):
            restore_backup(tmp_path / "good", database, tmp_path / "restored")


def test_the_other_kind_of_database_is_refused(
    sqlite_database: Database, tmp_path: Path, postgres: PostgresServer
) -> None:
    SigningKey.of(tmp_path)
    make_rows(sqlite_database, tmp_path)
    take_backup(sqlite_database, tmp_path, tmp_path / "backup")
    with postgres.fresh() as url:
        other = make_database(url, StillClock())
        with pytest.raises(BackupRefused, match="a backup of sqlite; leave --database-url away"):
            restore_backup(tmp_path / "backup", other, tmp_path / "restored")
        other.close()


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"schema": "reachback.backup/9"}'])
def test_what_is_no_backup(sqlite_database: Database, tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "backup.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(BackupRefused, match="backup"):
        restore_backup(tmp_path, sqlite_database, tmp_path / "restored")


def test_without_postgresqls_programs_it_is_refused_in_a_sentence(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SigningKey.of(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with postgres.fresh() as url:
        database = make_database(url, StillClock())
        with pytest.raises(BackupRefused, match="pg_dump is not on the path"):
            take_backup(database, tmp_path, tmp_path / "backup")
        database.close()
    assert not (tmp_path / "backup").exists()
