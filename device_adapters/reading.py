"""The one entrance for bytes: bound, recognise, read, stamp."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from device_adapters.errors import EmptyFile, FileTooLarge, UnknownFormat, UnreadableFile
from device_adapters.limits import HEAD_BYTES, MAX_FILE_BYTES
from device_adapters.recording import Recording
from device_adapters.registry import best_format
from device_adapters.signatures import describe_unknown

__all__ = ["load_bytes", "read"]

_MEBIBYTE = 1024 * 1024


def read(data: bytes, name: str) -> list[Recording]:
    """Read every recording of a file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Its name; a hint at most, the content decides.

    Returns
    -------
    list of Recording
        At least one, in the order of the file, each with the SHA-256 of ``data``.

    Raises
    ------
    EmptyFile, FileTooLarge, UnknownFormat, MalformedFile
    """
    if not data:
        raise EmptyFile("the file is empty: copy it from the device again")
    _refuse_too_large(len(data))
    chosen = best_format(data[:HEAD_BYTES], name)
    if chosen is None:
        raise UnknownFormat(describe_unknown(data))
    recordings = chosen.read(data, name)
    digest = hashlib.sha256(data).hexdigest()
    return [replace(recording, sha256=digest, index=i) for i, recording in enumerate(recordings)]


def load_bytes(path: str | os.PathLike[str]) -> bytes:
    """Load a file that is to be read, without loading what is too large to read.

    Raises
    ------
    UnreadableFile
        There is no such file, it is a folder or no regular file, or it may not be read.
    FileTooLarge
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise UnreadableFile("this is a folder: name the files in it")
        if path.exists() and not path.is_file():
            raise UnreadableFile("this is no regular file: name a file that a device has written")
        _refuse_too_large(path.stat().st_size)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile("there is no such file: check the name") from error
    except PermissionError as error:
        raise UnreadableFile("the file may not be read: check its permissions") from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"the file cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _refuse_too_large(n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise FileTooLarge(
            f"the file has {n_bytes / _MEBIBYTE:.1f} MiB, the limit is {MAX_FILE_BYTES // _MEBIBYTE} MiB:"
            " export the spectrum alone"
        )
