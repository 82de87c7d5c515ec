"""The scan's error model against the textbook, with the covariance in full, and on scans whose errors are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import nnls

from spectra import scan_model
from spectra.covariance import Variation, banded, covariance_factor
from spectra.evidence import baseline_columns, nuisance_columns, tails_columns
from spectra.least_squares import Whitened, likelihood
from spectra.preprocess.shipped import recipe_for
from spectra.question import Question
from spectra.reference import ReferenceSet
from spectra.scan_model import ScanModel
from spectra.spectrum import Spectrum, Technique
from spectra.unmix import Unmixed
from tests.spectra.made_spectra import AXES, FloatArray, bands, fitted_with, question, scan, spectrum

PARTS = {0: 0.6, 5: 0.4}
SEEDS = range(6)
# Points of the grid that are averaged where a scan is fine enough.
AVERAGED = {Technique.FTIR: 1, Technique.RAMAN: 2}


# -- generalised least squares as the textbook has it


@dataclass
class Dense:
    """A linear model with the full covariance of its errors: the heights of bands, and their places."""

    axis: FloatArray
    scan: FloatArray
    columns: FloatArray
    sigma: float
    variations: list[Variation]

    def covariance(self) -> FloatArray:
        covariance = self.sigma**2 * np.eye(self.axis.size)
        for variation in self.variations:
            distance = np.abs(self.axis[:, None] - self.axis) / variation.support
            kernel = np.where(distance < 1, (1 - distance).clip(0) ** 3 * (3 * distance + 1), 0.0)
            for sizes in variation.sizes:
                covariance += kernel * np.outer(sizes, sizes)
        return covariance

    def solve(self, further: FloatArray | None = None) -> tuple[FloatArray, FloatArray, float]:
        """Coefficients, their covariance without the variance factor, and the weighted sum of squared residuals."""
        columns = self.columns if further is None else np.concatenate([further[None], self.columns])
        scale = np.linalg.norm(columns, axis=1)
        scaled = columns / scale[:, None]
        weighted = np.linalg.solve(self.covariance(), scaled.T)
        normal = np.linalg.inv(scaled @ weighted)
        solution = normal @ (weighted.T @ self.scan)
        residual = self.scan - solution @ scaled
        squares = float(residual @ np.linalg.solve(self.covariance(), residual))
        return solution / scale, normal / np.outer(scale, scale), squares

    @property
    def free(self) -> int:
        return self.axis.size - len(self.columns)

    def restricted_log_likelihood(self) -> float:
        """Of Patterson and Thompson, with the overall size of the errors at its best value; up to a constant."""
        covariance = self.covariance()
        scaled = self.columns / np.linalg.norm(self.columns, axis=1)[:, None]
        of_errors = np.linalg.slogdet(covariance).logabsdet
        of_columns = np.linalg.slogdet(scaled @ np.linalg.solve(covariance, scaled.T)).logabsdet
        squares = self.solve()[2]
        return float(-0.5 * (self.free * np.log(squares / self.free) + of_errors + of_columns))


def columns_of(axis: FloatArray, curves: FloatArray) -> FloatArray:
    return np.concatenate([curves, *(nuisance_columns(axis, curve) for curve in curves), baseline_columns(axis)])


def tails(axis: FloatArray, curve: FloatArray) -> FloatArray:
    """What a Lorentzian line of 4 cm^-1 adds to a curve, point by point."""
    distance = np.abs(axis[:, None] - axis)
    step = float(axis[1] - axis[0])
    edges = np.arctan((distance + step / 2) / 2.0) - np.arctan((distance - step / 2) / 2.0)
    beyond = np.pi - edges.sum(axis=1)  # where the curve goes on as at its ends
    low = np.pi / 2 - np.arctan((axis - axis[0] + step / 2) / 2.0)
    spread = edges @ curve + low * curve[0] + (beyond - low) * curve[-1]
    return np.asarray(spread / np.pi - curve)


def columns_of_model(axis: FloatArray, curves: FloatArray) -> FloatArray:
    """All that the model of a scan takes for granted, with a baseline of order 12."""
    position = 2.0 * (axis - axis[0]) / (axis[-1] - axis[0]) - 1.0
    nuisance = [nuisance_columns(axis, curve) for curve in curves]
    lines = np.array([tails_columns(axis, curve[None])[0] for curve in curves])
    return np.concatenate([curves, *nuisance, lines, np.polynomial.chebyshev.chebvander(position, 12).T])


@pytest.mark.parametrize("step", [0.7, 2.0, 4.0])
def test_the_tails_are_those_of_a_line(step: float) -> None:
    axis = np.arange(400.0, 1800.0, step)
    for number in (0, 5):
        curve = bands(number, Technique.RAMAN, axis)
        expected, found = tails(axis, curve), tails_columns(axis, curve[None])[0]
        # The line is cut off 60 cm^-1 away, where a fiftieth of it is left, and scaled to make up for it.
        assert np.abs(found - expected).max() < 0.12 * np.abs(expected).max()
        assert float(np.corrcoef(found, expected)[0, 1]) > 0.99


def an_axis(kind: str, rng: np.random.Generator) -> FloatArray:
    steps = {"even": np.full(110, 5.0), "coarse": np.full(90, 7.4), "uneven": rng.uniform(1.5, 9.0, 120)}[kind]
    return np.asarray(700.0 + np.cumsum(steps))


@st.composite
def models(draw: st.DrawFn) -> Dense:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    axis = an_axis(draw(st.sampled_from(["even", "coarse", "uneven"])), rng)
    numbers = draw(st.lists(st.integers(0, 12), min_size=1, max_size=2, unique=True))
    curves = np.array([bands(number, Technique.FTIR, axis) for number in numbers])
    top = float(curves.max())
    amounts = rng.uniform(0.3, 1.0, (len(numbers), 1))
    height, shift = draw(st.sampled_from([0.0, 0.02, 0.1])), draw(st.sampled_from([0.0, 0.3, 2.0]))
    variations = [Variation(height * amounts * curves)]
    if shift:
        variations.append(Variation(shift * amounts * np.gradient(curves, axis, axis=1), 250.0))
    sigma = draw(st.sampled_from([1 / 30, 1 / 300])) * top
    background = top * rng.standard_normal(7) @ baseline_columns(axis) / 5
    values = (amounts * curves).sum(axis=0) + background + sigma * rng.standard_normal(axis.size)
    return Dense(axis, values, columns_of(axis, curves), sigma, variations)


def whitened(model: Dense) -> Whitened:
    return Whitened(factor_of(model), model.scan, model.columns)


def factor_of(model: Dense) -> FloatArray:
    noise = np.full(model.axis.size, model.sigma**2)
    return covariance_factor(noise, [banded(model.axis, variation) for variation in model.variations])


@settings(max_examples=30, deadline=None)
@given(model=models())
def test_the_banded_factor_is_that_of_the_full_covariance(model: Dense) -> None:
    factor = factor_of(model)
    full = np.zeros((model.axis.size, model.axis.size))
    for k, diagonal in enumerate(factor):
        full += np.diag(diagonal[: model.axis.size - k], -k)
    covariance = model.covariance()
    assert np.abs(full @ full.T - covariance).max() <= 1e-12 * np.abs(covariance).max()


@settings(max_examples=40, deadline=None)
@given(model=models())
def test_solution_errors_and_variance_are_those_of_generalised_least_squares(model: Dense) -> None:
    fast = whitened(model)
    solution, covariance, squares = model.solve()
    n, spread = 5, np.sqrt(np.diag(covariance) * squares / model.free)
    assert fast.free == model.free
    assert fast.variance == pytest.approx(squares / model.free, rel=1e-5)
    assert float(fast.rest @ fast.rest) == pytest.approx(squares, rel=1e-5)
    # In units of their own errors: what the data do not settle is settled by rounding.
    assert np.abs((fast.solution - solution) / spread).max() < 1e-3
    assert fast.errors(n, 1.0) == pytest.approx(np.sqrt(np.diag(covariance)[:n]), rel=1e-4)
    assert fast.errors(n, 4.0) == pytest.approx(2 * fast.errors(n, 1.0))


@settings(max_examples=30, deadline=None)
@given(model=models(), height=st.sampled_from([0.01, 0.2]), shift=st.sampled_from([0.0, 1.0]))
def test_the_restricted_likelihood_is_that_of_the_textbook(model: Dense, height: float, shift: float) -> None:
    (heights, *_) = model.variations
    shape = np.abs(model.scan)[None] * height
    others = [heights, Variation(shape), Variation(shift * np.gradient(shape, model.axis, axis=1), 250.0)]
    other = replace(model, variations=others)
    # Only its differences count. A constant of the columns is in both.
    assert whitened(model).log_likelihood - whitened(other).log_likelihood == pytest.approx(
        model.restricted_log_likelihood() - other.restricted_log_likelihood(), rel=1e-5, abs=1e-3
    )
    # Its own size does not matter: that is profiled out.
    larger = replace(model, sigma=3 * model.sigma, variations=[replace(v, sizes=3 * v.sizes) for v in model.variations])
    assert whitened(larger).log_likelihood == pytest.approx(whitened(model).log_likelihood, rel=1e-6, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(model=models())
def test_the_quick_likelihood_is_that_of_the_whole_model(model: Dense) -> None:
    factor = factor_of(model)
    scaled = model.columns / np.linalg.norm(model.columns, axis=1)[:, None]
    assert likelihood(factor, model.scan, scaled) == pytest.approx(whitened(model).log_likelihood, rel=1e-7, abs=1e-3)
    assert likelihood(factor, model.scan, np.concatenate([scaled, scaled[:1]])) == -np.inf


@settings(max_examples=30, deadline=None)
@given(model=models(), variance=st.sampled_from([1.0, 2.5]))
def test_asking_is_a_likelihood_ratio_with_one_more_column(model: Dense, variance: float) -> None:
    asked = np.array([bands(number, Technique.FTIR, model.axis) for number in (15, 16, 17)])
    before = model.solve()[2]
    z, amount = whitened(model).ask(asked, variance)
    for its_z, its_amount, curve in zip(z, amount, asked, strict=True):
        solution, covariance, after = model.solve(curve)
        assert its_amount == pytest.approx(solution[0], abs=1e-3 * float(np.sqrt(covariance[0, 0])))
        assert its_z == pytest.approx(np.sign(solution[0]) * np.sqrt(max(before - after, 0.0) / variance), abs=1e-2)
        assert its_z == pytest.approx(solution[0] / np.sqrt(covariance[0, 0] * variance), abs=1e-2)


def test_what_lies_within_the_columns_says_nothing() -> None:
    axis = an_axis("uneven", np.random.default_rng(1))
    curves = bands(1, Technique.FTIR, axis)[None]
    model = Dense(axis, 0.7 * curves[0] + 1e-5, columns_of(axis, curves), 1e-5, [Variation(0.02 * curves)])
    z, amount = whitened(model).ask(np.concatenate([curves, np.zeros_like(curves)]), 1.0)
    assert (z.tolist(), amount.tolist()) == ([0.0, 0.0], [0.0, 0.0])


# -- scans whose errors are known


def smooth(axis: FloatArray, length: float, seed: Sequence[int]) -> FloatArray:
    """A random curve of unit variance, alike over ``length`` [cm^-1], shape (n_points,)."""
    step, beyond = axis[1] - axis[0], 1500
    white = np.random.default_rng(seed).standard_normal(axis.size + 2 * beyond)
    curve = gaussian_filter1d(white, length / step)[beyond:-beyond]
    return np.asarray((curve - curve.mean()) / curve.std())


def noisy(clean: FloatArray, technique: Technique, noise: float, seed: int) -> Spectrum:
    white = np.random.default_rng([seed, 99]).standard_normal(clean.size)
    return spectrum(clean + noise * clean.max() * white, technique)


def varied_heights(technique: Technique, size: float, seed: int, noise: float = 1 / 500) -> Spectrum:
    axis = AXES[technique]
    # Half correlated at 23 cm^-1, as the model has it.
    clean = sum(
        (
            share * bands(number, technique, axis) * (1 + size * smooth(axis, 14.0, [seed, number]))
            for number, share in PARTS.items()
        ),
        np.zeros(axis.size),
    )
    return noisy(clean, technique, noise, seed)


def warped(technique: Technique, size: float, seed: int) -> Spectrum:
    axis = AXES[technique]
    moved = axis + size * smooth(axis, 70.0, [seed, 3])
    clean = sum((share * bands(n, technique, moved) for n, share in PARTS.items()), np.zeros(axis.size))
    return noisy(clean, technique, 1 / 500, seed)


def model_of(measured: Spectrum, references: ReferenceSet, rows: Sequence[int] = tuple(PARTS)) -> ScanModel:
    asked = question(measured, references)
    return ScanModel(fitted_with(rows, asked), asked)


@dataclass
class Sizes:
    """What the errors consist of: noise [of the strongest band; of a point], bands' heights [1], axis [cm^-1]."""

    noise: float
    height: float
    axis: float


