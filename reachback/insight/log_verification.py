"""The whole log verified at a person's wish, beside the requests: begun by a button, answered in words.

What `reachback audit verify` does is done here in a thread, once at a time for all processes of a desk: whoever runs
holds a lock in the data folder, which the system lets go of where he dies. The answer is a file beside it, so that
every process shows the same one. It is for information only; nothing that the log proves rests on it.

The embedded database is copied first, in one step, and its copy verified: a transaction that lasts as long as the whole
comparison would keep the write-ahead log from being emptied. PostgreSQL's snapshot keeps nobody waiting.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reachback.accounts.rights import Principal
from reachback.audit.desk_check import verify_desk
from reachback.audit.log_check import Broken
from reachback.audit.verification import Verification
from reachback.clock import Clock, as_utc_text
from reachback.db.session import Database, connect, sqlite_url
from reachback.last_resort import Mishap, attempt
from reachback.strict_json import dump_strictly

__all__ = ["REPORT_NAME", "LogVerification", "VerificationReport"]

REPORT_NAME = "audit-verification.json"
_LOCK_NAME = "audit-verification.lock"
_COPY_PREFIX = "audit-verification-copy-"
_MOST_KEPT = 200  # findings of one answer; `reachback audit verify --json` lists all


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The last answer; ``failed`` says why there is none."""

    begun_at: datetime
    ended_at: datetime
    asked_by: str
    n_entries: int
    n_tables: int
    n_broken: int
    broken: tuple[Broken, ...]  # the first of them
    failed: str | None = None

    @property
    def is_green(self) -> bool:
        """Whether everything is as it was written."""
        return self.failed is None and self.n_broken == 0


@dataclass(frozen=True, slots=True)
class LogVerification:
    """Runs a verification, and knows the last answer."""

    database: Database
    clock: Clock
    data_dir: Path

    def begin(self, principal: Principal) -> threading.Thread | None:
        """Start one; None where one is under way already."""
        lock = self._lock()
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        thread = threading.Thread(target=self._run, args=(lock, principal.name), name="verification", daemon=True)
        thread.start()
        return thread

    def is_running(self) -> bool:
        """Whether one is under way in any process of this desk."""
        lock = self._lock()
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False

    def last(self) -> VerificationReport | None:
        """The last answer, None where nobody has asked yet or the file cannot be read."""
        try:
            return _from_json(json.loads((self.data_dir / REPORT_NAME).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _lock(self) -> FileLock:
        # Any thread may let go of it: it is taken where the button is answered, and given back by the worker.
        return FileLock(self.data_dir / _LOCK_NAME, thread_local=False)

    def _run(self, lock: FileLock, asked_by: str) -> None:
        try:
            begun = self.clock.now()
            found = attempt(self._verify)
            self._keep(_report(found, begun, self.clock.now(), asked_by))
        finally:
            lock.release()

    def _verify(self) -> Verification:
        with _as_of_now(self.database, self.data_dir) as database:
            return verify_desk(database, self.data_dir)

    def _keep(self, report: VerificationReport) -> None:
        beside = self.data_dir / f"{REPORT_NAME}.{os.getpid()}"
        beside.write_text(dump_strictly(_as_json(report)), encoding="utf-8")
        beside.replace(self.data_dir / REPORT_NAME)


@contextmanager
def _as_of_now(database: Database, data_dir: Path) -> Iterator[Database]:
    """A copy of the embedded database as it stands at this moment; any other, or one without room beside it, itself."""
    for left in data_dir.glob(f"{_COPY_PREFIX}*"):  # of a process that was killed; only who holds the lock comes here
        shutil.rmtree(left, ignore_errors=True)
    place = Path(database.engine.url.database or "")
    if not database.is_sqlite or not _has_room_for(place, data_dir):
        yield database
        return
    with tempfile.TemporaryDirectory(prefix=_COPY_PREFIX, dir=data_dir) as folder:
        url = sqlite_url(Path(folder))
        try:
            with closing(sqlite3.connect(place)) as source, closing(sqlite3.connect(str(url.database))) as target:
                source.backup(target)
        except sqlite3.Error:  # what cannot be copied is told by looking at it where it lies
            yield database
            return
        copied = connect(url)
        try:
            yield copied
        finally:
            copied.close()


def _has_room_for(place: Path, data_dir: Path) -> bool:
    """Whether a copy leaves the desk as much room again."""
    files = [place, place.with_name(f"{place.name}-wal")]
    size = sum(file.stat().st_size for file in files if file.exists())
    return shutil.disk_usage(data_dir).free > 2 * size


def _report(found: Verification | Mishap, begun: datetime, ended: datetime, asked_by: str) -> VerificationReport:
    if isinstance(found, Mishap):
        return VerificationReport(begun, ended, asked_by, 0, 0, 0, (), found.sentence)
    kept = tuple(found.broken[:_MOST_KEPT])
    return VerificationReport(begun, ended, asked_by, found.entries, len(found.audited), len(found.broken), kept)


def _as_json(report: VerificationReport) -> dict[str, Any]:
    return {
        "begun_at": as_utc_text(report.begun_at),
        "ended_at": as_utc_text(report.ended_at),
        "asked_by": report.asked_by,
        "n_entries": report.n_entries,
        "n_tables": report.n_tables,
        "n_broken": report.n_broken,
        "broken": [
            {"index": each.index, "table": each.table, "id": each.id, "why": each.why} for each in report.broken
        ],
        "failed": report.failed,
    }


def _from_json(said: dict[str, Any]) -> VerificationReport:
    moment: Callable[[str], datetime] = datetime.fromisoformat
    return VerificationReport(
        begun_at=moment(said["begun_at"]),
        ended_at=moment(said["ended_at"]),
        asked_by=said["asked_by"],
        n_entries=said["n_entries"],
        n_tables=said["n_tables"],
        n_broken=said["n_broken"],
        broken=tuple(Broken(each["index"], each["table"], each["id"], each["why"]) for each in said["broken"]),
        failed=said["failed"],
    )
