"""A release as a folder that others can open: without what its licence forbids to pass on, and signed as a whole."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from library.compiled_folder import put_in_place
from library.errors import OutputRefused, StepRefused
from library.identity import may_be_passed_on
from library.manifest import DETAIL_COLUMNS, MANIFEST_NAME, REQUIRED_COLUMNS
from library.matrix import load_matrix
from library.release_manifest import ReleaseManifest
from library.releases import FoundRelease, verify_release
from library.safe_files import object_path
from library.signing import EXPORT, PUBLIC_KEY_NAME, public_key_text, sign
from library.stored_reference import StoredReference
from library.substances import FAMILIES_NAME, FAMILY_COLUMNS, STATEMENT_COLUMNS, SUBSTANCES_NAME, FamilyLink, Statement

__all__ = [
    "RELEASE_NAME",
    "SCHEMA",
    "SIGNATURE_NAME",
    "Exported",
    "digest_of_export",
    "export_release",
    "file_digest",
]

COLUMNS = (*REQUIRED_COLUMNS, "watch", "schedules", "id", *DETAIL_COLUMNS)
SCHEMA = "reachback.release-export/1"
RELEASE_NAME, SIGNATURE_NAME = "release.json", "release.signature.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what stayed here."""

    path: Path
    n_references: int
    left_out: tuple[StoredReference, ...]


def export_release(release: FoundRelease, out: Path) -> Exported:
    """Write a release to a new folder library at ``out``; what may not be passed on is named but not written.

    Raises
    ------
    OutputRefused
        Something lies there already, or it cannot be written.
    StepRefused
        Nothing of the release may be passed on.
    LibraryError
        The release is damaged.
    """
    if out.exists() or out.is_symlink():
        raise OutputRefused(f"{out} exists; choose another place or remove it")
    manifest = verify_release(release)
    free = [each for each in manifest.references if may_be_passed_on(each.row)]
    left_out = tuple(each for each in manifest.references if not may_be_passed_on(each.row))
    if not free:
        raise StepRefused(
            f"no reference of {release.name} may be passed on: the column may_be_passed_on of its manifest says yes to"
            " none; a licence that nobody has read allows nothing"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-", dir=out.parent))
        try:
            beside.chmod(0o755)
            _write(release, manifest, free, left_out, beside)
            put_in_place(beside, out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OutputRefused(f"{out} cannot be written ({error.strerror}); choose another place") from None
    return Exported(out, len(free), left_out)


def _write(
    release: FoundRelease,
    manifest: ReleaseManifest,
    free: Sequence[StoredReference],
    left_out: Sequence[StoredReference],
    folder: Path,
) -> None:
    places = _write_spectra(release.store.path, free, folder)
    _write_file(folder / MANIFEST_NAME, _manifest(free, places).encode())
    if manifest.statements:
        said = [
            {"substance": each.substance, "form": each.form or "", each.what: each.value, **_sourced(each)}
            for each in manifest.statements
        ]
        _write_file(folder / SUBSTANCES_NAME, _table(STATEMENT_COLUMNS, said).encode())
    if manifest.links:
        links = [
            {"family": each.family, "parent": each.parent, "relation": each.relation, **_sourced(each)}
            for each in manifest.links
        ]
        _write_file(folder / FAMILIES_NAME, _table(FAMILY_COLUMNS, links).encode())
    toml = f"name = {json.dumps(manifest.library)}\nrelease = {json.dumps(f'{manifest.number}-export')}\n"
    _write_file(folder / "library.toml", toml.encode())
    shutil.copyfile(object_path(release.store.path, release.digest), folder / RELEASE_NAME)
    _write_file(folder / PUBLIC_KEY_NAME, public_key_text(release.store.path))
    files = {each.name: file_digest(each) for each in sorted(folder.iterdir())}
    digest = digest_of_export(files, [each.id for each in left_out])
    signature: dict[str, Any] = {
        "schema": SCHEMA,
        "release": release.name,
        "sha256": release.digest,
        "signature": release.signature,
        "files": files,
        "files_signature": sign(release.store.path, release.name, digest, EXPORT),
        "left_out": [
            {"id": each.id, "substance": each.row.substance, "licence": each.row.licence} for each in left_out
        ],
    }
    _write_file(folder / SIGNATURE_NAME, json.dumps(signature, indent=1, ensure_ascii=False).encode())


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of_export(files: Mapping[str, str], left_out: Sequence[str]) -> str:
    """SHA-256 over files with their digests, and ids that were left out: what the signature of an export stands for."""
    content = json.dumps({"files": dict(files), "left_out": list(left_out)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _write_spectra(store: Path, free: Sequence[StoredReference], folder: Path) -> dict[str, str]:
    """Copy files and cut the rows out of matrices; returns what ``file`` is to say, by id."""
    places: dict[str, str] = {}
    matrices: dict[str, list[StoredReference]] = {}
    for each in free:
        if each.row.matrix_row is not None:
            matrices.setdefault(each.digest, []).append(each)
            continue
        name = f"{each.id}_{PurePosixPath(each.row.file).name}"
        shutil.copyfile(object_path(store, each.digest), folder / name)
        places[each.id] = name
    for digest, references in matrices.items():
        whole = load_matrix(object_path(store, digest), digest)
        rows = [each.row.matrix_row or 0 for each in references]
        name = f"spectra-{digest[:12]}.npz"
        np.savez_compressed(folder / name, axis=whole.axis, intensity=whole.intensity[rows])
        places.update({each.id: f"{name}#{place}" for place, each in enumerate(references)})
    return places


def _sourced(said: Statement | FamilyLink) -> dict[str, str]:
    return {"source": said.source, "date": said.date}


def _table(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _manifest(references: Sequence[StoredReference], places: dict[str, str]) -> str:
    rows = []
    for each in references:
        row = each.row
        rows.append(
            {
                "file": places[each.id],
                "substance": row.substance,
                "form": row.form or "",
                "cas": row.cas or "",
                "inchikey": row.inchikey or "",
                "class": row.substance_class or "",
                "controlled": "yes" if row.controlled else "no",
                "technique": row.technique.value,
                "mode": row.mode or "",
                "source": row.source,
                "licence": row.licence,
                "watch": "yes" if row.watch else "no",
                "schedules": ";".join(f"{place}:{schedule}" for place, schedule in row.schedules),
                "id": each.id,
                **dict(row.details),
            }
        )
    return _table(COLUMNS, rows)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
