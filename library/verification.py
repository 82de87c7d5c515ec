"""Whether a release, or the folder that another laboratory has sent, is what its signature stands for, byte by byte.

An export is judged by itself: its list of files is signed with the laboratory's key, and so is the release's manifest
in it. Whose key it is only the receiver can know: by its fingerprint, or by the key itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from library.errors import BrokenRelease, BrokenStore, KeyRefused, LibraryError, NotALibrary
from library.export import RELEASE_NAME, SCHEMA, SIGNATURE_NAME, digest_of_export, file_digest
from library.release_manifest import ReleaseManifest
from library.releases import find_release, read_release
from library.safe_files import verify_object
from library.signing import EXPORT, PUBLIC_KEY_NAME, check_signature, key_fingerprint, public_key_text

__all__ = ["Problem", "Verification", "verify_received"]

FINGERPRINT = re.compile(r"[0-9a-f]{16}")
LARGEST = 1024 * 1024 * 1024  # of a manifest or its signature; 100,000 references take 100 MB


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was signed: which file or part, and what is wrong with it."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what was found.

    Parameters
    ----------
    release : str
        As the signature names it.
    digest : str
        SHA-256 of the release's manifest, as signed.
    key : str
        Fingerprint of the key that signed.
    is_expected_key : bool or None
        Whether it is the key that the receiver named; None where none was named.
    released_by, released_at : str
        As the signed manifest says; empty where it cannot be believed.
    n_files : int
        Files, or objects of a store, that were compared.
    unlisted : tuple of str
        What lies in the folder and is no part of the export.
    """

    release: str
    digest: str
    key: str
    is_expected_key: bool | None
    released_by: str
    released_at: str
    n_references: int
    n_files: int
    problems: tuple[Problem, ...]
    unlisted: tuple[str, ...] = ()

    @property
    def has_passed(self) -> bool:
        """True where every byte is as signed, by the key that was expected where one was named."""
        return not self.problems and self.is_expected_key is not False


def verify_received(what: str, key: str | None = None, store: Path | None = None) -> Verification:
    """Verify an exported folder, or a release of a store by its name.

    Parameters
    ----------
    what : str
        A folder that ``library export`` has written, or ``NAME-3``.
    key : str or None
        Fingerprint, or path of the public key, that the sender has told by another way.

    Raises
    ------
    NotALibrary
        There is neither.
    KeyRefused
        ``key`` is neither a fingerprint nor a public key.
    """
    expected = None if key is None else _expected(key)
    folder = Path(what)
    if folder.is_dir():
        if not (folder / SIGNATURE_NAME).is_file():
            raise NotALibrary(f"{folder} holds no {SIGNATURE_NAME}; only what 'library export' has written is signed")
        return _verify_export(folder, expected)
    return _verify_release(what, expected, store)


def _expected(key: str) -> str:
    plain = key.strip().casefold().replace(" ", "").replace(":", "")
    if FINGERPRINT.fullmatch(plain):
        return plain
    try:
        return key_fingerprint(Path(key).read_bytes())
    except OSError as error:
        raise KeyRefused(
            f"{key} is no fingerprint of 16 hexadecimal digits, and no file that can be read ({error.strerror})"
        ) from None


def _verify_export(folder: Path, expected: str | None) -> Verification:
    problems: list[Problem] = []
    said = _signature(folder)
    release, digest, files = str(said["release"]), str(said["sha256"]), said["files"]
    left_out = [str(each["id"]) for each in said["left_out"]]
    public = _read(folder / PUBLIC_KEY_NAME)
    fingerprint = key_fingerprint(public)
    for name, listed in files.items():
        problems += _compared(folder, str(name), str(listed))
    for signed, signature, what in (
        (digest, str(said["signature"]), None),
        (digest_of_export(files, left_out), str(said["files_signature"]), EXPORT),
    ):
        try:
            check_signature(public, release, signed, signature, *([what] if what else []))
        except BrokenRelease as error:
            problems.append(Problem(SIGNATURE_NAME, str(error)))
    manifest = None
    if not any(each.what in (RELEASE_NAME, SIGNATURE_NAME) for each in problems):
        manifest, wrong = _manifest(folder, release, digest)
        problems += wrong
    unlisted = tuple(sorted(each.name for each in folder.iterdir() if each.name not in {*files, SIGNATURE_NAME}))
    return Verification(
        release,
        digest,
        fingerprint,
        None if expected is None else expected == fingerprint,
        manifest.by if manifest else "",
        manifest.at if manifest else "",
        len(manifest.references) - len(left_out) if manifest else 0,
        len(files),
        tuple(problems),
        unlisted,
    )


