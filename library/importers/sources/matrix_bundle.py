"""A matrix bundle: ``.npz`` files with ``axis`` and ``intensity``, and a CSV that says what each row of them is.

The CSV needs the column ``substance`` and either ``file`` (``spectra.npz#17``) or ``row`` (17, where there is one
matrix); all other columns of a library's manifest may be there.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from device_adapters.stated import Stated
from library.importers.archive_members import ArchiveLimits, refuse_bomb
from library.importers.identifiers import plain_text
from library.importers.manifest_cells import identity_of_cells
from library.importers.source import Curve, Found, LeftOut, Member, SourceRefused
from library.matrix import BrokenMatrix, ReferenceMatrix, load_matrix
from spectra.errors import SpectraError
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.spectrum import Ordinate, Spectrum, Technique

__all__ = ["SOURCE"]

_GIBIBYTE = 1024**3
_LIMITS = ArchiveLimits(member_bytes=4 * _GIBIBYTE, ratio=500.0, ratio_from=64 * 1024 * 1024)
_MAX_TABLE_BYTES = 256 * 1024 * 1024


class MatrixBundle:
    """The source of matrices with a table."""

    name = "matrix-bundle"
    reads = "a folder with .npz matrices (axis, intensity) and one CSV that says what each row is"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """Each matrix with the rows of the table that speak of it; the matrix itself is loaded when it is read."""
        folder, matrices, table = _files(path)
        rows, problems = _rows(table, [matrix.name for matrix in matrices])
        yield from problems
        for matrix in matrices:
            if matrix.name not in rows:
                yield LeftOut(matrix.name, f"{table.name} names no row of it")
                continue
            # The content stands for the matrix in the record of what was done; its numbers may be larger than memory.
            size = f"{matrix.stat().st_size} {matrix.stat().st_mtime_ns}".encode()
            yield Member(matrix.name, size, {"folder": str(folder), "rows": rows[matrix.name]})
        for name in sorted(rows.keys() - {matrix.name for matrix in matrices}):
            yield LeftOut(name, f"{table.name} names it, and it is not there")

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """Every row that the table names."""
        path = Path(member.said["folder"]) / member.name
        try:
            _refuse_bomb(path)
            matrix = load_matrix(path, member.name)
        except BrokenMatrix as error:
            return [LeftOut(member.name, f"the matrix {error}")]
        read: list[Found | LeftOut] = []
        for cells in csv.DictReader(io.StringIO(member.said["rows"])):
            said = {key: (value or "").strip() for key, value in cells.items()}
            try:
                read.append(_reference(matrix, int(said["row"]), said, stated))
            except (BrokenMatrix, SpectraError, ValueError) as error:
                read.append(LeftOut(f"{member.name}#{said['row']}", str(error)))
        return read


SOURCE = MatrixBundle()


def _files(path: Path) -> tuple[Path, list[Path], Path]:
    """Folder, matrices and table of a bundle, named by the folder or by one of its files."""
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise SourceRefused(f"{path} does not exist; name a folder with .npz files and a CSV")
    ours = sorted(p for p in folder.iterdir() if p.is_file() and not p.is_symlink())
    matrices = [p for p in ours if p.suffix.casefold() == ".npz" and (path.is_dir() or p.stem == path.stem)]
    tables = [p for p in ours if p.suffix.casefold() == ".csv"]
    named = [p for p in tables if p.name == "manifest.csv" or p == path or p.stem == path.stem]
    chosen = named[:1] if len(tables) != 1 else tables
    if not matrices or not chosen:
        raise SourceRefused(f"{folder} is no matrix bundle; it needs .npz files and one CSV (or manifest.csv)")
    return folder, matrices, chosen[0]


def _rows(table: Path, matrices: list[str]) -> tuple[dict[str, str], list[LeftOut]]:
    """Matrix → its rows as CSV again, each with its row number; and the rows that cannot be used."""
    if table.stat().st_size > _MAX_TABLE_BYTES:
        raise SourceRefused(f"{table} has more than {_MAX_TABLE_BYTES // 2**20} MiB; split the bundle")
    try:
        reader = csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip().casefold() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        lines = [(reader.line_num, cells) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceRefused(f"{table} cannot be read as CSV in UTF-8 ({error})") from None
    if "substance" not in header or not {"file", "row"} & set(header):
        raise SourceRefused(f"{table} needs the column substance, and file (spectra.npz#17) or row (17)")
    columns = ["row", *(name for name in dict.fromkeys(header) if name not in ("row", "file"))]
    texts: dict[str, io.StringIO] = {}
    seen: set[tuple[str, int]] = set()
    problems: list[LeftOut] = []
    for line, cells in lines:
        place = _place(cells, matrices)
        if place is None or place in seen:
            why = "it names no row of a matrix" if place is None else f"row {place[1]} of {place[0]} is named twice"
            problems.append(LeftOut(f"{table.name}, line {line}", why))
            continue
        seen.add(place)
        text = texts.get(place[0])
        if text is None:
            text = texts[place[0]] = io.StringIO()
            csv.writer(text).writerow(columns)
        csv.writer(text).writerow([place[1], *((cells.get(name) or "") for name in columns[1:])])
    return {name: text.getvalue() for name, text in texts.items()}, problems


def _place(cells: Mapping[str, str | None], matrices: list[str]) -> tuple[str, int] | None:
    found = re.fullmatch(r"(?P<file>[^/\\]+\.npz)#(?P<row>\d{1,9})", (cells.get("file") or "").strip(), re.IGNORECASE)
    if found:
        return found["file"], int(found["row"])
    row = (cells.get("row") or "").strip()
    return (matrices[0], int(row)) if len(matrices) == 1 and re.fullmatch(r"\d{1,9}", row) else None


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            reasons = [refuse_bomb(info, _LIMITS) for info in archive.infolist()]
    except (OSError, zipfile.BadZipFile) as error:
        raise BrokenMatrix(f"cannot be read ({error}); write it with numpy.savez") from None
    for reason in filter(None, reasons):
        raise BrokenMatrix(f"is refused: {reason}")


def _reference(matrix: ReferenceMatrix, row: int, said: Mapping[str, str], stated: Stated) -> Found:
    matrix.check_row(row)
    identity = identity_of_cells(said)
    if not identity.is_known:
        raise ValueError("nothing says which substance it is: no name, no InChIKey and no CAS number")
    technique = said.get("technique", "").casefold() or stated.technique
    if technique not in list(Technique):
        raise ValueError("its technique is not said; fill the column technique, or state --technique")
    if stated.technique not in (None, technique):
        raise ValueError(f"the table says {technique}, but {stated.technique} was stated")
    first, last = matrix.coverage[row]
    mode = said.get("mode") or stated.mode
    unit = stated.y_units if technique == Technique.FTIR and stated.y_units else Ordinate.ABSORBANCE
    spectrum = Spectrum(
        matrix.axis[first:last],
        matrix.intensity[row, first:last].astype(np.float64),
        Technique(technique),
        Ordinate.INTENSITY if technique == Technique.RAMAN else Ordinate(unit),
        mode,
    )
    absorbance, _ = convert_to_absorbance(spectrum)
    # On the matrix's own axis, so that rows of different coverage stay in one matrix.
    values = np.full(matrix.axis.size, np.nan, dtype=matrix.intensity.dtype)
    values[first:last] = absorbance.intensity
    details = {key: plain_text(said[key], 120) for key in ("laser_nm", "resolution", "instrument") if said.get(key)}
    return Found(identity, Technique(technique), mode, row, Curve(matrix.axis, values), details)
