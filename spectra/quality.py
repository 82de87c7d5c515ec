"""Is a scan fit to be judged? Noise, saturation, fluorescence, clipped absorbance, emptiness."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.preprocess.recipe import Prepared
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.preprocess.steps.remove_cosmic_spikes import find_cosmic_spikes
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import QualityReport

__all__ = ["assess", "gas_noise", "noise"]

FloatArray = NDArray[np.float64]

_WINDOW = 40  # points over which the noise is taken to be constant
_QUIET = 15.0  # percentile of the windows that counts as free of bands
# Median over white noise of the 15th percentile of windowed spreads, so that the estimate is unbiased there.
_QUIET_BIAS = 0.845

# [cm^-1] Bending band of water vapour as far as it is judged, and the step that shows its lines one by one.
_VAPOUR = (1400.0, 1850.0)
_FINE_STEP = 2.1

# A range of intensities below these is none: absolutely, and against the largest intensity.
_LEAST_SIGNAL = 1e-18
_ROUNDING = 1e-12

_ADVICE = {
    "no_signal": "There is no signal in the range that is judged: check contact or focus and scan again.",
    "narrow_range": "Too narrow a range was measured to name anything by it: scan the whole fingerprint region.",
    "low_signal": "The bands hardly rise above the noise: scan longer, or move to a spot with more sample.",
    "fluorescence": (
        "Fluorescence buries the bands: use a 1064 nm instrument, or FTIR – which needs the bag opened, so read the"
        " hazard card first."
    ),
    "saturated": (
        "The strongest band is cut off at the detector's limit: scan again with less power or a shorter time."
        " A dark sample can heat up and ignite."
    ),
    "opaque": "Almost no light came through: press or spread the sample thinner and scan again.",
}


def noise(intensity: FloatArray) -> float:
    """Standard deviation of the point-to-point noise [as the intensity], from second differences.

    Taken where the scan is quietest (15th percentile over windows of 40 points, corrected for its bias on white
    noise), so that narrow bands sampled by few points do not count as noise.
    """
    bends = np.diff(intensity, 2)
    # All windows of a length at once: the first few are a point longer than the others.
    width, longer = divmod(bends.size, max(1, bends.size // _WINDOW))
    first = longer * (width + 1)
    spreads = [*_spreads(bends[:first].reshape(-1, width + 1)), *_spreads(bends[first:].reshape(-1, width))]
    return float(np.percentile(spreads, _QUIET)) / _QUIET_BIAS / math.sqrt(6.0)


def _spreads(windows: FloatArray) -> FloatArray:
    """Median absolute deviation within each window as a standard deviation, shape (n_windows,)."""
    deviations = np.abs(windows - np.median(windows, axis=1, keepdims=True))
    return np.asarray(1.4826 * np.median(deviations, axis=1))


def gas_noise(absorbance: Spectrum) -> float:
    """Noise of a point [as the intensity] where water vapour has its lines; 0 where they cannot be told from bands.

    A scan sampled in steps of 2 cm^-1 or less shows each line as a spike of a point or two. Nobody knows the lines'
    heights, but they are spread like noise, and so is what they add to a band's evidence.
    """
    inside = (absorbance.axis >= _VAPOUR[0]) & (absorbance.axis <= _VAPOUR[1])
    if absorbance.technique is not Technique.FTIR or int(inside.sum()) < (_VAPOUR[1] - _VAPOUR[0]) / _FINE_STEP:
        return 0.0
    # Fourth differences: in second ones a strong band of a solid still outweighs the lines. 70 = 1+16+36+16+1.
    spikes = np.diff(absorbance.intensity[inside], 4)
    return math.sqrt(float(np.mean(spikes**2)) / 70.0)


def assess(spectrum: Spectrum, ready: Prepared, criteria: Criteria) -> QualityReport:
    """Judge a scan before anything is compared.

    Parameters
    ----------
    spectrum : Spectrum
        As it came.
    ready : Prepared
        The same after its recipe.
    """
    absorbance, _ = convert_to_absorbance(spectrum)
    sigma = noise(absorbance.intensity)
    height = float(np.percentile(ready.curve[ready.covered], 99.5))
    if not height > 0 or _is_flat(spectrum.intensity):
        return _report(["no_signal"], None)
    snr = height / sigma if sigma > 0 else None
    flags = []
    measured = ready.recipe.axis[ready.covered]
    if measured[-1] - measured[0] < criteria.min_range:
        flags.append("narrow_range")
    # Rounded or smoothed files show no noise at all; then nothing is said against them.
    if snr is not None and snr < criteria.min_snr:
        buried = _background_ratio(ready) > criteria.max_background and spectrum.technique is Technique.RAMAN
        flags.append("fluorescence" if buried else "low_signal")
    if _is_clipped(spectrum.intensity, criteria.saturated_run):
        flags.append("saturated" if spectrum.technique is Technique.RAMAN else "opaque")
    elif spectrum.technique is Technique.FTIR and _share_above(absorbance, criteria.max_absorbance) > 0.05:
        flags.append("opaque")
    informative = []
    if spectrum.technique is Technique.RAMAN and find_cosmic_spikes(spectrum.intensity, 10.0).any():
        informative.append("cosmic_spikes_removed")
    return _report(flags, snr, tuple(informative))


def _report(flags: list[str], snr: float | None, informative: tuple[str, ...] = ()) -> QualityReport:
    return QualityReport(not flags, snr, (*flags, *informative), tuple(_ADVICE[flag] for flag in flags))


def _is_flat(intensity: FloatArray) -> bool:
    """True where nothing stands out but the rounding of the numbers."""
    return float(np.ptp(intensity)) <= max(_LEAST_SIGNAL, _ROUNDING * float(np.abs(intensity).max()))


def _background_ratio(ready: Prepared) -> float:
    bands = float(np.clip(ready.curve, 0, None).sum())
    return float(np.clip(ready.baseline, 0, None).sum()) / bands if bands > 0 else np.inf


def _is_clipped(intensity: FloatArray, run: int) -> bool:
    """True where ``run`` or more neighbouring points all equal the maximum, and other points lie well below it."""
    top = intensity >= intensity.max()
    edges = np.flatnonzero(np.diff(np.r_[0, top.astype(int), 0]))
    longest = int(np.max(edges[1::2] - edges[::2]))
    # The quarter of the points that is lowest tells the floor even where half of the scan is cut off.
    floor = float(np.percentile(intensity, 25))
    return longest >= run and float(intensity.max()) > floor + 0.1 * float(np.ptp(intensity))


def _share_above(spectrum: Spectrum, limit: float) -> float:
    return float(np.mean(spectrum.intensity > limit))
