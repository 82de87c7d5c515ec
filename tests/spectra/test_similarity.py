from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.similarity import own_lengths, shared_lengths, similarity_matrix, similarity_pair

N_POINTS = 40
spans = st.tuples(st.integers(0, N_POINTS), st.integers(0, N_POINTS)).map(lambda pair: (min(pair), max(pair)))


def features(seed: int, coverages: list[tuple[int, int]]) -> np.ndarray:
    """Random features of unit length over their coverage, zero elsewhere."""
    rows = np.random.default_rng(seed).standard_normal((len(coverages), N_POINTS))
    for row, (first, stop) in zip(rows, coverages, strict=True):
        row[:first] = row[stop:] = 0.0
        row /= np.linalg.norm(row) or 1.0
    return rows.astype(np.float32)


@given(
    seed=st.integers(0, 10_000),
    scan_span=spans,
    coverages=st.lists(spans, min_size=1, max_size=8),
    exponent=st.integers(-12, 9),
)
def test_matrix_form_is_the_pairwise_form(
    seed: int, scan_span: tuple[int, int], coverages: list[tuple[int, int]], exponent: int
) -> None:
    matrix = features(seed, coverages)
    scan = np.random.default_rng(seed + 1).standard_normal(N_POINTS) * 10.0**exponent
    scan[: scan_span[0]] = scan[scan_span[1] :] = 0.0
    fast = similarity_matrix(scan, scan_span, matrix, np.array(coverages, dtype=np.int64))
    plain = [similarity_pair(scan, scan_span, row, span) for row, span in zip(matrix, coverages, strict=True)]
    assert fast == pytest.approx(plain, abs=2e-6)
    assert (np.abs(fast) <= 1 + 1e-5).all()


@given(seed=st.integers(0, 10_000), first=spans, second=spans)
def test_pairwise_form_is_symmetric_and_bounded(seed: int, first: tuple[int, int], second: tuple[int, int]) -> None:
    a, b = features(seed, [first, second])
    score = similarity_pair(a, first, b, second)
    assert score == pytest.approx(similarity_pair(b, second, a, first))
    assert abs(score) <= 1 + 1e-12


def test_values_outside_the_coverage_do_not_count() -> None:
    a, b = np.random.default_rng(1).standard_normal((2, N_POINTS))
    inside = similarity_pair(a, (5, 30), b, (10, 40))
    a[:10] = b[30:] = 1e9
    assert similarity_pair(a, (5, 30), b, (10, 40)) == inside


def test_same_and_opposite() -> None:
    (row,) = features(1, [(0, N_POINTS)])
    whole = (0, N_POINTS)
    assert similarity_pair(row, whole, row, whole) == pytest.approx(1.0)
    assert similarity_pair(row, whole, -3 * row, whole) == pytest.approx(-1.0)


def test_nothing_shared_or_flat_is_nothing_alike() -> None:
    (row,) = features(1, [(0, N_POINTS)])
    assert similarity_pair(row, (0, 10), row, (10, 40)) == 0.0
    assert similarity_pair(np.zeros(N_POINTS), (0, N_POINTS), row, (0, N_POINTS)) == 0.0


def test_lengths_are_products_over_the_shared_points() -> None:
    coverages = [(0, 40), (10, 20), (35, 40), (0, 5)]
    matrix = features(3, coverages)
    scan = np.random.default_rng(4).standard_normal(N_POINTS)
    own = own_lengths((5, 30), matrix, np.array(coverages))
    lengths = shared_lengths(scan, (5, 30), own, np.array(coverages))
    for length, row, (first, stop) in zip(lengths, matrix, coverages, strict=True):
        shared = slice(max(first, 5), min(stop, 30))
        plain = np.linalg.norm(scan[shared]) * np.linalg.norm(row[shared]) if shared.stop > shared.start else 0.0
        assert length == pytest.approx(plain, abs=1e-5)
