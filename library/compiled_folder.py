"""A compiled library on disk: one folder, written beside its place and renamed into it, opened memory-mapped.

::

    library.json            schema, name, release, digest, engine, recipes, calibrations, size and SHA-256 of each file
    <technique>.axis.npy  <technique>.coverage.npy  <technique>.curves.npy  <technique>.features.npy
    <technique>.entries.json
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from library.entries_json import entries_from_json, entries_to_json
from library.errors import BrokenCompilation, NotALibrary, OutputRefused
from library.model import OpenLibrary
from spectra.calibration import Calibration
from spectra.errors import SpectraError
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique

__all__ = ["SCHEMA", "is_compiled", "open_compiled", "put_in_place", "verify_compiled", "write_beside"]

SCHEMA = "reachback.library/1"
INDEX_NAME = "library.json"
MATRICES = {"curves": np.float32, "features": np.float32}
SMALL_ARRAYS = {"axis": np.float64, "coverage": np.int64}


def is_compiled(path: Path) -> bool:
    """True where a compiled library lies, also a damaged one."""
    return (path / INDEX_NAME).is_file()


def write_beside(library: OpenLibrary, out: Path) -> Path:
    """Write a library to a new folder beside ``out``; return that folder.

    Raises
    ------
    OutputRefused
        The place cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.new-", dir=out.parent))
    except OSError as error:
        raise OutputRefused(f"{out} cannot be written ({error.strerror}); choose another place") from None
    try:
        beside.chmod(0o755)  # mkdtemp allows its owner only; a library is for everyone on the machine
        _write_files(library, beside)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise OutputRefused(f"{out} cannot be written ({error.strerror}); choose another place") from None
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return beside


def put_in_place(beside: Path, out: Path) -> None:
    """Rename a finished folder to its place; what lay there is set aside first and removed last.

    Raises
    ------
    OutputRefused
        The place cannot be taken; what was there is there still.
    """
    aside = beside.with_name(f"{beside.name}.old")
    try:
        if out.exists():
            out.rename(aside)
        try:
            beside.rename(out)
        except OSError:
            if aside.exists() and not out.exists():
                aside.rename(out)
            raise
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise OutputRefused(f"{out} cannot be replaced ({error.strerror}); choose another place") from None
    shutil.rmtree(aside, ignore_errors=True)


def open_compiled(path: Path) -> OpenLibrary:
    """Open a compiled library; its matrices stay on disk until they are read.

    Raises
    ------
    NotALibrary
        There is no compiled library.
    BrokenCompilation
        It is damaged, incomplete, or of another schema.
    """
    index = _index(path)
    try:
        sets, calibrations = {}, {}
        for name, stored in index["techniques"].items():
            technique = Technique(name)
            sets[technique] = _reference_set(path, technique, stored)
            calibrations[technique] = Calibration.from_json(stored["calibration"])
        if not sets:
            raise BrokenCompilation(f"{path} holds no references; build it again with 'reachback library build'")
        return OpenLibrary(
            name=str(index["name"]),
            release=str(index["release"]),
            digest=str(index["digest"]),
            engine=str(index["engine"]),
            sets=sets,
            calibrations=calibrations,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, SpectraError) as error:
        raise _broken(path, f"{type(error).__name__}: {error}") from None


def verify_compiled(path: Path) -> None:
    """Compare the SHA-256 of every file with what was written; opening checks sizes and the small files only.

    Raises
    ------
    NotALibrary, BrokenCompilation
    """
    index = _index(path)
    for technique, stored in index["techniques"].items():
        for what in (*MATRICES, *SMALL_ARRAYS, "entries"):
            file = _file(path, technique, what)
            with file.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != stored["files"][file.name]["sha256"]:
                    raise _broken(path, f"{file.name} was changed")


