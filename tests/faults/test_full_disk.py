"""A disk without room: a clear 507, nothing half-kept, and the same key works once there is room again."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from reachback.accounts.models import Role
from reachback.db.session import Database
from reachback.intake.models import Scan
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, file_with, identification, make_desk

MEGABYTE = 2**20
FULL_POSTGRESQL = "could not extend file: No space left on device"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def kept_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").rglob("*") if path.is_file())


def scans(desk: Desk) -> list[Scan]:
    with desk.database.reading() as session:
        return session.query(Scan).all()


def test_a_disk_that_fills_up_is_said_and_nothing_is_half_kept(
    sqlite_database: Database, clock: StillClock, small_disk: Path
) -> None:
    with make_desk(sqlite_database, clock, small_disk) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour")
        contents = [file_with(identification(), salt=f"{number}" + "x" * 2 * MEGABYTE) for number in range(6)]
        answers = [desk.upload(officer, content, f"key{number}") for number, content in enumerate(contents)]
        codes = [answer.status_code for answer in answers]
        assert codes[0] == 201
        assert codes[-1] == 507
        assert set(codes) == {201, 507}
        problem = answers[-1].json()
        assert problem["status"] == 507
        assert "nothing of this upload was kept" in problem["detail"]
        acknowledged = sorted(answer.json()["sha256"] for answer in answers if answer.status_code == 201)
        assert kept_files(small_disk) == sorted(scan.sha256 for scan in scans(desk)) == acknowledged
        (small_disk / "files" / acknowledged[0][:2] / acknowledged[0]).unlink()  # somebody makes room
        assert desk.upload(officer, contents[-1], "key5").status_code == 201


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_any_step_of_keeping_bytes_may_fail(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with make_desk(database, clock, tmp_path) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour")
        content = file_with(identification())
        with monkeypatch.context() as patched:
            if step == "replace":
                patched.setattr(Path, "replace", full)
            elif step == "fsync":
                patched.setattr(os, "fsync", full)
            else:
                patched.setattr(tempfile, "mkstemp", full)
            answer = desk.upload(officer, content, "key")
        assert answer.status_code == 507
        assert scans(desk) == []
        assert kept_files(tmp_path) == []
        assert desk.upload(officer, content, "key").status_code == 201


@pytest.mark.parametrize("full_at", [1, 2, 3])
def test_a_disk_that_fills_up_among_the_photos_keeps_none_of_them(
    sqlite_database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int
) -> None:
    written = 0
    real = os.fsync

    def full_later(descriptor: int) -> None:
        nonlocal written
        written += not stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if written > full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with make_desk(sqlite_database, clock, tmp_path) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour") | {"Idempotency-Key": "key"}
        photos = [("photo_powder", (f"{number}.jpg", f"photo {number}".encode())) for number in range(3)]
        files = [("file", ("a.jdx", file_with(identification()))), *photos]
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full_later)
            answer = desk.client.post("/api/v1/scans", files=files, headers=officer)
        assert answer.status_code == 507
        assert scans(desk) == []
        assert kept_files(tmp_path) == []
        assert desk.client.post("/api/v1/scans", files=files, headers=officer).status_code == 201
        assert len(kept_files(tmp_path)) == 4


@pytest.mark.parametrize("table", ["scans", "attachments", "reservations", "audit_entries"])
def test_a_database_without_room_keeps_neither_scan_nor_photos(
    database: Database, clock: StillClock, tmp_path: Path, table: str
) -> None:
    with make_desk(database, clock, tmp_path) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour") | {"Idempotency-Key": "key"}
        files = [("file", ("a.jdx", file_with(identification()))), ("photo_packaging", ("bag.jpg", b"a bag"))]
        with failing(database, f"INSERT INTO {table}"):
            answer = desk.client.post("/api/v1/scans", files=files, headers=officer)
        assert answer.status_code == 507
        assert scans(desk) == []
        assert kept_files(tmp_path) == []
        assert desk.client.post("/api/v1/scans", files=files, headers=officer).status_code == 201


def test_a_database_without_room_keeps_neither_row_nor_bytes(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    with make_desk(database, clock, tmp_path) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour")
        with failing(database, "INSERT INTO scans"):
            answer = desk.upload(officer, file_with(identification()), "key")
        assert answer.status_code == 507
        assert scans(desk) == []
        assert kept_files(tmp_path) == []
        assert desk.upload(officer, file_with(identification()), "key").status_code == 201


def test_a_result_without_room_leaves_the_scan_reserved(database: Database, clock: StillClock, tmp_path: Path) -> None:
    with make_desk(database, clock, tmp_path) as desk:
        officer = desk.person(Role.OFFICER, "anna", "harbour")
        content = file_with(identification("no_match"))
        with failing(database, "INSERT INTO cases"):
            answer = desk.upload(officer, content, "key")
        assert answer.status_code == 507
        assert "the scan is kept" in answer.json()["detail"]
        kept = scans(desk)
        assert [scan.state for scan in kept] == ["reserved"]
        assert kept[0].identifications is None
        assert desk.intake.resume() == 1
        again = desk.upload(officer, content, "key")
        assert (again.status_code, again.json()["scan_id"]) == (200, kept[0].id)
        assert again.json()["case"]["state"] == "queued"


class failing:  # noqa: N801 – reads as a verb
    """While this lasts, statements that hold this find the disk full."""

    def __init__(self, database: Database, part: str) -> None:
        self._engine, self._part = database.engine, part

    def _fail(self, connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if self._part in statement:  # the log of PostgreSQL is appended by one statement of several parts
            said = "database or disk is full" if self._engine.dialect.name == "sqlite" else FULL_POSTGRESQL
            raise OperationalError(statement, {}, Exception(said))

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._fail)

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._fail)
