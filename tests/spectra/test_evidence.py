"""The banded, whitened fit against the textbook: the covariance in full, and normal equations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.evidence import Weighed, WeighedFit, baseline_columns, nuisance_columns, part_of, weigh
from spectra.spectrum import Technique
from tests.spectra.made_spectra import FloatArray, bands

AXIS = np.arange(648.0, 1252.0, 4.0)
SUPPORT = 60.0


def curves(*numbers: int) -> FloatArray:
    made = [bands(number, Technique.FTIR, AXIS) for number in numbers]
    return np.array(made).reshape(len(numbers), AXIS.size)


def mixture(parts: FloatArray, amounts: FloatArray, sigma: float, seed: int) -> FloatArray:
    background = np.array([0.3, -0.1, 0.05, 0.0, 0.0, 0.02, 0.0]) @ baseline_columns(AXIS) * parts.max()
    noise = sigma * np.random.default_rng(seed).standard_normal(AXIS.size)
    return np.asarray(amounts @ parts + background + noise)


def fitted(axis: FloatArray, scan: FloatArray, parts: FloatArray, variation: FloatArray, sigma: float) -> WeighedFit:
    components = [part_of(axis, *pair) for pair in zip(parts, variation.tolist(), strict=True)]
    return WeighedFit(axis, scan, components, sigma)


def weighed(scan: FloatArray, parts: FloatArray, variation: FloatArray, sigma: float) -> Weighed:
    others = [
        fitted(AXIS, scan, np.delete(parts, j, axis=0), np.delete(variation, j), sigma) for j in range(len(parts))
    ]
    return weigh(fitted(AXIS, scan, parts, variation, sigma), others)


@dataclass
class Plain:
    """Generalised least squares as the textbook has it."""

    axis: FloatArray
    scan: FloatArray
    curves: FloatArray
    variation: FloatArray
    sigma: float

    def covariance(self) -> FloatArray:
        columns = np.concatenate([self.curves, baseline_columns(self.axis)])
        amounts = np.linalg.lstsq(columns.T, self.scan, rcond=None)[0][: len(self.curves)].clip(0)
        distance = np.abs(self.axis[:, None] - self.axis) / SUPPORT
        kernel = np.where(distance < 1, (1 - distance).clip(0) ** 3 * (3 * distance + 1), 0.0)
        covariance = self.sigma**2 * np.eye(self.axis.size)
        for amount, alpha, curve in zip(amounts, self.variation, self.curves, strict=True):
            covariance += (amount * alpha) ** 2 * kernel * np.outer(curve, curve)
        return covariance

    def columns(self) -> FloatArray:
        nuisance = [nuisance_columns(self.axis, curve) for curve in self.curves]
        return np.concatenate([self.curves, *nuisance, baseline_columns(self.axis)])

    def solve(self, columns: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Coefficients, their covariance without the variance factor, and the weighted sum of squared residuals."""
        covariance = self.covariance()
        scale = np.linalg.norm(columns, axis=1)
        scaled = columns / scale[:, None]
        weighted = np.linalg.solve(covariance, scaled.T)
        normal = np.linalg.inv(scaled @ weighted)
        solution = normal @ (weighted.T @ self.scan)
        residual = self.scan - solution @ scaled
        squares = float(residual @ np.linalg.solve(covariance, residual))
        return solution / scale, normal / np.outer(scale, scale), squares


def cases() -> st.SearchStrategy[tuple[Plain, WeighedFit]]:
    def make(numbers: list[int], sigma: float, alpha: float, seed: int) -> tuple[Plain, WeighedFit]:
        parts = curves(*numbers)
        amounts = np.random.default_rng(seed).uniform(0.2, 1.0, len(numbers))
        noise = sigma * float(bands(0, Technique.FTIR, AXIS).max())
        scan = mixture(parts if numbers else curves(0), amounts if numbers else np.ones(1), noise, seed)
        given = (AXIS, scan, parts, np.full(len(numbers), alpha), noise)
        return Plain(*given), fitted(*given)

    return st.builds(
        make,
        st.lists(st.integers(0, 19), min_size=0, max_size=3, unique=True),
        st.sampled_from([1 / 50, 1 / 500]),
        st.sampled_from([0.0, 0.02, 0.1]),
        st.integers(0, 10_000),
    )


