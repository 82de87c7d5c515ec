"""Files that are whole or not there, and never written twice: objects by their SHA-256, and one-time writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from library.errors import BrokenStore, OutputRefused

__all__ = ["keep_object", "object_path", "read_object", "verify_object", "write_once"]

PIECE = 2**20


def object_path(store: Path, digest: str) -> Path:
    """Where the object of a SHA-256 lies."""
    return store / "objects" / digest[:2] / digest[2:]


def keep_object(store: Path, source: Path | bytes) -> str:
    """Keep bytes, or a copy of a file, under their SHA-256; returns it. What is kept already is not written again.

    Raises
    ------
    OutputRefused
        The file cannot be read, or the store not written.
    """
    try:
        with _beside(store / "objects") as (stream, beside):
            whole = hashlib.sha256()
            for piece in _pieces(source):
                whole.update(piece)
                stream.write(piece)
            _settle(stream)
            path = object_path(store, whole.hexdigest())
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                beside.chmod(0o444)
                beside.replace(path)
                _settle_folder(path.parent)
                _settle_folder(path.parent.parent)
            return whole.hexdigest()
    except OSError as error:
        raise OutputRefused(
            f"{error.filename or store} cannot be kept ({error.strerror}); nothing was changed"
        ) from None


def read_object(store: Path, digest: str) -> bytes:
    """The bytes of an object, compared with their name.

    Raises
    ------
    BrokenStore
        It is gone or was changed.
    """
    try:
        content = object_path(store, digest).read_bytes()
    except OSError as error:
        raise BrokenStore(f"{store} lacks the object {digest} ({error.strerror}); restore it from a backup") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise _changed(store, digest)
    return content


def verify_object(store: Path, digest: str) -> None:
    """As `read_object`, for objects too large to hold.

    Raises
    ------
    BrokenStore
        It is gone or was changed.
    """
    try:
        with object_path(store, digest).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BrokenStore(f"{store} lacks the object {digest} ({error.strerror}); restore it from a backup") from None
    if found != digest:
        raise _changed(store, digest)


def write_once(path: Path, content: bytes, mode: int = 0o444) -> None:
    """Write a file whole or not at all, and never over one that is there.

    Raises
    ------
    FileExistsError
        There is one; it was left alone.
    OSError
        The place cannot be written.
    """
    with _beside(path.parent) as (stream, beside):
        stream.write(content)
        _settle(stream)
        beside.chmod(mode)
        os.link(beside, path)  # unlike a rename, a link never replaces
        _settle_folder(path.parent)


def _changed(store: Path, digest: str) -> BrokenStore:
    return BrokenStore(f"the object {digest} of {store} was changed; restore it from a backup")


def _pieces(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An open file that is gone afterwards unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream, beside
    finally:
        beside.unlink(missing_ok=True)


def _settle(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _settle_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
