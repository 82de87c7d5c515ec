"""Another instrument, another day, another batch: the generator behind the judge's simulated scans.

It shares nothing with the generator that calibrates a library, on purpose: an error rate measured with the
disturbances that the thresholds were set on proves nothing. Every scan gets

- an axis that is shifted and warped, the warp a sum of three sinusoids, about 1 cm^-1 together;
- a broadening by a mixture of a Lorentzian and a Gaussian;
- a gain that is tilted by up to 6 % from the middle to an end;
- a slow baseline: a wide hump and an exponential slope, up to 5 % of the strongest band;
- noise of 1/500 of the strongest band, half of its variance white and half growing with the signal;
- points at other places than the reference's: the same spacing, another phase.

And, in the second and third disturbance, every band of every component varies in height on its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import find_peaks

__all__ = ["DISTURBANCES", "Disturbance", "Instrument", "band_windows", "vary_bands"]

FloatArray = NDArray[np.float64]

_SHIFT = 1.0  # [cm^-1] largest
_WARP = 0.7  # [cm^-1] root mean square of the sinusoids together
_PERIODS = (250.0, 1500.0)  # [cm^-1] of the sinusoids
_BROADENING = 4.0  # [cm^-1] largest full width at half maximum
_TILT = 0.06
_BASELINE = 0.05  # of the strongest band
_NOISE = 1 / 500  # of the strongest band
_REACH = 60.0  # [cm^-1] on either side that a broadening looks at
_LEAST_BAND = 0.01  # prominence of a band that varies, of the strongest
_WINDOWS = (5.0, 15.0)  # [cm^-1] standard deviation of a band's window: half the way to its neighbour, between these


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A named level; ``band_variation`` is the standard deviation of each band's height [1]."""

    name: str
    band_variation: float


DISTURBANCES = {d.name: d for d in (Disturbance("I", 0.0), Disturbance("II", 0.02), Disturbance("IIb", 0.05))}


def band_windows(axis: FloatArray, curve: FloatArray) -> FloatArray:
    """Where each band of a curve rules, shape (n_bands, n_points): Gaussian windows that sum to at most 1.

    Parameters
    ----------
    axis, curve : array, shape (n_points,)
        [cm^-1]; baseline-corrected.
    """
    peaks, _ = find_peaks(curve, prominence=_LEAST_BAND * float(curve.max()))
    centres = axis[peaks]
    if not centres.size:
        return np.zeros((0, axis.size))
    gaps = np.diff(centres)
    nearest = np.minimum(np.r_[np.inf, gaps], np.r_[gaps, np.inf])
    widths = np.clip(nearest / 2, *_WINDOWS)
    windows = np.exp(-(((axis - centres[:, None]) / widths[:, None]) ** 2) / 2)
    result: FloatArray = windows / np.maximum(windows.sum(axis=0), 1.0)
    return result


def vary_bands(curve: FloatArray, windows: FloatArray, variation: float, rng: np.random.Generator) -> FloatArray:
    """The curve with every band higher or lower by a factor of its own [as ``curve`` ], shape (n_points,)."""
    return np.asarray(curve * (1.0 + variation * rng.standard_normal(len(windows)) @ windows))


class Instrument:
    """One instrument on one day: all it does is drawn when it is made, so it treats every sample alike.

    Parameters
    ----------
    rng : Generator
        Used at once; nothing is drawn later.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.shift = float(rng.uniform(-_SHIFT, _SHIFT))
        self.periods = rng.uniform(*_PERIODS, 3)
        self.phases = rng.uniform(0, 2 * np.pi, 3)
        amplitudes = rng.uniform(0.3, 1.0, 3)
        self.amplitudes = amplitudes * _WARP * np.sqrt(2 / (amplitudes**2).sum())
        self.width, self.lorentzian = float(rng.uniform(0, _BROADENING)), float(rng.uniform())
        self.tilt = float(rng.uniform(-_TILT, _TILT))
        self.phase = float(rng.uniform(-0.5, 0.5))
        self._hump = rng.uniform((-1.0, 0.0, 0.35), (1.0, 1.0, 0.9))
        self._slope = rng.uniform((-1.0, 0.6), (1.0, 2.5))
        self._noise_seed = int(rng.integers(2**63))

    def moved(self, axis: FloatArray) -> FloatArray:
        """Where the instrument really looks when it says ``axis`` [cm^-1], shape (n_points,)."""
        turns = 2 * np.pi * axis[:, None] / self.periods + self.phases
        return np.asarray(axis + self.shift + np.sin(turns) @ self.amplitudes)

    def scan(self, fine_axis: FloatArray, curve: FloatArray, points: FloatArray) -> FloatArray:
        """The curve as this instrument measures it [as ``curve``], shape (n_points,).

        Parameters
        ----------
        fine_axis, curve : array, shape (n_fine,)
            [cm^-1] Evenly spaced, finer than any band.
        points : array, shape (n_points,)
            [cm^-1] Where it is measured, within the fine axis.
        """
        broad = self._broadened(curve, float(fine_axis[1] - fine_axis[0]))
        seen = np.asarray(CubicSpline(fine_axis, broad)(np.clip(self.moved(points), fine_axis[0], fine_axis[-1])))
        position = np.linspace(-1.0, 1.0, points.size)
        top = float(np.ptp(seen))
        measured = seen * (1.0 + self.tilt * position) + _BASELINE * top * self._baseline(position)
        level = np.clip((seen - seen.min()) / max(top, 1e-300), 0.0, 1.0)
        white = np.random.default_rng(self._noise_seed).standard_normal((2, points.size))
        noise = _NOISE * top * np.sqrt(0.5) * (white[0] + np.sqrt(level) * white[1])
        return np.asarray(measured + noise)

    def _broadened(self, curve: FloatArray, step: float) -> FloatArray:
        reach = round(_REACH / step)
        distance = step * np.arange(-reach, reach + 1)
        half = max(self.width / 2, 0.05 * step)
        gaussian = np.exp(-np.log(2) * (distance / half) ** 2)
        lorentzian = 1.0 / (1.0 + (distance / half) ** 2)
        mixed = self.lorentzian * lorentzian / lorentzian.sum() + (1 - self.lorentzian) * gaussian / gaussian.sum()
        padded = np.pad(curve, reach, mode="edge")
        return np.convolve(padded, mixed, mode="valid")

    def _baseline(self, position: FloatArray) -> FloatArray:
        height, centre, width = self._hump
        steepness, decay = self._slope
        hump = height * np.exp(-(((position - 2 * centre + 1) / width) ** 2) / 2)
        slow = hump + steepness * np.exp(-decay * (position + 1))
        largest = float(np.abs(slow).max())
        return np.asarray(slow / largest if largest > 1 else slow)
