"""The recipes in use, one a technique. A changed setting is a new digest, and so a newly compiled library."""

from __future__ import annotations

from spectra.axis import GRIDS
from spectra.preprocess.recipe import Recipe
from spectra.preprocess.steps.mask_regions import ATR_REGIONS
from spectra.spectrum import Technique

__all__ = ["FTIR_FINGERPRINT", "RAMAN_FINGERPRINT", "recipe_for"]

FTIR_FINGERPRINT = Recipe(
    name="ftir-fingerprint",
    technique=Technique.FTIR,
    spike_threshold=None,
    grid=GRIDS[Technique.FTIR],
    stiffness=450.0,
    derivative_window=20.0,
    masked=ATR_REGIONS,
)

RAMAN_FINGERPRINT = Recipe(
    name="raman-fingerprint",
    technique=Technique.RAMAN,
    spike_threshold=10.0,
    grid=GRIDS[Technique.RAMAN],
    stiffness=400.0,
    derivative_window=20.0,
    masked=(),
)


def recipe_for(technique: Technique) -> Recipe:
    """The recipe that scans and references of a technique go through."""
    return {Technique.FTIR: FTIR_FINGERPRINT, Technique.RAMAN: RAMAN_FINGERPRINT}[technique]