def sizes_of(measured: Spectrum, references: ReferenceSet) -> Sizes:
    """Of the likeliest model: its variance at each point, taken apart into the three."""
    asked = question(measured, references)
    found = fitted_with(tuple(PARTS), asked)
    model = ScanModel(found, asked)
    likeliest = model.likeliest()
    variance = np.zeros(likeliest.rest.size)
    for k, diagonal in enumerate(likeliest._factor):
        variance[k:] += diagonal[: variance.size - k] ** 2
    variance *= likeliest.variance
    axis, parts = references.axis[found.window], parts_of(found, asked)
    slopes = model.at_points(np.gradient(parts, axis, axis=1))
    heights = model.at_points(parts)
    shapes = np.array([np.ones(variance.size), (heights**2).sum(axis=0), (slopes**2).sum(axis=0)])
    lengths = np.linalg.norm(shapes, axis=1)
    squares, _ = nnls((shapes / lengths[:, None]).T, variance)
    noise, height, place = np.sqrt(squares / lengths).tolist()
    return Sizes(noise / top_of(references.technique), height, place)


def parts_of(found: Unmixed, asked: Question) -> FloatArray:
    """What each component adds to the scan, shape (n_parts, n_window)."""
    return found.weighed.fit.amounts[:, None] * asked.curves(list(found.rows), found.window)


