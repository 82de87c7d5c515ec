"""The files of an archive or a folder, one at a time: bounded, checked, and none of them ever unpacked to its own path.

A member's bytes are read into memory and its name is only a label, so that a path that leads outside, a link or a
device in an archive can do nothing; they are refused all the same, because honest archives have none.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from device_adapters.limits import MAX_FILE_BYTES
from library.importers.source import LeftOut, Member, SourceRefused

__all__ = ["ARCHIVE_LIMITS", "ArchiveLimits", "file_members", "file_names", "is_zip", "refuse_bomb"]

_MEBIBYTE = 1024 * 1024
_NESTED = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TAR_MAGIC = slice(257, 262)
_OF_A_SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|\._[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may ask for.

    Parameters
    ----------
    members : int
        Entries of one archive, or files of one folder.
    member_bytes, total_bytes : int
        [bytes] of one entry and of all together, unpacked.
    ratio : float
        [1] Unpacked over packed size of an entry of more than ``ratio_from`` bytes. JCAMP-DX packs to a fifth at best.
    """

    members: int = 200_000
    member_bytes: int = MAX_FILE_BYTES
    total_bytes: int = 8 * 1024 * _MEBIBYTE
    ratio: float = 200.0
    ratio_from: int = _MEBIBYTE


ARCHIVE_LIMITS = ArchiveLimits()


def is_zip(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its content."""
    return path.is_file() and zipfile.is_zipfile(path)


def file_members(path: Path, limits: ArchiveLimits = ARCHIVE_LIMITS) -> Iterator[Member | LeftOut]:
    """Every file of a ZIP archive, of a folder and the folders in it, or the one file that ``path`` is.

    Raises
    ------
    SourceRefused
        There is nothing at ``path``, it cannot be read, or it holds more than the limits allow.
    """
    if path.is_dir():
        return _folder_members(path, limits)
    if not path.exists():
        raise SourceRefused(f"{path} does not exist; name an archive, a folder or a file")
    if not path.is_file():
        raise SourceRefused(f"{path} is no regular file; name an archive, a folder or a file")
    return _zip_members(path, limits) if is_zip(path) else iter([_on_disk(path, path.name, limits)])


def file_names(path: Path) -> Iterator[str]:
    """Labels of what `file_members` will give, without reading any of it; none where there is nothing to read."""
    if path.is_dir():
        for place, _, files in os.walk(path, followlinks=False):
            yield from (_label((Path(place) / name).relative_to(path).as_posix()) for name in files)
    elif is_zip(path):
        with zipfile.ZipFile(path) as archive:
            yield from (_label(info.orig_filename) for info in archive.infolist() if not info.is_dir())


def refuse_bomb(info: zipfile.ZipInfo, limits: ArchiveLimits) -> str | None:
    """Why an entry of a ZIP archive would unpack to too much; None where it would not."""
    if info.file_size > limits.member_bytes:
        return f"it unpacks to {info.file_size / _MEBIBYTE:.1f} MiB, the limit is {limits.member_bytes // _MEBIBYTE}"
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(info.compress_size, 1):
        ratio = info.file_size / max(info.compress_size, 1)
        return f"it unpacks to {ratio:,.0f} times its size, as an archive bomb does"
    return None


# -- archives ------------------------------------------------------------------------------------------------------


def _zip_members(path: Path, limits: ArchiveLimits) -> Iterator[Member | LeftOut]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceRefused(f"{path} cannot be opened as an archive ({_cause(error)}); download it again") from None
    with archive:
        entries = archive.infolist()
        if len(entries) > limits.members:
            raise SourceRefused(f"{path} holds {len(entries):,} entries, the limit is {limits.members:,}; split it")
        times = Counter(_one_spelling(info.filename) for info in entries)
        unpacked = 0
        for info in entries:
            if info.is_dir():
                continue
            reason = _refusal(info, times, limits)
            if reason is None:
                unpacked += info.file_size
                if unpacked > limits.total_bytes:
                    reason = f"the archive unpacks to more than {limits.total_bytes // _MEBIBYTE:,} MiB; split it"
            label = _label(info.orig_filename)
            yield LeftOut(label, reason, not _is_of_a_system(label)) if reason else _unpacked(archive, info, label)


def _refusal(info: zipfile.ZipInfo, times: Counter[str], limits: ArchiveLimits) -> str | None:
    """Why an entry is not even looked at; None where it may be."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    checks = (
        (_leads_outside(info.orig_filename), "its path leads outside the archive"),
        (kind == stat.S_IFLNK, "it is a symbolic link, not a file"),
        (kind not in (0, stat.S_IFREG, stat.S_IFLNK), "it is no regular file"),
        (bool(info.flag_bits & 0x1), "it is encrypted; ask for the archive without a password"),
        (times[_one_spelling(info.filename)] > 1, "two entries of the archive have this name: which of them counts?"),
        (_is_of_a_system(info.filename), "an operating system's own file"),
    )
    return next((reason for applies, reason in checks if applies), refuse_bomb(info, limits))


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> Member | LeftOut:
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        return LeftOut(label, f"it cannot be unpacked ({_cause(error)}); download the archive again")
    except (NotImplementedError, RuntimeError) as error:
        return LeftOut(label, f"it is packed in a way that is not read here ({_cause(error)})")
    return _checked(label, content)


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None or "\0" in name


def _one_spelling(name: str) -> str:
    """What file systems that fold case and accents would take for the same name."""
    return unicodedata.normalize("NFC", str(PurePosixPath(name.replace("\\", "/")))).casefold()


# -- folders -------------------------------------------------------------------------------------------------------


def _folder_members(folder: Path, limits: ArchiveLimits) -> Iterator[Member | LeftOut]:
    seen = 0
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(place)
        for name in [*(each for each in folders if (here / each).is_symlink()), *sorted(files)]:
            seen += 1
            if seen > limits.members:
                raise SourceRefused(f"{folder} holds more than {limits.members:,} files; split it")
            yield _on_disk(here / name, (here / name).relative_to(folder).as_posix(), limits)


def _on_disk(path: Path, name: str, limits: ArchiveLimits) -> Member | LeftOut:
    label = _label(name)
    if _is_of_a_system(name):
        return LeftOut(label, "an operating system's own file", counts=False)
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            return LeftOut(label, "it is a symbolic link, not a file")
        if not stat.S_ISREG(found.st_mode):
            return LeftOut(label, "it is no regular file")
        if found.st_size > limits.member_bytes:
            size, most = found.st_size / _MEBIBYTE, limits.member_bytes // _MEBIBYTE
            return LeftOut(label, f"it has {size:.1f} MiB, the limit is {most}")
        return _checked(label, path.read_bytes())
    except OSError as error:
        return LeftOut(label, f"it cannot be read ({error.strerror})")


# -- both ----------------------------------------------------------------------------------------------------------


def _checked(label: str, content: bytes) -> Member | LeftOut:
    if content.startswith(_NESTED) or content[_TAR_MAGIC] == b"ustar":
        return LeftOut(label, "it is an archive inside the source; unpack it and import it by itself")
    return Member(label, content)


def _is_of_a_system(name: str) -> bool:
    return _OF_A_SYSTEM.search(name.replace("\\", "/")) is not None


def _label(name: str) -> str:
    """A name that can be shown and written; it is never used as a path."""
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)
    return shown if len(shown) <= 300 else f"{shown[:300]}…"


def _cause(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")
