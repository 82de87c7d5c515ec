"""The one entrance for bytes: bound, recognise, read, stamp."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import replace
from pathlib import Path

from device_adapters.errors import (
    AdapterError,
    EmptyFile,
    FileTooLarge,
    MalformedFile,
    UnknownFormat,
    UnreadableFile,
)
from device_adapters.format import Format
from device_adapters.limits import HEAD_BYTES, MAX_FILE_BYTES
from device_adapters.recording import Recording
from device_adapters.registry import best_format
from device_adapters.signatures import describe_unknown

__all__ = ["load_bytes", "read"]

_MEBIBYTE = 1024 * 1024
_LONGEST_CAUSE = 200  # characters of another package's error text

_log = logging.getLogger(__name__)
_BREAKS_OFF = "the file breaks off inside a line; what stands in it is not used"
_EXPERIMENTAL = "experimental reader: no real file of this format was available to test it with"


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
    recordings = _read_with(chosen, data, name)
    digest = hashlib.sha256(data).hexdigest()
    notes = (_EXPERIMENTAL,) if getattr(chosen, "experimental", False) else ()
    return [
        replace(
            recording,
            sha256=digest,
            index=i,
            warnings=notes + recording.warnings + ((_BREAKS_OFF,) if recording.breaks_off else ()),
        )
        for i, recording in enumerate(recordings)
    ]


def _read_with(chosen: Format, data: bytes, name: str) -> list[Recording]:
    """Whatever a reader does, the file gets recordings or a sentence."""
    try:
        recordings = chosen.read(data, name)
    except AdapterError:
        raise
    except Exception as error:  # the last resort: a format of others may raise anything
        _log.exception("device format %s failed", chosen.name)
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST_CAUSE]
        raise MalformedFile(f"the {chosen.name} reader cannot follow the file ({cause}): export it again") from error
    if not recordings or not all(isinstance(each, Recording) for each in recordings):
        raise MalformedFile(f"the {chosen.name} reader found nothing in the file: export it again")
    return recordings


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
