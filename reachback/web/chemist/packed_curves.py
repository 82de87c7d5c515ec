"""Curves on their way to a page: sixteen bits a point, which is finer than any screen and most detectors."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_POINTS", "pack", "pack_axis", "thin_out"]

FloatArray = NDArray[np.float64]
MOST_POINTS = 8000  # of one curve; more than a screen is wide, several times over
_LEVELS = 65535


def pack(values: FloatArray) -> dict[str, Any]:
    """Values as ``low + step * whole number``, the numbers as base64 of little-endian unsigned 16-bit integers."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    step = (high - low) / _LEVELS or 1.0
    numbers = np.round((values - low) / step).astype("<u2")
    return {"low": low, "step": step, "numbers": base64.b64encode(numbers.tobytes()).decode("ascii")}


def pack_axis(axis: FloatArray) -> dict[str, Any]:
    """An axis [cm^-1], shape (n_points,): three numbers where it is even, else base64 of 32-bit floats."""
    step = float(axis[-1] - axis[0]) / max(axis.size - 1, 1)
    even = axis[0] + step * np.arange(axis.size)
    if np.max(np.abs(even - axis)) < 0.01 * step:
        return {"start": float(axis[0]), "step": step, "n": int(axis.size)}
    return {"floats": base64.b64encode(axis.astype("<f4").tobytes()).decode("ascii")}


def thin_out(axis: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same curve with at most `MOST_POINTS`: the lowest and the highest point of every stretch stay."""
    if axis.size <= MOST_POINTS:
        return axis, values
    edges = np.linspace(0, axis.size, MOST_POINTS // 2 + 1).astype(int)
    kept = set()
    for first, stop in pairwise(edges):
        kept |= {first + int(values[first:stop].argmin()), first + int(values[first:stop].argmax())}
    chosen = np.array(sorted(kept), dtype=np.intp)
    return axis[chosen], values[chosen]
