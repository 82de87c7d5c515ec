"""Numbers that lie as they are in the bytes of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["values_at"]


def values_at(data: bytes, offset: int, n_values: int, kind: str) -> NDArray[np.float64]:
    """Values of a ``numpy`` type such as ``"<f4"``; at most those that the file still holds.

    Parameters
    ----------
    data : bytes
    offset : int
        [bytes]
    n_values : int
        As declared; nothing is allocated for what is not there.
    kind : str

    Returns
    -------
    array, shape (n_found,)
    """
    size = np.dtype(kind).itemsize
    n_found = min(n_values, max(len(data) - offset, 0) // size)
    if n_found <= 0:
        return np.empty(0)
    # Damaged bytes may be a signalling NaN, about which the processor complains when it is widened.
    with np.errstate(invalid="ignore"):
        return np.frombuffer(data, kind, n_found, offset).astype(np.float64)
