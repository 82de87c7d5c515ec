"""Parts of the axis where an instrument, not the sample, makes the bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ATR_REGIONS", "visible_points"]

# [cm^-1] Carbon dioxide of the beam path (bending mode 667, stretching mode 2349; Shimanouchi, NSRDS-NBS 39, 1972)
# and the two-phonon absorption of the diamond of an ATR unit.
ATR_REGIONS = ((662.0, 673.0), (1900.0, 2280.0), (2280.0, 2400.0))


def visible_points(axis: NDArray[np.float64], regions: tuple[tuple[float, float], ...]) -> NDArray[np.bool_]:
    """True where no region hides the sample, shape (n_points,). Regions are (low, high) [cm^-1], ends included."""
    visible = np.ones(axis.size, dtype=bool)
    for low, high in regions:
        visible &= (axis < low) | (axis > high)
    return visible
