"""Bands of a curve, and whether a scan shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

__all__ = ["BandMatch", "find_bands", "match_bands", "unexplained_bands"]

FloatArray = NDArray[np.float64]

_LEAST_PROMINENCE = 0.08  # of the strongest band: below, shoulders and noise of the reference come in
_MOST_BANDS = 20


@dataclass(frozen=True, slots=True)
class BandMatch:
    """Bands [cm^-1] of a component that the scan shows, that it lacks, and the share of band height it shows [1]."""

    matched: tuple[float, ...]
    missing: tuple[float, ...]
    shown: float


def find_bands(curve: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Indices of the most prominent bands of a curve and their prominences [as the curve], at most 20."""
    top = float(curve.max(initial=0.0))
    if top <= 0:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    peaks, found = find_peaks(curve, prominence=_LEAST_PROMINENCE * top)
    prominences = found["prominences"]
    strongest = np.sort(np.argsort(-prominences)[:_MOST_BANDS])
    return peaks[strongest], prominences[strongest]


def match_bands(axis: FloatArray, part: FloatArray, rest: FloatArray, tolerance: float) -> BandMatch:
    """Look for each band of a component in what the scan shows once all other components are taken off.

    A band counts as shown when the slopes of both sides, over the band and ``tolerance`` [cm^-1] beside it, agree:
    the least-squares height of the reference's own slope there lies between half and one and a half times what the
    fit says, with a correlation above 0.8.

    Parameters
    ----------
    axis, part, rest : array, shape (n_points,)
        [cm^-1]; the component's contribution to the fit; the scan less baseline and all other components.
    """
    peaks, prominences = find_bands(part)
    part_slope, rest_slope = np.gradient(part, axis), np.gradient(rest, axis)
    shown = np.zeros(peaks.size, dtype=bool)
    for i, peak in enumerate(peaks):
        near = np.abs(axis - axis[peak]) <= tolerance
        a, b = part_slope[near], rest_slope[near]
        energy = float(a @ a)
        height = float(a @ b) / energy if energy > 0 else 0.0
        correlation = float(a @ b) / float(np.sqrt(energy * (b @ b)) or 1.0)
        shown[i] = 0.5 <= height <= 1.5 and correlation > 0.8
    total = float(prominences.sum())
    return BandMatch(
        tuple(round(float(x), 1) for x in axis[peaks[shown]]),
        tuple(round(float(x), 1) for x in axis[peaks[~shown]]),
        float(prominences[shown].sum()) / total if total > 0 else 0.0,
    )


def unexplained_bands(axis: FloatArray, residual: FloatArray, least_height: float) -> tuple[float, ...]:
    """Positions [cm^-1] of the bands in a residual higher than ``least_height`` [as the residual], at most 20."""
    peaks, found = find_peaks(residual, height=least_height, prominence=least_height)
    strongest = np.sort(peaks[np.argsort(-found["prominences"])[:_MOST_BANDS]])
    return tuple(round(float(x), 1) for x in axis[strongest])
