"""Stored bytes: plain files in the data folder, one per SHA-256, unchanged and uncompressed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

__all__ = ["FileStore"]


class FileStore:
    """Content-addressed files under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes with this digest lie, or would lie."""
        return self._folder / sha256[:2] / sha256

    def keep(self, content: bytes) -> str:
        """Store bytes durably, and return their SHA-256.

        Written beside, flushed to disk, then renamed; the folder is flushed too, so that what was acknowledged survives
        a loss of power. Equal bytes are stored once. Raises OSError where the disk is full; then nothing is half-kept.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (target.parent, self._folder):
            _flush_folder(folder)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes with this digest.

        Raises
        ------
        FileNotFoundError
            They are not there.
        ValueError
            They are there, but are no longer those bytes.
        """
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"the stored file {sha256} was changed")
        return content


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