def top_of(technique: Technique) -> float:
    """Height of the strongest band of the mixture, which its noise is measured by."""
    axis = AXES[technique]
    return float(sum((share * bands(n, technique, axis) for n, share in PARTS.items()), np.zeros(axis.size)).max())


def median(make: Callable[[int], Spectrum], references: ReferenceSet) -> Sizes:
    each = np.array([[s.noise, s.height, s.axis] for s in (sizes_of(make(seed), references) for seed in SEEDS)])
    return Sizes(*np.median(each, axis=0).tolist())


@pytest.mark.parametrize("noise", [1 / 50, 1 / 300])
def test_of_a_scan_with_nothing_but_noise_the_errors_are_its_noise(references: ReferenceSet, noise: float) -> None:
    sizes = median(lambda seed: scan(PARTS, references.technique, seed=seed, noise=noise), references)
    assert sizes.noise == pytest.approx(noise / np.sqrt(AVERAGED[references.technique]), rel=0.15)
    # Nothing else is as large as it where the bands are strongest.
    assert sizes.height < max(0.004, 0.3 * noise)
    assert sizes.axis < max(0.05, 25 * noise)


def test_errors_grow_as_the_heights_of_bands_vary(references: ReferenceSet) -> None:
    technique = references.technique
    found = {}
    for true in (0.0, 0.02, 0.05):
        found[true] = median(lambda seed, true=true: varied_heights(technique, true, seed), references)  # type: ignore[misc]
    for true in (0.02, 0.05):
        assert true / 2 < found[true].height < 2 * true
    assert found[0.0].height < 0.2 * found[0.02].height
    assert found[0.02].height < 0.75 * found[0.05].height
    # Heights alone are no reason to believe that the axis is off.
    assert found[0.05].axis < 0.1


