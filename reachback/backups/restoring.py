"""Puts a backup back into an empty place, and says whether all of it is as it was written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from reachback.audit.desk_check import verify_desk
from reachback.audit.verification import Verification
from reachback.backups.postgres_dump import DumpRefused, load_dump
from reachback.backups.taking import DUMP_NAME, MANIFEST_NAME, BackupRefused
from reachback.db.session import Database

__all__ = ["restore_backup"]


def restore_backup(source: Path, database: Database, data_dir: Path) -> Verification:
    """Fill an empty data folder, and an empty PostgreSQL database where the backup is of one; verify both."""
    manifest = _manifest(source)
    if database.is_sqlite != (manifest.get("database") == "sqlite"):
        raise BackupRefused(
            f"{source} is a backup of {manifest.get('database')}; "
            + ("name an empty database by --database-url" if database.is_sqlite else "leave --database-url away")
        )
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BackupRefused(f"{data_dir} is not empty; a backup is restored into an empty folder, over nothing")
    if not database.is_sqlite and inspect(database.engine).get_table_names():
        raise BackupRefused("the database is not empty; a backup is restored into an empty one, over nothing")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in source.iterdir():
        if part.is_dir():
            shutil.copytree(part, data_dir / part.name)
        elif part.name == "reachback.db":
            shutil.copy2(part, data_dir / part.name)
    if not database.is_sqlite:
        try:
            load_dump(source / DUMP_NAME, database.engine.url)
        except DumpRefused as refused:
            raise BackupRefused(str(refused)) from None
    return verify_desk(database, data_dir)


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((source / MANIFEST_NAME).read_text(encoding="utf-8"))
    except OSError:
        raise BackupRefused(f"{source} is no finished backup: it has no {MANIFEST_NAME}") from None
    except ValueError:
        raise BackupRefused(f"{source / MANIFEST_NAME} is no JSON") from None
    if not isinstance(manifest, dict) or manifest.get("schema") != "reachback.backup/1":
        raise BackupRefused(f"{source} was written by another version; its manifest is not reachback.backup/1")
    return manifest
