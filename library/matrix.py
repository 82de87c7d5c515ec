"""Many references in one ``.npz`` file: ``axis`` (n_points,) and ``intensity`` (n_refs, n_points)."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from library.errors import LibraryError
from spectra.reference import Reference, ReferenceEntry
from spectra.spectrum import MIN_POINTS, Ordinate, Provenance, Spectrum, Technique

__all__ = ["BrokenMatrix", "MatrixReference", "ReferenceMatrix", "load_matrix"]


class BrokenMatrix(LibraryError):
    """A matrix of references, or one row of it, cannot be used; the message goes on from the file's name."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceMatrix:
    """References on one axis, checked in bulk.

    Parameters
    ----------
    file : str
        Path inside the library's folder.
    axis : array, shape (n_points,)
        [cm^-1] Strictly ascending.
    intensity : array, shape (n_refs, n_points)
        [1] Absorbance (FTIR) or intensity (Raman); NaN where a reference was not measured.
    coverage : array, shape (n_refs, 2)
        First point measured and one past the last.
    gaps : bool array, shape (n_refs,)
        True where values are missing, or infinite, between the first and the last point measured.
    """

    file: str
    axis: NDArray[np.float64]
    intensity: NDArray[np.floating]
    coverage: NDArray[np.int64]
    gaps: NDArray[np.bool_]

    def check_row(self, row: int) -> None:
        """Raise ``BrokenMatrix`` where the row does not exist or is no spectrum."""
        if row >= self.intensity.shape[0]:
            raise BrokenMatrix(f"has no row {row}; its {self.intensity.shape[0]:,} rows count from 0")
        if self.gaps[row]:
            raise BrokenMatrix(f"row {row} has values that are not finite inside its range; only its ends may be NaN")
        first, last = self.coverage[row]
        if last - first < MIN_POINTS:
            raise BrokenMatrix(f"row {row} has {last - first} points; a reference needs at least {MIN_POINTS}")


@dataclass(frozen=True, slots=True, eq=False)
class MatrixReference:
    """One row of a matrix; the spectrum is made only when it is asked for."""

    matrix: ReferenceMatrix
    row: int
    technique: Technique
    entry: ReferenceEntry

    def reference(self) -> Reference:
        """The row as the matching core takes it."""
        first, last = self.matrix.coverage[self.row]
        spectrum = Spectrum(
            axis=self.matrix.axis[first:last],
            intensity=self.matrix.intensity[self.row, first:last].astype(np.float64),
            technique=self.technique,
            ordinate=Ordinate.INTENSITY if self.technique is Technique.RAMAN else Ordinate.ABSORBANCE,
            mode=self.entry.mode,
            provenance=Provenance(file=self.matrix.file, index=self.row),
        )
        return Reference(entry=self.entry, spectrum=spectrum)


def load_matrix(path: Path, file: str) -> ReferenceMatrix:
    """Read and check a matrix of references.

    Raises
    ------
    BrokenMatrix
        Not readable, arrays missing, of the wrong shape or type, or an axis that is not monotonic.
    """
    axis, intensity = _arrays(path)
    if axis.ndim != 1 or intensity.ndim != 2 or intensity.shape[1] != axis.size:
        raise BrokenMatrix(
            f"holds axis {axis.shape} and intensity {intensity.shape}; they must be (n_points,) and (n_refs, n_points)"
        )
    if axis.dtype.kind not in "fiu" or intensity.dtype.kind not in "fiu":
        raise BrokenMatrix(f"holds {axis.dtype} and {intensity.dtype}; axis and intensity must be real numbers")
    axis = axis.astype(np.float64)
    steps = np.diff(axis)
    if not np.isfinite(axis).all() or not (np.all(steps > 0) or np.all(steps < 0)):
        raise BrokenMatrix("has an axis that is not strictly monotonic and finite; give it in cm^-1, in order")
    if axis.size > 1 and steps[0] < 0:
        axis, intensity = axis[::-1], intensity[:, ::-1]
    if intensity.dtype.kind != "f":
        intensity = intensity.astype(np.float32)
    coverage, gaps = _coverage(intensity)
    return ReferenceMatrix(file=file, axis=axis, intensity=intensity, coverage=coverage, gaps=gaps)


def _arrays(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    try:
        with path.open("rb") as stream:  # numpy leaves a file open that it opened itself and could not read
            return _stored_arrays(stream)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise BrokenMatrix(f"cannot be read ({_first_line(error)}); write it with numpy.savez") from None
    except MemoryError:
        raise BrokenMatrix("is too large for this machine's memory; split it into several files") from None


def _stored_arrays(stream: BinaryIO) -> tuple[NDArray[Any], NDArray[Any]]:
    loaded = np.load(stream, allow_pickle=False)
    if not isinstance(loaded, np.lib.npyio.NpzFile):
        raise BrokenMatrix("is no .npz file; write it with numpy.savez(axis=…, intensity=…)")
    with loaded as stored:
        missing = [name for name in ("axis", "intensity") if name not in stored]
        if missing:
            raise BrokenMatrix(f"lacks the array {missing[0]}; it must hold axis and intensity")
        return stored["axis"], stored["intensity"]


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def _coverage(intensity: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """First and one past the last finite point of each row, and whether something is missing between."""
    n_refs, n_points = intensity.shape
    coverage = np.zeros((n_refs, 2), dtype=np.int64)
    gaps = np.zeros(n_refs, dtype=np.bool_)
    for start in range(0, n_refs, 2048):  # blocks keep the boolean mask small beside the matrix
        block = np.isfinite(intensity[start : start + 2048])
        count = block.sum(axis=1)
        first = block.argmax(axis=1) if n_points else count
        last = n_points - block[:, ::-1].argmax(axis=1) if n_points else count
        rows = slice(start, start + block.shape[0])
        coverage[rows, 0] = np.where(count, first, 0)
        coverage[rows, 1] = np.where(count, last, 0)
        gaps[rows] = (coverage[rows, 1] - coverage[rows, 0]) != count
    return coverage, gaps