def test_errors_grow_as_the_axis_is_warped(references: ReferenceSet) -> None:
    technique = references.technique
    found = {}
    for true in (0.0, 0.15, 0.4):
        found[true] = median(lambda seed, true=true: warped(technique, true, seed), references)  # type: ignore[misc]
    for true in (0.15, 0.4):
        assert true / 3 < found[true].axis < 3 * true
        assert found[true].height < 0.02
    assert found[0.0].axis < 0.3 * found[0.15].axis
    assert found[0.15].axis < 0.75 * found[0.4].axis


@pytest.mark.parametrize("height", [0.02, 0.05])
def test_the_errors_chosen_are_as_likely_as_the_true_ones(references: ReferenceSet, height: float) -> None:
    technique = references.technique
    for seed in SEEDS:
        asked = question(varied_heights(technique, height, seed), references)
        found = fitted_with(tuple(PARTS), asked)
        model = ScanModel(found, asked)
        axis = references.axis[found.window]
        # Averages of neighbours have less noise than the points of a scan.
        noise = top_of(technique) / 500 / np.sqrt(AVERAGED[technique])
        points = model.at_points(axis)
        heights = banded(points, Variation(height * model.at_points(parts_of(found, asked))))
        factor = covariance_factor(np.full(points.size, noise**2), [heights])
        columns = model.at_points(columns_of_model(axis, asked.curves(list(PARTS), found.window)))
        true = Whitened(factor, model.at_points(asked.ready.curve[found.window]), columns)
        # The sizes are tried in steps: less than two of log likelihood is what such a step costs.
        assert model.likeliest().log_likelihood > true.log_likelihood - 2.0