@settings(max_examples=30, deadline=None)
@given(case=cases())
def test_amounts_errors_and_variance_are_those_of_the_full_covariance(case: tuple[Plain, WeighedFit]) -> None:
    plain, fast = case
    columns = plain.columns()
    solution, covariance, squares = plain.solve(columns)
    n = len(plain.curves)
    variance = squares / (AXIS.size - len(columns))
    assert fast.variance == pytest.approx(variance, rel=1e-5)
    assert fast.amounts == pytest.approx(solution[:n], rel=1e-4, abs=1e-6)
    errors = np.sqrt(np.diag(covariance)[:n] * max(1.0, variance))
    assert fast.errors == pytest.approx(errors, rel=1e-4)
    assert float(fast.whitened_residual @ fast.whitened_residual) == pytest.approx(squares, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(case=cases())
def test_asking_is_a_likelihood_ratio_with_one_more_column(case: tuple[Plain, WeighedFit]) -> None:
    plain, fast = case
    asked = curves(15, 16, 17)
    _, _, before = plain.solve(plain.columns())
    variance = max(1.0, before / (AXIS.size - len(plain.columns())))
    z, amount = fast.ask(asked)
    for its_z, its_amount, curve in zip(z, amount, asked, strict=True):
        if any(np.array_equal(curve, known) for known in plain.curves):
            assert (its_z, its_amount) == (0.0, 0.0)
            continue
        solution, _, after = plain.solve(np.concatenate([curve[None], plain.columns()]))
        assert its_amount == pytest.approx(solution[0], rel=1e-3, abs=1e-6)
        assert its_z == pytest.approx(np.sign(solution[0]) * np.sqrt(max(before - after, 0.0) / variance), abs=1e-2)


@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_scan_is_parts_and_baseline_and_residual(case: tuple[Plain, WeighedFit]) -> None:
    plain, fast = case
    if len(plain.curves):
        assert fast.parts.sum(axis=0) + fast.baseline + fast.residual == pytest.approx(plain.scan, abs=1e-9)
    else:
        assert fast.residual == pytest.approx(plain.scan)
        assert fast.parts.shape == (0, AXIS.size)


@pytest.mark.parametrize("exponent", [-12, -6, 6, 12])
def test_evidence_knows_no_units(exponent: int) -> None:
    parts, scale = curves(1, 2), 10.0**exponent
    scan = mixture(parts, np.array([0.7, 0.3]), 1e-5, 1)
    variation = np.full(2, 0.02)
    one = weighed(scan, parts, variation, 1e-5)
    other = weighed(scan * scale, parts, variation, 1e-5 * scale)
    assert other.z == pytest.approx(one.z, rel=1e-5)
    assert other.fit.amounts == pytest.approx(one.fit.amounts * scale, rel=1e-5)


def test_one_reference_twice_is_one_amount_shared() -> None:
    once, twice = curves(1, 2), curves(1, 2, 1)
    sigma = float(once.max()) / 500
    scan = mixture(once, np.array([0.7, 0.3]), sigma, 1)
    one, two = (fitted(AXIS, scan, parts, np.zeros(len(parts)), sigma) for parts in (once, twice))
    assert two.amounts == pytest.approx([one.amounts[0] / 2, one.amounts[1], one.amounts[0] / 2], rel=1e-6)
    z = weighed(scan, twice, np.zeros(3), sigma).z
    assert (z[0], z[2]) == (0.0, 0.0)
    assert z[1] > 10.0


def test_true_components_have_evidence_and_a_stranger_has_none() -> None:
    parts = curves(1, 2, 3)
    scan = mixture(parts, np.array([0.6, 0.4, 0.0]), float(parts.max()) / 500, 1)
    z = weighed(scan, parts, np.full(3, 0.02), float(parts.max()) / 500).z
    assert (z[:2] > 10.0).all()
    assert abs(z[2]) < 4.0


def test_evidence_for_a_stranger_is_a_standard_normal() -> None:
    parts, asked = curves(1, 2), curves(3, 4, 5, 6)
    sigma = float(parts.max()) / 200
    asked_of = [
        fitted(AXIS, mixture(parts, np.ones(2), sigma, seed), parts, np.zeros(2), sigma).ask(asked)[0]
        for seed in range(100)
    ]
    assert float(np.mean(asked_of)) == pytest.approx(0.0, abs=0.25)
    assert float(np.std(asked_of)) == pytest.approx(1.0, abs=0.12)


def test_varying_bands_are_no_evidence_where_the_model_knows_that_they_vary() -> None:
    (major,) = curves(1)
    sigma = float(major.max()) / 1000
    rng = np.random.default_rng(0)
    varied = major * (1 + 0.03 * np.sin(AXIS / 25.0)) + sigma * rng.standard_normal(AXIS.size)
    blind, aware = (
        fitted(AXIS, varied, major[None], np.array([alpha]), sigma).ask(curves(*range(2, 20)))[0]
        for alpha in (0.0, 0.03)
    )
    assert float(np.abs(aware).max()) < 0.7 * float(np.abs(blind).max())


def test_a_curve_of_nothing_says_nothing() -> None:
    parts = curves(1)
    fit = fitted(AXIS, parts[0], parts, np.array([0.02]), 1e-6)
    z, amount = fit.ask(np.zeros((1, AXIS.size)))
    assert (z[0], amount[0]) == (0.0, 0.0)


def test_nuisance_columns_are_what_an_instrument_does() -> None:
    (curve,) = curves(1)
    tilt, shift, stretch, bend, broadening, resolution = nuisance_columns(AXIS, curve)
    fine = np.arange(600.0, 1300.0, 4.0)
    moved = np.interp(AXIS + 0.01, fine, bands(1, Technique.FTIR, fine))
    assert np.corrcoef(moved - curve, shift)[0, 1] > 0.9
    position = np.linspace(-1.0, 1.0, AXIS.size)
    assert tilt == pytest.approx(curve * position)
    assert stretch == pytest.approx(shift * position)
    assert bend == pytest.approx(shift * position**2)
    assert broadening == pytest.approx(np.gradient(np.gradient(curve, AXIS), AXIS))
    assert resolution == pytest.approx(broadening * position)
