"""Takes a backup while the service writes: the database at one moment, then the stored bytes, keys and library.

Bytes are on disk before any row names them and are never rewritten, so the files of a later moment hold all that the
database of an earlier one speaks of. A backup bears its name only once it was verified.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from library.errors import LibraryError
from reachback import __version__
from reachback.audit.desk_check import verify_desk
from reachback.audit.verification import Verification
from reachback.backups.library_copy import copy_library
from reachback.backups.postgres_dump import DumpRefused, dump_verified
from reachback.db.session import Database, connect, sqlite_url

__all__ = ["DUMP_NAME", "MANIFEST_NAME", "BackupRefused", "take_backup"]

MANIFEST_NAME = "backup.json"
DUMP_NAME = "reachback.dump"
_PARTS = ("files", "keys")


class BackupRefused(Exception):
    """A backup cannot be taken or used."""


def take_backup(database: Database, data_dir: Path, out: Path) -> Verification:
    """Write a backup to a folder that does not exist yet.

    Where the copy does not verify, it is left beside under the name ``OUT.broken`` and bears no manifest.
    """
    if out.exists():
        raise BackupRefused(f"{out} exists already; a backup is written to a folder of its own")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f"{out.name}.taking-{os.getpid()}")
    beside.mkdir(mode=0o700)
    try:
        verification = _copy(database, data_dir, beside)
        if _is_sound(verification):
            _write_manifest(beside, database, verification)
            beside.rename(out)
            return Verification(verification.entries, verification.audited)
        beside.rename(_free_name(out.with_name(f"{out.name}.broken")))
        return verification
    except DumpRefused as refused:
        raise BackupRefused(str(refused)) from None
    except LibraryError as damage:
        kept = _free_name(out.with_name(f"{out.name}.broken"))
        beside.rename(kept)
        said = str(damage).replace(str(beside), str(data_dir)).rstrip(".")
        raise BackupRefused(f"the library is damaged ({said}); what was copied lies at {kept}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _copy(database: Database, data_dir: Path, folder: Path) -> Verification:
    if not database.is_sqlite:
        verification, stored_files = dump_verified(database, data_dir, folder / DUMP_NAME)
        _copy_parts(data_dir, folder)
        return Verification(
            verification.entries, verification.audited, [*verification.broken, *stored_files(folder / "files")]
        )
    with (
        closing(sqlite3.connect(str(database.engine.url.database))) as source,
        closing(sqlite3.connect(str(folder / "reachback.db"))) as target,
    ):
        source.backup(target)  # all pages in one step: writers go on, and what they write is not in it
    _copy_parts(data_dir, folder)
    copied = connect(sqlite_url(folder))
    try:
        return verify_desk(copied, folder)
    finally:
        copied.close()


def _copy_parts(data_dir: Path, folder: Path) -> None:
    for part in _PARTS:
        if (data_dir / part).is_dir():
            shutil.copytree(data_dir / part, folder / part, ignore=shutil.ignore_patterns(".*"))
    copy_library(data_dir / "library", folder / "library")
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _is_sound(verification: Verification) -> bool:
    # A desk that nobody has used yet has an empty log, and may be backed up all the same.
    is_unused = verification.entries == 0 and [(each.table, each.id) for each in verification.broken] == [
        ("audit_entries", "")
    ]
    return is_unused or not verification.broken


def _write_manifest(folder: Path, database: Database, verification: Verification) -> None:
    manifest = {
        "schema": "reachback.backup/1",
        "version": __version__,
        "taken_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "database": "sqlite" if database.is_sqlite else "postgresql",
        "entries": verification.entries,
    }
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free
