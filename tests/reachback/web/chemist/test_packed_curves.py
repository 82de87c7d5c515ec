"""Sixteen bits a point are enough, and what is thinned out keeps its peaks."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reachback.web.chemist.packed_curves import MOST_POINTS, pack, pack_axis, thin_out

FloatArray = NDArray[np.float64]


def unpacked(packed: dict[str, Any]) -> FloatArray:
    numbers = np.frombuffer(base64.b64decode(packed["numbers"]), dtype="<u2")
    return np.asarray(packed["low"] + packed["step"] * numbers)


def test_a_curve_comes_back_within_a_sixty_five_thousandth_of_its_range() -> None:
    values = np.random.default_rng(1).normal(0.0, 3.0, 900)
    assert np.max(np.abs(unpacked(pack(values)) - values)) <= np.ptp(values) / 65535


def test_a_flat_curve_and_none_at_all_come_back_too() -> None:
    assert unpacked(pack(np.full(40, 2.5))).tolist() == [2.5] * 40
    assert unpacked(pack(np.zeros(0))).size == 0


def test_an_even_axis_is_three_numbers_and_any_other_is_kept() -> None:
    assert pack_axis(np.arange(650.0, 1850.0, 4.0)) == {"start": 650.0, "step": 4.0, "n": 300}
    uneven = np.cumsum(np.random.default_rng(2).uniform(1.0, 3.0, 500))
    floats = np.frombuffer(base64.b64decode(pack_axis(uneven)["floats"]), dtype="<f4")
    assert floats == pytest.approx(uneven, abs=1e-3)


def test_a_long_curve_keeps_its_narrowest_peak_and_its_ends_in_order() -> None:
    axis = np.linspace(100.0, 4000.0, 90_000)
    values = np.zeros(90_000)
    values[51_234], values[51_235] = 7.0, -3.0
    thin_axis, thin = thin_out(axis, values)
    assert thin_axis.size <= MOST_POINTS
    assert (thin.max(), thin.min()) == (7.0, -3.0)
    assert (np.diff(thin_axis) > 0).all()
    assert thin_out(axis[:100], values[:100])[0].size == 100
