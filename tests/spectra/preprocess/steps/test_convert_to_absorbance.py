from __future__ import annotations

import numpy as np
import pytest

from spectra.preprocess.steps.convert_to_absorbance import CEILING, convert_to_absorbance
from spectra.spectrum import Ordinate, Spectrum, Technique

AXIS = np.arange(700.0, 800.0)
LIGHT = np.linspace(0.01, 1.0, AXIS.size)


@pytest.mark.parametrize(("ordinate", "full"), [(Ordinate.TRANSMITTANCE, 1.0), (Ordinate.PERCENT_TRANSMITTANCE, 100.0)])
def test_transmittance_becomes_absorbance(ordinate: Ordinate, full: float) -> None:
    converted, words = convert_to_absorbance(Spectrum(AXIS, full * LIGHT, Technique.FTIR, ordinate))
    assert 10.0**-converted.intensity == pytest.approx(LIGHT)
    assert converted.ordinate is Ordinate.ABSORBANCE
    assert words == f"{ordinate} to absorbance"


def test_where_no_light_came_through_stands_the_ceiling() -> None:
    light = LIGHT.copy()
    light[:3] = 0.0, -0.2, 1e-9
    converted, words = convert_to_absorbance(Spectrum(AXIS, light, Technique.FTIR, Ordinate.TRANSMITTANCE))
    assert converted.intensity[:3] == pytest.approx([CEILING] * 3)
    assert words.endswith("3 points at the ceiling")


@pytest.mark.parametrize(
    ("technique", "ordinate"), [(Technique.FTIR, Ordinate.ABSORBANCE), (Technique.RAMAN, Ordinate.INTENSITY)]
)
def test_everything_else_passes_unchanged(technique: Technique, ordinate: Ordinate) -> None:
    spectrum = Spectrum(AXIS, LIGHT, technique, ordinate)
    assert convert_to_absorbance(spectrum) == (spectrum, "unchanged")
