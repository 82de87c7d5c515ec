"""Pure substances as the judge mixes them: measured curves on their own axis, scaled to unit area of signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from reachback.validation.instruments import Instrument, band_windows, vary_bands
from spectra.axis import GRIDS
from spectra.compilation import share_points
from spectra.errors import SpectraError
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.reference import ReferenceEntry, ReferenceSet
from spectra.spectrum import Ordinate, Spectrum, Technique

__all__ = ["Part", "Pure", "mix", "pure_from_compiled", "pure_from_spectrum"]

FloatArray = NDArray[np.float64]

_MARGIN = 60.0  # [cm^-1] beyond the judged range, so that a warp and a broadening find something there
_FINE = 1.0  # [cm^-1] step on which curves are mixed and broadened
_FEWEST_POINTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Pure:
    """One pure substance.

    Parameters
    ----------
    entry : ReferenceEntry
    points : array, shape (n_points,)
        [cm^-1] Its own axis, near the judged range.
    axis : array, shape (n_fine,)
        [cm^-1] Evenly spaced, whole numbers.
    bands, baseline : array, shape (n_fine,)
        [per area of signal] What belongs to the substance, and what it stands on.
    windows : array, shape (n_bands, n_fine)
        [1] Where each band rules.
    """

    entry: ReferenceEntry
    points: FloatArray
    axis: FloatArray
    bands: FloatArray
    baseline: FloatArray
    windows: FloatArray


@dataclass(frozen=True, slots=True)
class Part:
    """A pure substance and its share of the signal area [1]."""

    pure: Pure
    share: float


def pure_from_spectrum(entry: ReferenceEntry, spectrum: Spectrum) -> Pure | None:
    """A measured curve; None where it covers too little of the judged range or has no bands there."""
    absorbance, _ = convert_to_absorbance(spectrum)
    recipe = recipe_for(spectrum.technique)
    try:
        ready = prepare(spectrum, recipe)
    except SpectraError:
        return None
    near = (absorbance.axis >= recipe.grid.start - _MARGIN) & (absorbance.axis <= recipe.grid.stop + _MARGIN)
    points, values = absorbance.axis[near], absorbance.intensity[near]
    inside = share_points(recipe.axis, spectrum.technique)
    area = float(np.clip(ready.curve[inside], 0, None).sum()) * recipe.grid.step
    if points.size < _FEWEST_POINTS or not area > 0:
        return None
    axis = np.arange(np.ceil(points[0]), np.floor(points[-1]) + 1, _FINE)
    covered = ready.covered
    baseline = np.interp(axis, recipe.axis[covered], ready.baseline[covered]) / area
    bands = np.asarray(CubicSpline(points, values)(axis)) / area - baseline
    return Pure(entry, points, axis, bands, baseline, band_windows(axis, bands))


def pure_from_compiled(references: ReferenceSet, row: int) -> Pure | None:
    """The curve that a compiled library kept: on its grid, without its baseline."""
    first, stop = references.coverage[row]
    points = references.axis[first:stop]
    if points.size < _FEWEST_POINTS:
        return None
    axis = np.arange(np.ceil(points[0]), np.floor(points[-1]) + 1, _FINE)
    bands = np.asarray(CubicSpline(points, references.curves[row, first:stop].astype(np.float64))(axis))
    return Pure(references.entries[row], points, axis, bands, np.zeros_like(axis), band_windows(axis, bands))


def mix(
    parts: Sequence[Part], technique: Technique, variation: float, seed: tuple[int, ...], *, extra: int = 0
) -> Spectrum | None:
    """A simulated scan of a mixture; None where its parts share too little of the axis.

    The instrument, its noise and the bands of each part are drawn from streams of their own, so that a further part
    (``extra`` counts those at the end of ``parts``) changes nothing else about the scan.

    Parameters
    ----------
    parts : sequence of Part
        The first one's axis is the instrument's. The first ``len(parts) - extra`` shares sum to 1 and are reduced in
        proportion to what is added.
    variation : float
        [1] Standard deviation of the height of each band.
    seed : tuple of int
    """
    low, high = max(part.pure.axis[0] for part in parts), min(part.pure.axis[-1] for part in parts)
    if high - low < _FEWEST_POINTS * _FINE:
        return None
    axis = np.arange(low, high + _FINE / 2, _FINE)
    streams = [np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(1 + len(parts))]
    added = sum(part.share for part in parts[len(parts) - extra :]) if extra else 0.0
    whole = np.zeros_like(axis)
    for number, (part, rng) in enumerate(zip(parts, streams[1:], strict=True)):
        pure, inside = part.pure, (part.pure.axis >= low - _FINE / 2) & (part.pure.axis <= high + _FINE / 2)
        varied = vary_bands(pure.bands, pure.windows, variation, rng)[inside] + pure.baseline[inside]
        whole += part.share * (1 - added if number < len(parts) - extra else 1.0) * varied
    instrument = Instrument(streams[0])
    own = parts[0].pure.points
    points = own + instrument.phase * float(np.median(np.diff(own)))
    grid = GRIDS[technique]
    points = points[(points >= max(low, grid.start - _MARGIN / 2)) & (points <= min(high, grid.stop + _MARGIN / 2))]
    if points.size < _FEWEST_POINTS:
        return None
    ordinate = Ordinate.ABSORBANCE if technique is Technique.FTIR else Ordinate.INTENSITY
    measured = instrument.scan(axis, whole / float(np.ptp(whole)), points)
    return Spectrum(points, measured, technique, ordinate, mode=parts[0].pure.entry.mode)
