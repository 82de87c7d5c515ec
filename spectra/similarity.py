"""How alike a scan and a reference are: a plain pairwise form, and the matrix form proven equal to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["own_lengths", "products_with", "shared_lengths", "similarities", "similarity_matrix", "similarity_pair"]

FloatArray = NDArray[np.float64]
Coverage = tuple[int, int]


def similarity_pair(scan: FloatArray, scan_coverage: Coverage, reference: FloatArray, coverage: Coverage) -> float:
    """Cosine of two features over the points that both cover [1], between -1 and 1.

    Parameters
    ----------
    scan, reference : array, shape (n_points,)
        Features in the search domain (first derivatives, so that the cosine is the correlation of slopes).
    scan_coverage, coverage : (first, stop)
        Points covered by each.

    Returns
    -------
    float
        0 where nothing is shared or one of them is flat there.
    """
    first, stop = max(scan_coverage[0], coverage[0]), min(scan_coverage[1], coverage[1])
    if stop <= first:
        return 0.0
    a, b = scan[first:stop].astype(np.float64), reference[first:stop].astype(np.float64)
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 0 else 0.0


def similarity_matrix(
    scan: FloatArray,
    scan_coverage: Coverage,
    features: NDArray[np.float32],
    coverage: NDArray[np.int64],
) -> NDArray[np.float32]:
    """`similarity_pair` of one scan against every reference, shape (n_refs,).

    Parameters
    ----------
    features : float32 array, shape (n_refs, n_points)
        Each of unit length over its own coverage, zero elsewhere.
    coverage : int array, shape (n_refs, 2)
    """
    lengths = shared_lengths(scan, scan_coverage, own_lengths(scan_coverage, features, coverage), coverage)
    return similarities(products_with(scan, scan_coverage, features), lengths)


def products_with(scan: FloatArray, scan_coverage: Coverage, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Product of every reference's feature with a scan's, shape (n_refs,): the one pass over the library."""
    query = np.zeros(features.shape[1], dtype=np.float32)
    query[slice(*scan_coverage)] = scan[slice(*scan_coverage)]
    products: NDArray[np.float32] = features @ query
    return products


def similarities(products: NDArray[np.float32], lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Products over the lengths, shape (n_refs,); 0 where nothing is shared."""
    scores: NDArray[np.float32] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return scores


def shared_lengths(
    scan: FloatArray, scan_coverage: Coverage, own: NDArray[np.float32], coverage: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Product of both lengths over the shared points, shape (n_refs,); 0 where nothing is shared.

    Parameters
    ----------
    own : float32 array, shape (n_refs,)
        As :func:`own_lengths` gives them.
    """
    lengths = own.copy()
    for (low, high), rows in _by_coverage(coverage):
        first, stop = max(scan_coverage[0], low), min(scan_coverage[1], high)
        lengths[rows] *= float(np.linalg.norm(scan[first:stop])) if stop > first else 0.0
    return lengths


def own_lengths(
    scan_coverage: Coverage, features: NDArray[np.float32], coverage: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Length of each reference's feature over the points that the scan covers too, shape (n_refs,)."""
    lengths = np.ones(features.shape[0], dtype=np.float32)
    for (low, high), rows in _by_coverage(coverage):
        first, stop = max(scan_coverage[0], low), min(scan_coverage[1], high)
        # Over its whole coverage a feature has unit length; only what the scan cuts off needs the matrix.
        if first > low or stop < high:
            lengths[rows] = np.linalg.norm(features[rows, first : max(first, stop)], axis=1)
    return lengths


def _by_coverage(coverage: NDArray[np.int64]) -> Iterator[tuple[tuple[int, int], NDArray[np.intp] | slice]]:
    """The few different coverages of a library, each with the references that have it."""
    if (coverage == coverage[0]).all():
        yield (int(coverage[0, 0]), int(coverage[0, 1])), slice(None)
        return
    keys = coverage[:, 0] * 2**32 + coverage[:, 1]
    for key in np.unique(keys):
        yield (int(key >> 32), int(key & (2**32 - 1))), np.flatnonzero(keys == key)
