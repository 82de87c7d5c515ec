"""Bands of a curve, and whether a scan shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

__all__ = ["BandMatch", "find_bands", "match_bands", "unexplained_bands"]

FloatArray = NDArray[np.float64]

_LEAST_PROMINENCE = 0.08  # of the strongest band: below, shoulders and noise of the reference come in
_MOST_BANDS = 20
_NEAR = 20.0  # [cm^-1] around a band: its flanks, for bands of handheld resolution


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


def match_bands(
    axis: FloatArray, part: FloatArray, part_slope: FloatArray, rest_slope: FloatArray, noise: float
) -> BandMatch:
    """Look for each band of a component in what the scan shows once all other components are taken off.

    A band counts as shown when the slopes within 20 cm^-1 of it agree: the least-squares height of the component's own
    slope there lies between half and one and a half times what the fit says, with a correlation above 0.8.

    Parameters
    ----------
    axis, part, part_slope, rest_slope : array, shape (n_points,)
        [cm^-1]; the component's contribution to the fit; its slope; the slope of what the others leave of the scan.
    noise : float
        [squared slope] Variance of ``rest_slope`` by noise alone, which is taken out of the correlation.
    """
    peaks, prominences = find_bands(part)
    shown = np.zeros(peaks.size, dtype=bool)
    for i, peak in enumerate(peaks):
        near = np.abs(axis - axis[peak]) <= _NEAR
        a, b = part_slope[near], rest_slope[near]
        energy, product = float(a @ a), float(a @ b)
        if energy <= 0:
            continue
        rest_energy = max(float(b @ b) - noise * int(near.sum()), 1e-300)
        shown[i] = 0.5 <= product / energy <= 1.5 and product > 0.8 * math.sqrt(energy * rest_energy)
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
