from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.calibration import UNCALIBRATED, Calibration, LogisticCurve, fit_logistic

scores = st.lists(st.floats(-3.0, 3.0), min_size=1, max_size=60)


@given(true=scores, false=scores)
def test_probability_rises_with_the_score_and_stays_within_what_the_scans_support(
    true: list[float], false: list[float]
) -> None:
    curve = fit_logistic(np.array(true), np.array(false))
    probabilities = [curve.probability(score) for score in np.linspace(-4.0, 4.0, 21)]
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities[0] >= 1 / (len(false) + 2)
    assert probabilities[-1] <= 1 - 1 / (len(true) + 2)
    assert (curve.n_true, curve.n_false) == (len(true), len(false))


def test_curve_separates_what_is_separate() -> None:
    rng = np.random.default_rng(0)
    curve = fit_logistic(rng.uniform(2.0, 3.0, 200), rng.uniform(-1.0, 0.5, 200))
    assert curve.probability(2.8) > 0.95
    assert curve.probability(0.0) < 0.05


def test_curve_is_honest_where_scores_overlap() -> None:
    rng = np.random.default_rng(1)
    score = rng.normal(0.0, 2.0, 20_000)
    # The truth has P(true | score) = 1 / (1 + exp(-score)), with equal numbers of both kinds.
    is_true = rng.uniform(size=score.size) < 1 / (1 + np.exp(-score))
    curve = fit_logistic(score[is_true], score[~is_true])
    for probe in (-1.5, 0.0, 1.5):
        assert curve.probability(probe) == pytest.approx(1 / (1 + np.exp(-probe)), abs=0.03)


def test_a_false_component_that_is_assumed_pulls_down_what_was_never_seen() -> None:
    true = np.random.default_rng(2).uniform(1.8, 3.0, 130)
    plain, careful = fit_logistic(true, np.zeros(0)), fit_logistic(true, np.zeros(0), 0.9)
    assert plain.probability(0.9) > 0.95
    assert careful.probability(0.9) < 0.8
    assert careful.probability(2.7) > 0.98
    assert (careful.n_true, careful.n_false) == (130, 0)


def test_without_scans_little_is_claimed() -> None:
    curve = fit_logistic(np.zeros(0), np.zeros(0))
    assert curve.probability(1.0) == curve.probability(0.0) == 0.5


@pytest.mark.parametrize("score", [-1e300, -1.0, 0.0, 1e300])
def test_scores_out_of_range_are_no_trouble(score: float) -> None:
    assert 0.0 < LogisticCurve(3.0, 50.0, 10, 10).probability(score) < 1.0


def test_a_calibration_survives_being_written_down() -> None:
    given = Calibration("m", "2026-01-01", 3, LogisticCurve(-1.5, 2.0, 7, 8), 1.7, 0.83)
    again = Calibration.from_json(json.loads(json.dumps(given.to_json())))
    assert again == given
    assert again.digest == given.digest
    assert given.name == f"m 2026-01-01 {given.digest[:12]}"
    with pytest.raises(KeyError):
        Calibration.from_json({"method": "m"})
    with pytest.raises(TypeError):
        Calibration.from_json({"support": {"a": 1}})


def test_any_changed_figure_is_another_digest() -> None:
    assert replace(UNCALIBRATED, highest_false_explained=0.1).digest != UNCALIBRATED.digest
    assert replace(UNCALIBRATED, support=replace(UNCALIBRATED.support, n_false=19)).digest != UNCALIBRATED.digest


def test_an_uncalibrated_library_claims_no_more_than_nineteen_in_twenty() -> None:
    assert UNCALIBRATED.support.probability(3.0) <= 0.95
    assert UNCALIBRATED.support.probability(-3.0) < 0.1
