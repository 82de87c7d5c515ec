"""Bytes on disk before anything is written of them, and away again where nothing could be written."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable

from sqlalchemy.exc import DBAPIError

from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake import repository
from reachback.problems import DiskFull

__all__ = ["discard_unclaimed", "is_full", "keep_all", "keep_bytes"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
ROOM_FOR_ROWS = 2**20  # [bytes] what the database may want for an upload, beside the file itself


def is_full(error: BaseException) -> bool:
    """Whether this says that the disk takes no more."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    said = str(error.orig) if isinstance(error, DBAPIError) else ""
    return "disk is full" in said or "No space left" in said


def keep_bytes(files: FileStore, content: bytes) -> str:
    """Store bytes durably and return their SHA-256; DiskFull where there is no room, and then nothing is half-kept."""
    try:
        _refuse_where_it_would_fill(files, len(content))
        return files.keep(content)
    except OSError as error:
        if is_full(error):
            raise DiskFull("the data folder takes no more; nothing of this upload was kept") from error
        raise


def keep_all(files: FileStore, database: Database, contents: Iterable[bytes]) -> list[str]:
    """Store several files, or none of them; their SHA-256, in order."""
    kept: list[str] = []
    try:
        for content in contents:
            kept.append(hashlib.sha256(content).hexdigest())
            keep_bytes(files, content)
    except BaseException:
        discard_unclaimed(files, database, *kept)
        raise
    return kept


def _refuse_where_it_would_fill(files: FileStore, n_bytes: int) -> None:
    """Fail before anything is written, rather than half-way."""
    folder = files.path("00" * 32).parent.parent
    while not folder.exists():
        folder = folder.parent
    if shutil.disk_usage(folder).free < n_bytes + ROOM_FOR_ROWS:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def discard_unclaimed(files: FileStore, database: Database, *digests: str) -> None:
    """Remove bytes that no row stands on, after what should have been written of them could not be.

    They are set aside first and looked for once more: an equal upload may have claimed them in between. That one looks
    for its bytes after it has claimed them, so whichever order the two take, claimed bytes end where they belong.
    """
    for sha256 in dict.fromkeys(digests):
        _discard_unclaimed(files, database, sha256)


def _discard_unclaimed(files: FileStore, database: Database, sha256: str) -> None:
    path = files.path(sha256)
    aside = path.with_name(f".aside-{sha256}-{os.getpid()}")
    with contextlib.suppress(OSError):
        path.replace(aside)
        try:
            with database.reading() as session:
                is_claimed = repository.has_bytes(session, sha256)
        except Exception:  # noqa: BLE001 – in doubt, bytes are kept
            is_claimed = True
        if is_claimed:
            aside.replace(path)
        else:
            aside.unlink()