def test_half_the_points_rule_out_no_likelier_sizes(
    monkeypatch: pytest.MonkeyPatch, made_sets: dict[Technique, ReferenceSet]
) -> None:
    raman = made_sets[Technique.RAMAN]
    for seed in SEEDS:
        for height in (0.0, 0.02, 0.1):
            asked = question(varied_heights(raman.technique, height, seed), raman)
            found = fitted_with(tuple(PARTS), asked)
            with monkeypatch.context() as patched:
                patched.setattr(scan_model, "_MANY_POINTS", 10**9)
                complete = ScanModel(found, asked).likeliest().log_likelihood
            quick = ScanModel(found, asked)
            assert quick.at_points(raman.axis[found.window]).size >= scan_model._MANY_POINTS
            assert quick.likeliest().log_likelihood == pytest.approx(complete, abs=0.5)


def test_a_further_column_takes_its_part_out_of_the_errors(references: ReferenceSet) -> None:
    asked = question(scan({**PARTS, 11: 0.1}, references.technique), references)
    found = fitted_with(tuple(PARTS), asked)
    model = ScanModel(found, asked)
    (curve,) = model.at_points(asked.curves([11], found.window))
    without, beside = model.likeliest(), model.likeliest(curve[None])
    assert beside.log_likelihood > without.log_likelihood + 20
    assert beside.free == without.free - 1
    # Its share is of bands without their wings, which pass for baseline.
    assert beside.solution[0] == pytest.approx(0.1, rel=0.2)
    assert beside.solution[0] > 20 * float(beside.errors(1, beside.variance)[0])


def test_what_a_curve_accounts_for_is_what_it_takes_from_the_rest(references: ReferenceSet) -> None:
    asked = question(scan({**PARTS, 11: 0.1, 16: 0.1}, references.technique), references)
    found = fitted_with(tuple(PARTS), asked)
    model = ScanModel(found, asked)
    curves = model.at_points(asked.curves([11, 3], found.window))
    accounted, lengths, left = model.weigh_against_rest(curves)
    beside = fitted_with((*PARTS, 16), asked)
    _, _, less = ScanModel(beside, asked).weigh_against_rest(curves)
    # Two strangers of the same amount: each accounts for part of what is left, what is not there for nearly nothing.
    assert accounted[1] < 0.1 * accounted[0]
    assert 0.1 * left < accounted[0] < left
    assert 0.0 < less < left
    # In units of the errors of one point: a scan with nothing left has nothing but noise.
    whole = fitted_with((*PARTS, 11, 16), asked)
    model = ScanModel(whole, asked)
    _, _, nothing = model.weigh_against_rest(curves)
    assert abs(nothing) < 8 * np.sqrt(2 * model.likeliest().free)
    assert (lengths > 0).all()


def test_a_scan_in_which_nothing_was_found_has_a_model(references: ReferenceSet) -> None:
    noise = np.random.default_rng(0).standard_normal(AXES[references.technique].size)
    model = model_of(spectrum(50 + noise, references.technique), references, ())
    likeliest = model.likeliest()
    assert likeliest.solution.shape == (13,)  # of what a baseline's removal leaves
    assert np.isfinite(likeliest.log_likelihood)


def test_the_least_variance_is_that_of_the_least_noise(references: ReferenceSet) -> None:
    asked = question(scan(PARTS, references.technique), references)
    model = ScanModel(fitted_with(tuple(PARTS), asked), asked)
    noise = asked.criteria.least_noise * float(np.ptp(asked.ready.curve))
    assert np.sqrt(model.least_variance) * asked.sigma == pytest.approx(noise)


# -- points that carry noise of their own


def measured_in_steps(step: float, technique: Technique, seed: int = 0) -> Spectrum:
    """Nothing but noise, so that points that were measured are not alike."""
    low, high = AXES[technique][[0, -1]]
    axis = np.arange(low + 0.3, high, step)
    return spectrum(np.random.default_rng(seed).standard_normal(axis.size), technique, axis)


def likeness(values: FloatArray) -> float:
    return float(np.corrcoef(values[1:], values[:-1])[0, 1])


