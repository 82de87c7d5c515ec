"""The evidence as curves and bands: what a chemist wants to see."""

from __future__ import annotations

import numpy as np

from spectra.bands import BandMatch, match_bands
from spectra.reference import ReferenceSet
from spectra.unmix import Unmixed
from spectra.verdict import Explanation

__all__ = ["band_matches", "explain"]

# Half width of the neighbourhood in which a band's slopes are compared [cm^-1].
_TOLERANCE = 20.0


def band_matches(unmixed: Unmixed, references: ReferenceSet) -> tuple[BandMatch, ...]:
    """For each component: which of its bands the scan shows once all the others are taken off."""
    fit = unmixed.weighed.fit
    axis = references.axis[unmixed.window]
    return tuple(match_bands(axis, part, part + fit.residual, _TOLERANCE) for part in fit.parts)


def explain(unmixed: Unmixed, references: ReferenceSet, matches: tuple[BandMatch, ...], total: float) -> Explanation:
    """Scan, fit, parts and residual, in units of the scan's area.

    Parameters
    ----------
    total : float
        [area of the scan] Everything is divided by it.
    """
    fit = unmixed.weighed.fit
    scale = 1.0 / total if total > 0 else 1.0
    whole = fit.parts.sum(axis=0)
    return Explanation(
        references.axis[unmixed.window].copy(),
        np.asarray((whole + fit.residual) * scale),
        np.asarray(whole * scale),
        fit.residual * scale,
        fit.parts * scale,
        tuple(match.matched for match in matches),
        tuple(match.missing for match in matches),
    )
