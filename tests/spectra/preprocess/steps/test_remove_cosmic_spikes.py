from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.preprocess.steps.remove_cosmic_spikes import find_cosmic_spikes, remove_cosmic_spikes
from spectra.spectrum import Technique
from tests.spectra.made_spectra import AXES, scan

AXIS = AXES[Technique.RAMAN]


@given(place=st.integers(5, AXIS.size - 6), width=st.integers(1, 3), height=st.floats(3.0, 100.0))
def test_a_ray_of_one_to_three_points_is_found_and_bridged(place: int, width: int, height: float) -> None:
    clean = scan({2: 1.0}, Technique.RAMAN)
    top = float(clean.intensity.max())
    hit = clean.intensity.copy()
    hit[place : place + width] += height * top
    repaired, words = remove_cosmic_spikes(clean.with_intensity(hit), 10.0)
    found = np.flatnonzero(find_cosmic_spikes(hit, 10.0))
    # On the flank of a band a neighbour may be taken along.
    assert set(range(place, place + width)) <= set(found.tolist()) <= set(range(place - 2, place + width + 2))
    assert words.startswith(f"{found.size} points replaced, near {AXIS[found[0]]:.0f}")
    # Under the ray lies a guess; a band's flank is at most so steep.
    assert float(np.abs(repaired.intensity - clean.intensity).max()) < 0.5 * top
    untouched = np.ones(AXIS.size, dtype=bool)
    untouched[found] = False
    assert (repaired.intensity[untouched] == clean.intensity[untouched]).all()


@pytest.mark.parametrize("number", range(20))
def test_bands_are_no_rays(number: int) -> None:
    clean = scan({number: 1.0}, Technique.RAMAN)
    assert remove_cosmic_spikes(clean, 10.0) == (clean, "no spikes")


@pytest.mark.parametrize("values", [np.zeros(AXIS.size), np.eye(AXIS.size)[500], np.eye(AXIS.size)[0]])
def test_without_noise_nothing_is_called_a_ray(values: np.ndarray) -> None:
    assert not find_cosmic_spikes(values, 10.0).any()


def test_rays_at_the_very_ends_are_left() -> None:
    noisy = np.random.default_rng(0).standard_normal(100)
    for place in (0, 1, 98, 99):
        hit = noisy.copy()
        hit[place] += 1e4
        assert find_cosmic_spikes(hit, 10.0).sum() <= 1