@pytest.mark.parametrize("step", [7.4, 12.0])
def test_of_a_coarse_scan_only_measured_points_count(references: ReferenceSet, step: float) -> None:
    measured = measured_in_steps(step, references.technique)
    asked = question(measured, references)
    model = ScanModel(fitted_with((0,), asked), asked)
    window = asked.window([0])
    axis = references.axis[window]
    kept = model.at_points(axis)
    assert np.isin(kept, axis).all()
    half = recipe_for(references.technique).grid.step / 2
    assert np.abs(kept[1:-1, None] - measured.axis).min(axis=1).max() <= half + 1e-9
    # One for each measured point, but for those that are masked.
    assert kept.size == pytest.approx((axis[-1] - axis[0]) / step, abs=4)
    assert model.at_points(np.array([axis, 2 * axis])) == pytest.approx(np.array([kept, 2 * kept]))
    # Interpolated points repeat their neighbours.
    assert likeness(asked.ready.curve[window]) > 0.4
    assert abs(likeness(model.at_points(asked.ready.curve[window]))) < 0.25


@pytest.mark.parametrize("step", [0.5, 1.0])
def test_of_a_fine_scan_averages_of_all_points_count(references: ReferenceSet, step: float) -> None:
    asked = question(measured_in_steps(step, references.technique), references)
    model = ScanModel(fitted_with((0,), asked), asked)
    window = asked.window([0])
    values, together = asked.ready.curve[window], AVERAGED[references.technique]
    kept = model.at_points(values)
    for i in (0, 7, kept.size - 2):
        assert kept[i] == pytest.approx(values[i * together : (i + 1) * together].mean())
    last = (kept.size - 1) * together
    assert kept[-1] == pytest.approx(values[last:].mean())
    assert float(np.median(np.diff(model.at_points(references.axis[window])))) == pytest.approx(4.0)
    assert abs(likeness(kept)) < 0.2


# -- what is left of bands


@pytest.mark.parametrize("noise", [1 / 30, 1 / 100, 1 / 1000])
def test_noise_leaves_no_bands(references: ReferenceSet, noise: float) -> None:
    rests = [
        model_of(scan(PARTS, references.technique, seed=seed, noise=noise), references).band_rest() for seed in range(8)
    ]
    assert max(rests) < 0.01 + 1.5 * noise


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.3])
def test_a_component_left_out_leaves_its_bands(references: ReferenceSet, share: float) -> None:
    technique = references.technique
    # Measured in 200 pairs: 0.6 to 1.05 of the truth, which is blind to how much of it the others can take over.
    for known, unknown in ((0, 5), (2, 13), (8, 1), (10, 3)):
        mixed = scan({known: 1 - share, unknown: share}, technique, seed=known, noise=1 / 300)
        model = model_of(mixed, references, (known,))
        own, others = (bands(number, technique, AXES[technique]) for number in (unknown, known))
        true = share * float(own.std() / ((1 - share) * others + share * own).std())
        assert 0.6 * true < model.band_rest() < 1.1 * true
        asked = question(mixed, references)
        curve = model.at_points(asked.curves([unknown], asked.window([known])))
        assert model.band_rest(curve) < 0.25 * model.band_rest()


@pytest.mark.parametrize("exponent", [-12, -6, 6, 12])
def test_what_is_left_knows_no_units(references: ReferenceSet, exponent: int) -> None:
    plain = scan({0: 0.7, 5: 0.3}, references.technique)
    scaled = plain.with_intensity(plain.intensity * 10.0**exponent)
    rests = [model_of(measured, references, (0,)).band_rest() for measured in (plain, scaled)]
    assert rests[0] > 0.1
    assert rests[1] == pytest.approx(rests[0], rel=1e-4)


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0, 4.0])
def test_shifted_bands_are_not_left_over(references: ReferenceSet, shift: float) -> None:
    technique, axis = references.technique, AXES[references.technique]
    for seed in range(4):
        clean = sum((share * bands(n, technique, axis + shift) for n, share in PARTS.items()), np.zeros(axis.size))
        moved = model_of(noisy(clean, technique, 1 / 500, seed), references).band_rest()
        assert moved < 0.02
    # Unlike bands of another height.
    varied = model_of(varied_heights(technique, 0.1, 0), references).band_rest()
    assert varied > 0.02


@pytest.mark.parametrize("size", [0.15, 0.4])
def test_bands_of_a_warped_axis_are_not_left_over(references: ReferenceSet, size: float) -> None:
    rests = [model_of(warped(references.technique, size, seed), references).band_rest() for seed in SEEDS]
    assert max(rests) < 0.02
