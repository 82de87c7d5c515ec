from __future__ import annotations

import numpy as np
import pytest

from spectra.disturbance import Disturbance, disturb
from spectra.spectrum import Technique
from tests.spectra.made_spectra import AXES, bands

AXIS = AXES[Technique.RAMAN]
CURVE = bands(1, Technique.RAMAN, AXIS)
NONE = Disturbance(shift=0.0, warp=0.0, broadening=0.0, tilt=0.0, baseline=0.0, noise=0.0)


def test_same_seed_same_scan() -> None:
    one, again, other = (disturb(AXIS, CURVE, Disturbance(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_nothing_disturbed_is_the_curve_itself() -> None:
    assert disturb(AXIS, CURVE, NONE, np.random.default_rng(0)) == pytest.approx(CURVE)


def test_noise_is_as_loud_as_it_says() -> None:
    noisy = disturb(AXIS, CURVE, Disturbance(0.0, 0.0, 0.0, 0.0, 0.0, 1 / 500), np.random.default_rng(0))
    assert float((noisy - CURVE).std()) == pytest.approx(CURVE.max() / 500, rel=0.1)


def test_shift_and_warp_are_about_a_wavenumber() -> None:
    strongest = AXIS[CURVE.argmax()]
    size = Disturbance(broadening=0.0, tilt=0.0, baseline=0.0, noise=0.0)
    moved = []
    for seed in range(60):
        scan = disturb(AXIS, CURVE, size, np.random.default_rng(seed))
        fine = np.arange(strongest - 8.0, strongest + 8.0, 0.05)
        moved.append(fine[np.interp(fine, AXIS, scan).argmax()] - strongest)
    assert 0.5 < float(np.std(moved)) < 2.5


def test_tilt_turns_around_the_middle() -> None:
    size = Disturbance(0.0, 0.0, 0.0, 0.5, 0.0, 0.0)
    gain = disturb(AXIS, np.ones(AXIS.size), size, np.random.default_rng(1))
    assert gain[AXIS.size // 2] == pytest.approx(1.0, abs=1e-3)
    assert gain[0] - 1 == pytest.approx(1 - gain[-1])
    assert abs(gain[0] - 1) <= 0.5


def test_broadening_lowers_bands_and_keeps_their_area() -> None:
    broad = disturb(AXIS, CURVE, Disturbance(0.0, 0.0, 20.0, 0.0, 0.0, 0.0), np.random.default_rng(1))
    assert broad.max() < 0.9 * CURVE.max()
    assert broad.sum() == pytest.approx(CURVE.sum(), rel=0.02)
