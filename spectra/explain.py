"""The evidence as curves and bands: what a chemist wants to see."""

from __future__ import annotations

import numpy as np

from spectra.packaging import packaging_positions
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
    background = packaging_positions(unmixed.rows, references)
    sample = [i for i in range(len(unmixed.rows)) if i not in background]
    # A scan that shows nothing but packaging is shown as it is.
    parts = fit.parts[sample] if sample else fit.parts
    cases = tuple(cases[i] for i in sample)
    whole = parts.sum(axis=0)
    return Explanation(
        references.axis[unmixed.window].copy(),
        np.asarray((whole + fit.residual) * scale),
        np.asarray(whole * scale),
        fit.residual * scale,
        fit.parts[sample] * scale,
        tuple(case.bands.matched for case in cases),
        tuple(case.bands.missing for case in cases),
    )
