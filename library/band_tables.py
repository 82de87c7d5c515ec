"""Band tables: a spectrum as a short list of bands, fitted from a curve or drawn back into one.

A band is a Lorentzian with three figures: position [cm^-1], height [as the curve, or relative] and full width at half
maximum [cm^-1]. Lorentzian because that is the natural shape of a vibrational band; what the shape misses stands in the
reported residual of a fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares, lsq_linear
from scipy.signal import find_peaks, peak_widths

from device_adapters.errors import NotASpectrum, Unstated
from device_adapters.recording import Recording
from spectra.spectrum import Ordinate, Provenance, Spectrum, Technique

__all__ = [
    "DEFAULT_WIDTHS",
    "MAX_BANDS",
    "NARROWEST_WIDTH",
    "BandFit",
    "as_band_table_spectrum",
    "band_range",
    "draw_bands",
    "fit_bands",
]

FloatArray = NDArray[np.float64]

MAX_BANDS: Final = 30

# Raman: the line width a handheld shows on a sharp band (instrument resolution about 8 to 10 cm^-1).
# FTIR: near the median width of the bands fitted to the starter library's measured spectra.
DEFAULT_WIDTHS: Final = {Technique.RAMAN: 10.0, Technique.FTIR: 16.0}

MIN_PROMINENCE = 0.01  # of the curve's span: lower maxima are noise or digitisation, not bands
MIN_HEIGHT = 0.003  # of the strongest band: a fit that shrinks a band below this does not need it
SHOULDER_ROUNDS = 3  # how often the residual is searched for bands that have no maximum of their own
# [cm^-1] Below about 1.25 steps of the coarsest source in use (7.84 cm^-1) a width cannot be told from the data.
NARROWEST_WIDTH: Final = 10.0
WIDEST_BAND = 200.0  # [cm^-1] anything broader is baseline
MIN_POINTS = 9  # fewer cannot hold a band and its surroundings
STEPS_PER_WIDTH = 8  # a Lorentzian drawn with fewer points loses height and slope
BAND_RANGE = re.compile(r"^[ \t]*##\$BAND[ _-]?RANGE[ \t]*=(.*)$", re.MULTILINE | re.IGNORECASE)
FALLBACK_MARGIN = 3.0  # [widths] covered beyond the outer bands where a file states no range


@dataclass(frozen=True, slots=True, eq=False)
class BandFit:
    """Bands fitted to a curve, in ascending position.

    Parameters
    ----------
    positions, heights, widths : array, shape (n_bands,)
        [cm^-1], [as the curve], [cm^-1 full width at half maximum]
    baseline : float
        [as the curve] The constant fitted beneath the bands; no part of the table.
    residual : float
        [1] Root mean square of what is left, as a part of the root mean square of the curve about its own mean.
    """

    positions: FloatArray
    heights: FloatArray
    widths: FloatArray
    baseline: float
    residual: float


def draw_bands(axis: ArrayLike, positions: ArrayLike, heights: ArrayLike, widths: ArrayLike) -> FloatArray:
    """Sum of Lorentzian bands [as ``heights``] on ``axis`` [cm^-1], shape (n_points,).

    Parameters
    ----------
    axis : array-like, shape (n_points,)
        [cm^-1]
    positions, heights, widths : array-like, shape (n_bands,)
        [cm^-1], [any], [cm^-1 full width at half maximum, above zero]

    Raises
    ------
    ValueError
        The three lists differ in length, or a width is not above zero.
    """
    x, centre, height, width = (np.asarray(values, dtype=np.float64) for values in (axis, positions, heights, widths))
    if not centre.shape == height.shape == width.shape or centre.ndim != 1:
        raise ValueError(f"a band table needs as many heights and widths as positions, not {height.size}, {width.size}")
    if np.any(~(width > 0.0)):
        raise ValueError(f"band {int(np.flatnonzero(~(width > 0.0))[0]) + 1} has a width that is not above zero")
    curve: FloatArray = _shapes(x, centre, width) @ height
    return curve


def fit_bands(
    axis: ArrayLike, curve: ArrayLike, *, max_bands: int = MAX_BANDS, narrowest: float = NARROWEST_WIDTH
) -> BandFit:
    """Fit Lorentzian bands at the most prominent maxima of a curve, then at what the fit has left over.

    Parameters
    ----------
    axis : array-like, shape (n_points,)
        [cm^-1] Ascending; only the range to be fitted.
    curve : array-like, shape (n_points,)
        [absorbance, or any ordinate in which bands add]
    max_bands : int
        At most so many bands.
    narrowest : float
        [cm^-1] Lower bound of the widths; raised to the step of the axis, below which no width can be known.

    Raises
    ------
    ValueError
        The curve has no maximum that stands out, or fewer points than a fit needs.
    """
    x, y = np.asarray(axis, dtype=np.float64), np.asarray(curve, dtype=np.float64)
    span = float(np.ptp(y)) if y.size else 0.0
    if y.size < MIN_POINTS or span <= 0.0:
        raise ValueError(f"no bands can be fitted to a curve of {y.size} points that spans {span:g}")
    least = max(narrowest, float(np.median(np.diff(x))))
    bands = _maxima(x, (y - y.min()) / span, max_bands, least)
    if not bands.size:
        raise ValueError("no bands can be fitted: the curve has no maximum that stands out")
    problem = _Problem(x, (y - y.min()) / span, least)
    fitted, baseline = problem.solve(bands)
    for _ in range(SHOULDER_ROUNDS):
        room = max_bands - len(fitted)
        left = problem.scaled - baseline - draw_bands(x, *fitted.T)
        shoulders = _maxima(x, left, min(room, max(1, room // 2)), least) if room > 0 else fitted[:0]
        if not shoulders.size:
            break
        fitted, baseline = problem.solve(np.vstack([fitted, shoulders]))
    fitted = fitted[np.argsort(fitted[:, 0], kind="stable")]
    left = problem.scaled - baseline - draw_bands(x, *fitted.T)
    residual = float(np.sqrt(np.mean(left**2)) / np.std(problem.scaled))
    return BandFit(fitted[:, 0], fitted[:, 1] * span, fitted[:, 2], baseline * span + float(y.min()), residual)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """One curve, scaled to span 0..1, with the least-squares model of bands on a constant.

    A sloping baseline was tried: it takes from the broad bands what then is missing in the table.
    """

    x: FloatArray
    scaled: FloatArray
    narrowest: float

    def solve(self, bands: FloatArray) -> tuple[FloatArray, float]:
        """Bands (n_bands, 3) and the constant that fit best, starting from ``bands``; faint bands dropped."""
        while True:
            fitted, baseline = self._descend(bands)
            strong = fitted[:, 1] >= MIN_HEIGHT * fitted[:, 1].max()
            if strong.all():
                return fitted, baseline
            bands = fitted[strong]

    def _descend(self, bands: FloatArray) -> tuple[FloatArray, float]:
        n = len(bands)
        low, high, step = float(self.x[0]), float(self.x[-1]), float(np.median(np.diff(self.x)))
        one = np.ones((self.x.size, 1))
        reach = np.maximum(1.5 * step, 0.5 * bands[:, 2])
        below = np.concatenate([np.maximum(bands[:, 0] - reach, low), np.zeros(n), np.full(n, self.narrowest), [-1.0]])
        above = np.concatenate([np.minimum(bands[:, 0] + reach, high), np.full(n, 2.0), np.full(n, WIDEST_BAND), [1.0]])
        start = self._best_heights(bands)
        gap = 1e-9 * (1.0 + np.abs(start))
        start = np.clip(start, below + gap, above - gap)

        def misfit(p: FloatArray) -> FloatArray:
            return np.asarray(_shapes(self.x, p[:n], p[2 * n : 3 * n]) @ p[n : 2 * n] + p[-1] - self.scaled)

        def slopes(p: FloatArray) -> FloatArray:
            centre, height, width = p[:n], p[n : 2 * n], p[2 * n : 3 * n]
            shape = _shapes(self.x, centre, width)
            u = (self.x[:, None] - centre) / width
            by_centre = 8.0 * height * shape**2 * u / width
            by_width = 8.0 * height * shape**2 * u**2 / width
            return np.hstack([by_centre, shape, by_width, one])

        best = least_squares(misfit, start, slopes, (below, above), x_scale="jac", max_nfev=200, ftol=1e-6, xtol=1e-6)
        return best.x[:-1].reshape(3, n).T.copy(), float(best.x[-1])

    def _best_heights(self, bands: FloatArray) -> FloatArray:
        """All parameters, with the heights and constant that are best for the given positions and widths."""
        n = len(bands)
        model = np.hstack([_shapes(self.x, bands[:, 0], bands[:, 2]), np.ones((self.x.size, 1))])
        least = np.append(np.zeros(n), -1.0)
        linear = lsq_linear(model, self.scaled, (least, np.inf)).x
        return np.concatenate([bands[:, 0], np.maximum(linear[:n], MIN_PROMINENCE), bands[:, 2], linear[n:]])


def _shapes(x: FloatArray, centre: FloatArray, width: FloatArray) -> FloatArray:
    """Lorentzians of unit height, shape (n_points, n_bands)."""
    shape: FloatArray = 1.0 / (1.0 + (2.0 * (x[:, None] - centre) / width) ** 2)
    return shape


def _maxima(x: FloatArray, y: FloatArray, at_most: int, narrowest: float) -> FloatArray:
    """The most prominent maxima of ``y`` as first guesses (position, height, width), shape (n_bands, 3)."""
    # Padded, so that a band whose top lies at or beyond the end of the range counts as a maximum too.
    padded = np.concatenate([[y.min()], y, [y.min()]])
    peaks, properties = find_peaks(padded, prominence=MIN_PROMINENCE)
    chosen = np.argsort(-properties["prominences"], kind="stable")[:at_most]
    peaks = np.sort(peaks[chosen])
    if not peaks.size:
        return np.empty((0, 3))
    widths = peak_widths(padded, peaks, rel_height=0.5)[0] * float(np.median(np.diff(x)))
    prominence = properties["prominences"][np.sort(chosen)]
    return np.column_stack([x[peaks - 1], prominence, np.clip(widths, narrowest, WIDEST_BAND / 2)])


def band_range(recording: Recording, technique: Technique) -> tuple[float, float]:
    """The range [cm^-1] a peak table speaks for.

    The file's own ``##$BAND RANGE=`` counts; without it the table covers its bands and three widths on either side.
    """
    stated = BAND_RANGE.search(recording.header)
    if stated:
        try:
            low, high = sorted(float(end) for end in re.split(r"[\s,;]+", stated[1].strip()))
        except ValueError:
            raise NotASpectrum(f"'{stated[0].strip()}' is not two numbers; write ##$BAND RANGE=low, high") from None
        if not (np.isfinite(low) and np.isfinite(high) and high > low):
            raise NotASpectrum(f"'{stated[0].strip()}' is no range; write ##$BAND RANGE=low, high")
        return low, high
    margin = FALLBACK_MARGIN * DEFAULT_WIDTHS[technique]
    return float(recording.x.min()) - margin, float(recording.x.max()) + margin


def as_band_table_spectrum(recording: Recording) -> Spectrum:
    """Draw a peak table with heights as a spectrum, over exactly the range the table covers.

    Bands without a width get the technique's default width (`DEFAULT_WIDTHS`). Outside its range a table says nothing,
    so nothing is drawn there.

    Raises
    ------
    Unstated
        The file does not say its technique.
    NotASpectrum
        No peak table, no heights, heights in transmittance, or an axis that is not in cm^-1.
    """
    if recording.technique == "unknown":
        raise Unstated("the peak table does not say whether it is Raman or infrared; state the technique")
    technique = Technique(recording.technique)
    _require_drawable(recording)
    widths = np.full(recording.x.size, DEFAULT_WIDTHS[technique])
    if recording.widths is not None:
        known = np.isfinite(recording.widths) & (recording.widths > 0.0)
        widths = np.where(known, recording.widths, widths)
    low, high = band_range(recording, technique)
    step = float(np.clip(widths.min() / STEPS_PER_WIDTH, 0.25, 2.0))
    axis = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
    curve = draw_bands(axis, recording.x, recording.y, widths)
    mode, laser = recording.metadata.get("mode"), recording.metadata.get("laser_nm")
    return Spectrum(
        axis=axis,
        intensity=curve,
        technique=technique,
        ordinate=Ordinate.INTENSITY if technique is Technique.RAMAN else Ordinate.ABSORBANCE,
        mode=None if mode is None else str(mode),
        laser_nm=float(laser) if laser is not None and technique is Technique.RAMAN else None,
        provenance=Provenance(index=recording.index, sha256=recording.sha256 or None, title=recording.title),
    )


def _require_drawable(recording: Recording) -> None:
    if recording.kind != "peaks":
        raise NotASpectrum("this is a measured curve, not a peak table; read it as a spectrum")
    if recording.x_units != "cm-1":
        raise NotASpectrum(f"the peak table's axis is in {recording.x_units}, not in cm^-1; convert it first")
    if "TRANSMIT" in recording.y_units.upper():
        raise NotASpectrum("the peak table's heights are transmittance, in which bands do not add; give absorbance")
    if not recording.x.size or not np.all(np.isfinite(recording.y)) or not np.any(recording.y > 0.0):
        raise NotASpectrum("the peak table has no heights; positions alone calibrate an axis, but are no curve")
