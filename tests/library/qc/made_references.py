"""References of curves that belong to nobody, for the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectra.reference import Reference, ReferenceEntry
from spectra.spectrum import Ordinate, Spectrum, Technique
from tests.library.made_library import curve

__all__ = ["FTIR_AXIS", "RAMAN_AXIS", "curve", "drawn", "reference"]

FTIR_AXIS = np.arange(600.0, 2000.1, 4.0)
RAMAN_AXIS = np.arange(200.0, 2400.1, 2.0)


def reference(
    name: str,
    values: NDArray[np.float64],
    axis: NDArray[np.float64] = FTIR_AXIS,
    technique: Technique = Technique.FTIR,
    substance: str | None = None,
    **more: Any,
) -> Reference:
    """One reference, called as its id unless a substance is given."""
    ordinate = Ordinate.ABSORBANCE if technique is Technique.FTIR else Ordinate.INTENSITY
    mode = more.get("mode")
    spectrum = Spectrum(axis, values, technique, ordinate, mode=mode)
    return Reference(ReferenceEntry(name, substance or name, **more), spectrum)


def drawn(seeds: Sequence[int], axis: NDArray[np.float64] = FTIR_AXIS) -> list[Reference]:
    """References ``s7`` … of different curves."""
    return [reference(f"s{seed}", curve(seed, axis), axis) for seed in seeds]
