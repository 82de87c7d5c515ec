"""Read a folder for the store: what can be a reference, and what cannot, row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from library.errors import BrokenManifest, LibraryError, NotALibrary
from library.folder import place_of
from library.identity import contradiction
from library.importers.conflicts import CONFLICTS_NAME, waiting_references
from library.manifest import MANIFEST_NAME, read_manifest
from library.matrix import BrokenMatrix, MatrixReference, ReferenceMatrix, load_matrix
from library.model import ManifestRow
from library.reference_files import read_reference
from library.substances import (
    FAMILIES_NAME,
    SUBSTANCES_NAME,
    FamilyLink,
    Statement,
    read_families,
    read_statements,
)
from spectra.reference import Grade, Reference, is_sers

__all__ = ["FolderReading", "Readable", "Refused", "read_for_store"]

# Words of one way of sampling; a file and its manifest may use different ones for the same.
SAMPLING = (("ATR",), ("TRANSMISSION", "KBR", "PELLET"), ("DRIFT", "DIFFUSE"), ("TRANSFLECTION",))


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not taken in: which file or row, and why, in one clause."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Readable:
    """A row whose numbers were read and are a spectrum of its technique."""

    row: ManifestRow
    path: Path
    source: Reference | MatrixReference

    @property
    def grade(self) -> Grade:
        """Measured, or drawn from a table of bands."""
        return self.source.entry.grade


@dataclass(frozen=True, slots=True, eq=False)
class FolderReading:
    """What a folder holds for a store."""

    readable: tuple[Readable, ...]
    refused: tuple[Refused, ...]
    statements: tuple[Statement, ...]
    links: tuple[FamilyLink, ...]


def read_for_store(folder: Path, tell: Callable[[str], None] = lambda step: None) -> FolderReading:
    """Read every row; one that cannot be used does not keep the others out.

    Raises
    ------
    NotALibrary
        There is no folder, or neither a manifest nor a list of substances in it.
    BrokenManifest
        The manifest, the substances or the families cannot be read as a whole.
    """
    statements, links = read_statements(folder), read_families(folder)
    manifest = folder / MANIFEST_NAME
    if not manifest.is_file():
        if not (statements or links):
            raise NotALibrary(
                f"{folder} has neither {MANIFEST_NAME} nor {SUBSTANCES_NAME} nor {FAMILIES_NAME}; name a folder library"
            )
        return FolderReading((), (), statements, links)
    try:
        content = manifest.read_bytes()
    except OSError as error:
        raise BrokenManifest(f"{manifest} cannot be read: {error.strerror}") from None
    rows, misread = read_manifest(content, str(manifest))
    refused = [Refused(f"line {each.line}", f"column {each.column}: {each.reason}") for each in misread]
    # Which of two rows speaks the truth about one file, nobody here can say.
    doubtful = {each.again for each in misread if each.again}
    waiting = waiting_references(folder)
    reader = _Reader(folder.resolve())
    readable = []
    for done, row in enumerate(rows, start=1):
        reason = "another row names the same file; every file once" if row.place in doubtful else None
        if row.place in waiting:
            reason = f"{waiting[row.place]}; write the decision into {CONFLICTS_NAME} first"
        read = Refused(row.place, reason) if reason else reader.read(row)
        if isinstance(read, Refused):
            refused.append(read)
        else:
            readable.append(read)
        if done in (1, len(rows)) or done % 100 == 0:
            tell(f"reading references, {done:,} of {len(rows):,}")
    return FolderReading(tuple(readable), tuple(refused), statements, links)


class _Reader:
    """Reads rows below one folder; every matrix once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._matrices: dict[str, ReferenceMatrix | BrokenMatrix] = {}

    def read(self, row: ManifestRow) -> Readable | Refused:
        path, problem = place_of(self._root, row)
        problem = problem or contradiction(row)
        if problem:
            return Refused(row.place, problem)
        try:
            source = self._matrix_row(path, row) if row.matrix_row is not None else read_reference(path, row)
        except LibraryError as error:
            return Refused(row.place, str(error).rstrip("."))
        measured = None if isinstance(source, MatrixReference) else source.spectrum.mode
        if row.mode and measured and _contradict(row.mode, measured):
            return Refused(row.place, f"the file says {measured}, the manifest {row.mode}; correct one")
        return Readable(row, path, source)

    def _matrix_row(self, path: Path, row: ManifestRow) -> MatrixReference:
        matrix = self._matrices.get(row.file)
        if matrix is None:
            try:
                matrix = load_matrix(path, row.file)
            except BrokenMatrix as error:
                matrix = error
            self._matrices[row.file] = matrix
        if isinstance(matrix, BrokenMatrix):
            raise BrokenMatrix(f"{row.file} {matrix}")
        matrix.check_row(row.matrix_row or 0)
        return MatrixReference(matrix, row.matrix_row or 0, row.technique, row.entry(Grade.MEASURED))


def _contradict(one: str, other: str) -> bool:
    """Do two words for the way of sampling exclude each other? Words that nobody knows exclude nothing."""
    if is_sers(one) != is_sers(other):
        return True
    ways = [{way for way in SAMPLING if any(word in text.upper() for word in way)} for text in (one, other)]
    return bool(ways[0] and ways[1] and not ways[0] & ways[1])
