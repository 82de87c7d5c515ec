"""Cosmic rays: single bright points that no band of an instrument of finite resolution can make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spectra.spectrum import Spectrum

__all__ = ["find_cosmic_spikes", "remove_cosmic_spikes"]

_WIDEST = 3  # [points] a ray lights one to three pixels


def find_cosmic_spikes(intensity: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Points hit by a cosmic ray, shape (n_points,).

    A spike rises and falls within three points by more than ``threshold`` robust standard deviations of the
    scan's own point-to-point differences (Whitaker and Hayes 2018), and stands at least five times higher over
    the line between its neighbours than those neighbours' own curvature, which spares narrow real bands.
    """
    differences = np.diff(intensity)
    spread = 1.4826 * float(np.median(np.abs(differences - np.median(differences))))
    spikes = np.zeros(intensity.size, dtype=bool)
    if spread <= 0:
        return spikes
    jumps = np.flatnonzero(differences > threshold * spread)
    for jump in jumps.tolist():
        top = jump + 1
        for width in range(1, _WIDEST + 1):
            right = top + width
            if right >= intensity.size or jump < 1 or right + 1 >= intensity.size:
                break
            if intensity[right] - intensity[right - 1] < -threshold * spread and _stands_alone(intensity, jump, right):
                spikes[top:right] = True
                break
    return spikes


def _stands_alone(intensity: NDArray[np.float64], left: int, right: int) -> bool:
    # A real band has shoulders: the points just outside the spike rise towards it as well.
    height = float(intensity[left + 1 : right].max() - max(intensity[left], intensity[right]))
    rise = max(float(intensity[left] - intensity[left - 1]), float(intensity[right] - intensity[right + 1]), 0.0)
    return height > 5.0 * rise


def remove_cosmic_spikes(spectrum: Spectrum, threshold: float) -> tuple[Spectrum, str]:
    """Replace cosmic spikes by the line between their neighbours.

    Returns
    -------
    Spectrum, str
        The spectrum, and the places [cm^-1] where something was replaced.
    """
    spikes = find_cosmic_spikes(spectrum.intensity, threshold)
    if not spikes.any():
        return spectrum, "no spikes"
    kept = ~spikes
    repaired = np.interp(spectrum.axis, spectrum.axis[kept], spectrum.intensity[kept])
    places = ", ".join(f"{x:.0f}" for x in spectrum.axis[spikes][:6])
    return spectrum.with_intensity(repaired), f"{int(spikes.sum())} points replaced, near {places} cm^-1"
