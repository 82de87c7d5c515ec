from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from library.matrix import BrokenMatrix, MatrixReference, load_matrix
from spectra.reference import ReferenceEntry
from spectra.spectrum import Ordinate, Technique

AXIS = np.linspace(400.0, 1800.0, 200)


def stored(folder: Path, **arrays: object) -> Path:
    path = folder / "s.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BrokenMatrix) as caught:
        load_matrix(path, "s.npz")
    return str(caught.value)


def test_missing_ends_are_not_covered(tmp_path: Path) -> None:
    intensity = np.random.default_rng(1).uniform(size=(4, AXIS.size))
    intensity[1, :30] = np.nan
    intensity[2, -40:] = np.nan
    intensity[3] = np.nan
    matrix = load_matrix(stored(tmp_path, axis=AXIS, intensity=intensity), "s.npz")
    assert matrix.coverage.tolist() == [[0, 200], [30, 200], [0, 160], [0, 0]]
    assert not matrix.gaps.any()
    made = MatrixReference(matrix, 1, Technique.FTIR, ReferenceEntry("s.npz#1", "x")).reference()
    np.testing.assert_array_equal(made.spectrum.axis, AXIS[30:])
    np.testing.assert_array_equal(made.spectrum.intensity, intensity[1, 30:])
    assert made.spectrum.ordinate is Ordinate.ABSORBANCE


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gap_inside_a_row_is_refused_for_that_row_only(tmp_path: Path, bad: float) -> None:
    intensity = np.ones((2, AXIS.size))
    intensity[1, 100] = bad
    matrix = load_matrix(stored(tmp_path, axis=AXIS, intensity=intensity), "s.npz")
    matrix.check_row(0)
    with pytest.raises(BrokenMatrix, match="row 1 has values that are not finite"):
        matrix.check_row(1)


def test_a_row_that_is_not_there_or_too_short_is_refused(tmp_path: Path) -> None:
    intensity = np.ones((2, AXIS.size))
    intensity[1, 31:] = np.nan
    matrix = load_matrix(stored(tmp_path, axis=AXIS, intensity=intensity), "s.npz")
    with pytest.raises(BrokenMatrix, match="no row 2"):
        matrix.check_row(2)
    with pytest.raises(BrokenMatrix, match="row 1 has 31 points"):
        matrix.check_row(1)


def test_a_descending_axis_is_turned_round_with_its_values(tmp_path: Path) -> None:
    intensity = np.arange(AXIS.size, dtype=np.float32)[None, :]
    matrix = load_matrix(stored(tmp_path, axis=AXIS[::-1], intensity=intensity), "s.npz")
    np.testing.assert_array_equal(matrix.axis, AXIS)
    np.testing.assert_array_equal(matrix.intensity[0], intensity[0, ::-1])


def test_what_is_no_matrix_is_refused(tmp_path: Path) -> None:
    assert "lacks the array intensity" in refusal(stored(tmp_path, axis=AXIS))
    assert "(n_refs, n_points)" in refusal(stored(tmp_path, axis=AXIS, intensity=np.ones(AXIS.size)))
    assert "(n_refs, n_points)" in refusal(stored(tmp_path, axis=AXIS, intensity=np.ones((3, 7))))
    assert "real numbers" in refusal(stored(tmp_path, axis=AXIS, intensity=np.ones((1, AXIS.size), dtype=complex)))
    assert "monotonic" in refusal(stored(tmp_path, axis=np.zeros(AXIS.size), intensity=np.ones((1, AXIS.size))))
    gappy = AXIS.copy()
    gappy[3] = np.nan
    assert "monotonic" in refusal(stored(tmp_path, axis=gappy, intensity=np.ones((1, AXIS.size))))


def test_stored_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = stored(tmp_path, axis=AXIS, intensity=np.array([[object()]], dtype=object))
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize("kept", [0, 10, 300, 1000])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = stored(tmp_path, axis=AXIS, intensity=np.ones((3, AXIS.size)))
    path.write_bytes(path.read_bytes()[:kept])
    assert "cannot be read" in refusal(path)


def test_a_plain_array_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "s.npz").open("wb") as stream:
        np.save(stream, AXIS)
    assert "is no .npz file" in refusal(tmp_path / "s.npz")
