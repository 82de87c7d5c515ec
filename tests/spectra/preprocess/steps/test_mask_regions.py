from __future__ import annotations

import numpy as np

from spectra.preprocess.steps.mask_regions import ATR_REGIONS, visible_points


def test_ends_of_a_region_are_hidden_too() -> None:
    axis = np.array([660.0, 662.0, 667.0, 673.0, 674.0])
    assert visible_points(axis, ((662.0, 673.0),)).tolist() == [True, False, False, False, True]


def test_no_region_hides_nothing() -> None:
    assert visible_points(np.arange(10.0), ()).all()


def test_carbon_dioxide_and_diamond_are_hidden() -> None:
    assert not visible_points(np.array([667.0, 2349.0, 2000.0, 2200.0]), ATR_REGIONS).any()
    assert visible_points(np.array([700.0, 1700.0, 2900.0]), ATR_REGIONS).all()
