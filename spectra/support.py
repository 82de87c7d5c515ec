"""How well each component stands on its own: what a scan shows of it once all the others are taken off.

A sum of references can explain a scan that holds something unknown, with a small wrong component standing in for the
unknown. Such a stand-in gives itself away: taken alone, its slopes do not follow what the others leave, its own bands
are missing, and it accounts for part of the rest only. All three are measured here, noise taken out, together with
how much is left that the error model does not know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spectra.bands import BandMatch, match_bands
from spectra.preprocess.steps.differentiate import differentiate
from spectra.question import Question
from spectra.unmix import Unmixed

__all__ = ["Support", "supports"]

# What one unit of log residual variance takes off the score; chosen with the thresholds in the criteria.
_VARIANCE_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Support:
    """The case for one component.

    Parameters
    ----------
    bands : BandMatch
        Bands that the scan shows and lacks.
    agreement : float
        [1] Correlation of its slopes with what all other components leave.
    accounted : float
        [1] Part of what the others leave unexplained, in units of expected error, that goes once it is in.
    variance : float
        [1] Residual variance of the whole fit over the expected one.
    """

    bands: BandMatch
    agreement: float
    accounted: float
    variance: float

    @property
    def score(self) -> float:
        """Sum of band share, agreement and accounted part, less a penalty for an unknown rest; 3 is perfect."""
        penalty = _VARIANCE_WEIGHT * math.log(max(1.0, self.variance))
        return self.bands.shown + self.agreement + self.accounted - penalty


def supports(unmixed: Unmixed, question: Question) -> tuple[Support, ...]:
    """The case for each component of a fit, in their order."""
    fit, weighed = unmixed.weighed.fit, unmixed.weighed
    recipe = question.ready.recipe
    axis = question.references.axis[unmixed.window]
    noise = question.sigma**2 * recipe.slope_noise
    left = max(float(fit.whitened_residual @ fit.whitened_residual) - axis.size, 0.0)
    if not len(fit.parts):
        return ()
    both = np.stack([fit.parts, fit.parts + fit.residual])
    slopes, rests = differentiate(both, recipe.derivative_window, recipe.grid.step)
    found = []
    for part, slope, rest, without in zip(fit.parts, slopes, rests, weighed.left_without, strict=True):
        energy = float(slope @ slope)
        rest_energy = max(float(rest @ rest) - noise * axis.size, 0.5 * energy, 1e-300)
        agreement = float(slope @ rest) / math.sqrt(max(energy, 1e-300) * rest_energy)
        accounted = 1.0 - left / max(without - axis.size, left, 1e-9)
        bands = match_bands(axis, part, slope, rest, noise)
        found.append(Support(bands, min(max(agreement, 0.0), 1.0), accounted, fit.variance))
    return tuple(found)
