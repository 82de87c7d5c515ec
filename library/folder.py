"""A folder library: ``manifest.csv``, the files it names, and optionally ``library.toml`` with name and release."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import overload

from library.errors import BrokenManifest, BrokenReferences, NotALibrary
from library.manifest import MANIFEST_NAME, parse_manifest
from library.matrix import BrokenMatrix, MatrixReference, ReferenceMatrix, load_matrix
from library.model import ManifestRow
from library.reference_files import BrokenReferenceFile, read_reference
from spectra.reference import Grade, Reference
from spectra.spectrum import Technique

__all__ = ["DESCRIPTION_NAME", "FolderLibrary", "References", "open_folder", "place_of"]

DESCRIPTION_NAME = "library.toml"
UNRELEASED = "unreleased"


@dataclass(frozen=True, slots=True)
class FolderLibrary:
    """A folder library whose manifest has been read; its references not yet.

    Parameters
    ----------
    path : Path
    name, release : str
    rows : tuple of ManifestRow
    paths : mapping of str to Path
        Each file of the manifest, and where it lies.
    described_by : tuple of (str, bytes)
        Manifest and description as read, for the digest.
    """

    path: Path
    name: str
    release: str
    rows: tuple[ManifestRow, ...]
    paths: Mapping[str, Path]
    described_by: tuple[tuple[str, bytes], ...]

    @property
    def techniques(self) -> tuple[Technique, ...]:
        """The techniques of which there are references, in a fixed order."""
        present = {row.technique for row in self.rows}
        return tuple(technique for technique in Technique if technique in present)

    def digest(self, recipes: Mapping[Technique, str]) -> str:
        """SHA-256 over manifest, description, every file named, and the recipes' digests."""
        whole = hashlib.sha256(b"reachback.library/1\n")
        for name, content in self.described_by:
            whole.update(f"{name}\n{hashlib.sha256(content).hexdigest()}\n".encode())
        for file, path in sorted(self.paths.items()):
            with _opened(path, self.path) as stream:
                whole.update(f"{file}\n{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
        for technique, recipe in sorted(recipes.items()):
            whole.update(f"{technique}\n{recipe}\n".encode())
        return whole.hexdigest()

    def references(self, tell: Callable[[int], None] = lambda done: None) -> dict[Technique, References]:
        """Read every reference, by technique, in the manifest's order.

        Parameters
        ----------
        tell : callable
            Called with the number of rows read so far.

        Raises
        ------
        BrokenReferences
            At least one cannot be used; all are listed.
        """
        problems: list[str] = []
        matrices = self._matrices(problems)
        found: dict[Technique, list[Reference | MatrixReference]] = {technique: [] for technique in self.techniques}
        for done, row in enumerate(self.rows, start=1):
            if row.matrix_row is not None and row.file not in matrices:
                continue
            try:
                found[row.technique].append(self._reference(row, matrices))
            except (BrokenReferenceFile, BrokenMatrix) as error:
                problems.append(f"line {row.line}, column file: {row.file}: {str(error).rstrip('.')}")
            tell(done)
        if problems:
            raise BrokenReferences(str(self.path / MANIFEST_NAME), problems)
        return {technique: References(tuple(sources)) for technique, sources in found.items()}

    def _matrices(self, problems: list[str]) -> dict[str, ReferenceMatrix]:
        """Every matrix once; one that cannot be used is one problem, not one for each of its rows."""
        matrices: dict[str, ReferenceMatrix] = {}
        tried: set[str] = set()
        for row in self.rows:
            if row.matrix_row is None or row.file in tried:
                continue
            tried.add(row.file)
            try:
                matrices[row.file] = load_matrix(self.paths[row.file], row.file)
            except BrokenMatrix as error:
                problems.append(f"line {row.line}, column file: {row.file} {error}")
        return matrices

    def _reference(self, row: ManifestRow, matrices: Mapping[str, ReferenceMatrix]) -> Reference | MatrixReference:
        if row.matrix_row is None:
            return read_reference(self.paths[row.file], row)
        matrix = matrices[row.file]
        matrix.check_row(row.matrix_row)
        return MatrixReference(matrix, row.matrix_row, row.technique, row.entry(Grade.MEASURED))


@dataclass(frozen=True, slots=True, eq=False)
class References(Sequence[Reference]):
    """References of one technique; rows of a matrix become spectra only when asked for.

    20,000 of them would else stand in memory twice, as float64.
    """

    sources: tuple[Reference | MatrixReference, ...]

    def __len__(self) -> int:
        return len(self.sources)

    @overload
    def __getitem__(self, index: int) -> Reference: ...
    @overload
    def __getitem__(self, index: slice) -> References: ...
    def __getitem__(self, index: int | slice) -> Reference | References:
        if isinstance(index, slice):
            return References(self.sources[index])
        source = self.sources[index]
        return source.reference() if isinstance(source, MatrixReference) else source


def open_folder(path: Path) -> FolderLibrary:
    """Read the manifest of a folder library and find the files it names.

    Raises
    ------
    NotALibrary
        No folder, or no manifest in it.
    BrokenManifest, BrokenReferences
        The manifest cannot be used, or names files that are not there.
    """
    manifest = path / MANIFEST_NAME
    if not path.is_dir():
        raise NotALibrary(f"{path} is no folder; a library is a folder with {MANIFEST_NAME} in it")
    if not manifest.is_file():
        raise NotALibrary(f"{path} has no {MANIFEST_NAME}; a folder library needs one, with one row for each reference")
    with _opened(manifest, path) as stream:
        content = stream.read()
    rows = parse_manifest(content, str(manifest))
    name, release, description = _description(path)
    described_by = ((MANIFEST_NAME, content), *description)
    return FolderLibrary(path, name, release, rows, _paths(path, rows), described_by)


def _opened(file: Path, library: Path) -> BufferedReader:
    try:
        return file.open("rb")
    except OSError as error:
        raise NotALibrary(f"{file} of the library {library} cannot be read: {error.strerror}") from None


def _paths(folder: Path, rows: Sequence[ManifestRow]) -> dict[str, Path]:
    root = folder.resolve()
    paths: dict[str, Path] = {}
    problems: list[str] = []
    for row in rows:
        if row.file in paths:
            continue
        path, problem = place_of(root, row)
        if problem:
            problems.append(f"line {row.line}, column file: {problem}")
        paths[row.file] = path
    if problems:
        raise BrokenReferences(str(folder / MANIFEST_NAME), problems)
    return paths


def place_of(root: Path, row: ManifestRow) -> tuple[Path, str | None]:
    """Where the file of a row lies below the resolved folder ``root``, and why it cannot be used."""
    path = (root / row.file).resolve()
    if not path.is_relative_to(root):
        # A manifest from elsewhere must not make this machine read, and show, its other files.
        return path, f"{row.file} leads outside the library's folder; put the file there"
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "does not exist in the folder"
        return path, f"{row.file} {what}; correct the name or remove the row"
    return path, None


def _description(folder: Path) -> tuple[str, str, tuple[tuple[str, bytes], ...]]:
    """Name and release of ``library.toml``, and the file itself; defaults where there is none."""
    file = folder / DESCRIPTION_NAME
    default = folder.resolve().name or "library"
    if not file.is_file():
        return default, UNRELEASED, ()
    with _opened(file, folder) as stream:
        content = stream.read()
    try:
        stated = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenManifest(f'{file} is no valid TOML: {error}; it holds name = "…" and release = "…"') from None
    name, release = stated.get("name", default), stated.get("release", UNRELEASED)
    for key, value in (("name", name), ("release", release)):
        if not isinstance(value, str) or not value.strip():
            raise BrokenManifest(f"{file} gives {key} as {value!r}; it must be text in quotes")
    return name, release, ((DESCRIPTION_NAME, content),)
