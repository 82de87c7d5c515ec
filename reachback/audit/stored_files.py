"""Which columns name stored files, so that a missing or changed file is found and named by its scan.

Tables are named as text: the log lies below the domains and does not import them. A test holds the names to the models.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reachback.db.files import FileStore

__all__ = ["STORED_FILES", "FileOf", "StoredFile", "file_fault", "files_of_row"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A column that holds the SHA-256 of a stored file; ``scan`` is the column with the id of its scan, if any."""

    table: str
    digest: str
    scan: str | None


STORED_FILES = (
    StoredFile("scans", "sha256", "id"),
    StoredFile("attachments", "sha256", "scan_id"),
    StoredFile("replies", "report_sha256", None),  # a report is of a case; its row is named
)


@dataclass(frozen=True, slots=True)
class FileOf:
    """A file that should be there, and the row it is told by."""

    sha256: str
    table: str
    id: str


def files_of_row(table: str, row: Mapping[str, Any]) -> Iterable[FileOf]:
    """The stored files that a row names."""
    for column in STORED_FILES:
        digest = row.get(column.digest) if column.table == table else None
        if isinstance(digest, str) and _DIGEST.fullmatch(digest):
            owner, owner_id = ("scans", row[column.scan]) if column.scan else (table, row["id"])
            yield FileOf(digest, owner, str(owner_id))


def file_fault(files: FileStore, sha256: str) -> str | None:
    """What is wrong with a stored file, None where it is what it was."""
    path: Path = files.path(sha256)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return f"the stored file {sha256} is missing"
    except OSError as error:
        return f"the stored file {sha256} cannot be read: {error.strerror}"
    return None if digest.hexdigest() == sha256 else f"the stored file {sha256} was changed"