def _compared(folder: Path, name: str, listed: str) -> list[Problem]:
    path = folder / name
    if Path(name).name != name or name in (".", ".."):
        return [Problem(name, "the list names a file outside the folder")]
    if path.is_symlink() or not path.is_file():
        return [Problem(name, "it is missing" if not path.is_symlink() else "it is a link, not the file that was sent")]
    try:
        found = file_digest(path)
    except OSError as error:
        return [Problem(name, f"it cannot be read ({error.strerror})")]
    return [] if found == listed else [Problem(name, "it was changed: its SHA-256 is not the one that was signed")]


def _manifest(folder: Path, release: str, digest: str) -> tuple[ReleaseManifest | None, list[Problem]]:
    """The manifest, which the list of files has vouched for; the release's own signature has to fit it too."""
    if file_digest(folder / RELEASE_NAME) != digest:
        return None, [Problem(RELEASE_NAME, "it is not the manifest that the release's signature stands for")]
    try:
        manifest = ReleaseManifest.from_bytes(_read(folder / RELEASE_NAME))
    except BrokenRelease as error:
        return None, [Problem(RELEASE_NAME, str(error))]
    if manifest.name != release:
        return None, [Problem(RELEASE_NAME, f"it is the manifest of {manifest.name}, not of {release}")]
    return manifest, []


def _signature(folder: Path) -> Mapping[str, Any]:
    path = folder / SIGNATURE_NAME
    try:
        said = json.loads(_read(path))
        if said["schema"] != SCHEMA:
            raise BrokenRelease(f"{path} has the schema {said['schema']!r}; this engine reads {SCHEMA}")
        if not isinstance(said["files"], dict) or not said["files_signature"]:
            raise KeyError("files")
        _ = said["release"], said["sha256"], said["signature"], [each["id"] for each in said["left_out"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenRelease(
            f"{path} cannot be understood ({type(error).__name__}: {error}); ask for it again"
        ) from None
    return dict(said)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise BrokenRelease(f"{path} is larger than any manifest; do not use this export")
        return path.read_bytes()
    except OSError as error:
        raise BrokenRelease(f"{path} cannot be read ({error.strerror}); ask for the export again") from None


def _verify_release(name: str, expected: str | None, store: Path | None) -> Verification:
    found = find_release(name, store)
    if found is None:
        raise NotALibrary(f"{name} is neither an exported folder nor a release of the store")
    fingerprint = key_fingerprint(public_key_text(found.store.path))
    problems: list[Problem] = []
    manifest, digests = None, []
    try:
        for _ in found.store.journal.events():  # the chain of everything that led to the release
            pass
    except BrokenStore as error:
        problems.append(Problem("journal", str(error)))
    try:
        manifest = read_release(found)
        digests = list(dict.fromkeys(each.digest for each in manifest.references))
    except LibraryError as error:
        problems.append(Problem(found.name, str(error)))
    for digest in digests:
        try:
            verify_object(found.store.path, digest)
        except BrokenStore as error:
            problems.append(Problem(digest, str(error)))
    return Verification(
        found.name,
        found.digest,
        fingerprint,
        None if expected is None else expected == fingerprint,
        manifest.by if manifest else "",
        manifest.at if manifest else "",
        len(manifest.references) if manifest else 0,
        len(digests),
        tuple(problems),
    )
