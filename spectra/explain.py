"""The evidence as curves and bands: what a chemist wants to see."""

from __future__ import annotations

import numpy as np

from spectra.reference import ReferenceSet
from spectra.support import Support
from spectra.unmix import Unmixed
from spectra.verdict import Explanation

__all__ = ["explain"]


def explain(unmixed: Unmixed, references: ReferenceSet, cases: tuple[Support, ...], total: float) -> Explanation:
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
        tuple(case.bands.matched for case in cases),
        tuple(case.bands.missing for case in cases),
    )
