"""How alike a scan and a reference are: a plain pairwise form, and the matrix form proven equal to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["similarity_matrix", "similarity_pair"]

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
    query = np.zeros(features.shape[1], dtype=np.float32)
    query[slice(*scan_coverage)] = scan[slice(*scan_coverage)]
    products: NDArray[np.float32] = features @ query
    lengths = shared_lengths(scan, scan_coverage, features, coverage)
    scores: NDArray[np.float32] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return scores


def shared_lengths(
    scan: FloatArray, scan_coverage: Coverage, features: NDArray[np.float32], coverage: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Product of both lengths over the shared points, shape (n_refs,); 0 where nothing is shared."""
    # Libraries hold few different coverages, so each is worked out once.
    pairs, which = np.unique(coverage, axis=0, return_inverse=True)
    lengths = np.zeros(features.shape[0], dtype=np.float32)
    for group, (low, high) in enumerate(pairs):
        rows = np.flatnonzero(which.ravel() == group)
        first, stop = max(scan_coverage[0], int(low)), min(scan_coverage[1], int(high))
        if stop <= first:
            continue
        scan_length = float(np.linalg.norm(scan[first:stop]))
        whole = first <= low and stop >= high
        own = 1.0 if whole else np.linalg.norm(features[rows, first:stop], axis=1)
        lengths[rows] = scan_length * own
    return lengths
