"""Transmittance to absorbance."""

from __future__ import annotations

import numpy as np

from spectra.spectrum import Ordinate, Spectrum

__all__ = ["CEILING", "convert_to_absorbance"]

# Instruments write 6 where no light came through; more is never measured.
CEILING = 6.0


def convert_to_absorbance(spectrum: Spectrum) -> tuple[Spectrum, str]:
    """Absorbance A = -log10(T) [1] of a spectrum given as transmittance; others pass unchanged.

    Transmittance at or below 10^-6 becomes the ceiling of 6.

    Returns
    -------
    Spectrum, str
        The spectrum, and what was done in words.
    """
    scale = {Ordinate.TRANSMITTANCE: 1.0, Ordinate.PERCENT_TRANSMITTANCE: 100.0}.get(spectrum.ordinate)
    if scale is None:
        return spectrum, "unchanged"
    light = spectrum.intensity / scale
    dark = light < 10.0**-CEILING
    absorbance = -np.log10(np.where(dark, 10.0**-CEILING, light))
    words = f"{spectrum.ordinate} to absorbance" + (f", {int(dark.sum())} points at the ceiling" if dark.any() else "")
    return spectrum.with_intensity(absorbance, Ordinate.ABSORBANCE), words