def _write_files(library: OpenLibrary, folder: Path) -> None:
    techniques: dict[str, Any] = {}
    for technique, references in library.sets.items():
        contents = {}
        for what, dtype in (MATRICES | SMALL_ARRAYS).items():
            file = _file(folder, technique, what)
            with file.open("wb") as stream:
                np.save(stream, np.ascontiguousarray(getattr(references, what), dtype=dtype), allow_pickle=False)
                stream.flush()
                os.fsync(stream.fileno())
            contents[file.name] = _stamp(file)
        file = _file(folder, technique, "entries")
        _write_bytes(file, entries_to_json(references.entries))
        contents[file.name] = _stamp(file)
        techniques[technique.value] = {
            "n_refs": references.n_refs,
            "n_points": int(references.axis.size),
            "recipe": references.recipe,
            "calibration": library.calibrations[technique].to_json(),
            "files": contents,
        }
    index = {
        "schema": SCHEMA,
        "name": library.name,
        "release": library.release,
        "digest": library.digest,
        "engine": library.engine,
        "techniques": techniques,
    }
    _write_bytes(folder / INDEX_NAME, json.dumps(index, indent=1, ensure_ascii=False, allow_nan=False).encode())


def _write_bytes(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _stamp(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _file(folder: Path, technique: str, what: str) -> Path:
    return folder / f"{technique}.{what}.{'json' if what == 'entries' else 'npy'}"


def _index(path: Path) -> dict[str, Any]:
    try:
        content = (path / INDEX_NAME).read_bytes()
    except OSError as error:
        raise NotALibrary(f"{path} is no compiled library: {INDEX_NAME} cannot be read ({error.strerror})") from None
    try:
        index = json.loads(content)
    except ValueError:
        raise _broken(path, f"{INDEX_NAME} is no valid JSON") from None
    if not isinstance(index, dict) or not isinstance(index.get("techniques"), dict):
        raise _broken(path, f"{INDEX_NAME} is incomplete")
    if index.get("schema") != SCHEMA:
        raise BrokenCompilation(
            f"{path} has the schema {index.get('schema')!r}, this engine reads {SCHEMA};"
            " build it again with 'reachback library build'"
        )
    return index


def _reference_set(path: Path, technique: Technique, stored: dict[str, Any]) -> ReferenceSet:
    for name, stamp in stored["files"].items():
        size = (path / name).stat().st_size
        if size != stamp["bytes"]:
            raise ValueError(f"{name} has {size:,} bytes instead of {stamp['bytes']:,}")
    entries = _file(path, technique, "entries").read_bytes()
    small = {what: _small_array(path, technique, what, stored) for what in SMALL_ARRAYS}
    if hashlib.sha256(entries).hexdigest() != stored["files"][_file(path, technique, "entries").name]["sha256"]:
        raise ValueError(f"the entries of {technique} were changed")
    return ReferenceSet(
        technique=technique,
        axis=small["axis"],
        curves=_mapped(path, technique, "curves"),
        features=_mapped(path, technique, "features"),
        coverage=small["coverage"],
        entries=entries_from_json(entries),
        recipe=str(stored["recipe"]),
    )


def _small_array(path: Path, technique: Technique, what: str, stored: dict[str, Any]) -> NDArray[Any]:
    file = _file(path, technique, what)
    if _stamp(file)["sha256"] != stored["files"][file.name]["sha256"]:
        raise ValueError(f"{file.name} was changed")
    array: NDArray[Any] = np.load(file, allow_pickle=False)
    array.flags.writeable = False
    return array


def _mapped(path: Path, technique: Technique, what: str) -> NDArray[np.float32]:
    array: NDArray[np.float32] = np.load(_file(path, technique, what), mmap_mode="r", allow_pickle=False)
    if array.dtype != np.float32:
        raise ValueError(f"{what} of {technique} are {array.dtype}, not float32")
    return array


def _broken(path: Path, why: str) -> BrokenCompilation:
    why = " ".join(why.split())
    return BrokenCompilation(f"{path} is damaged ({why}); build it again with 'reachback library build'")
