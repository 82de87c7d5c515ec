from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from spectra.axis import resample
from spectra.compilation import compile_references
from spectra.criteria import CRITERIA
from spectra.detect import Trace, has_evidence, stands_out, watch
from spectra.evidence import baseline_rest_columns, nuisance_columns, tails_columns
from spectra.least_squares import Whitened
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.mask_regions import visible_points
from spectra.quality import noise
from spectra.question import Question
from spectra.reference import Reference, ReferenceSet
from spectra.scan_model import ScanModel
from spectra.spectrum import Technique
from spectra.unmix import Unmixed, unmix
from tests.spectra.made_spectra import (
    AXES,
    N_SUBSTANCES,
    FloatArray,
    bands,
    entry,
    fitted_with,
    made_references,
    question,
    reference,
    scan,
    spectrum,
    subset,
)

WATCHED = [3, 7, 11, 15, 19]


def traces_of(asked: Question, found: Unmixed | None = None, total: float = 1.0) -> tuple[Trace, ...]:
    found = unmix(asked) if found is None else found
    return watch(ScanModel(found, asked), found, asked, total)


def test_every_watched_reference_but_the_components_is_asked_for(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.5, 7: 0.5}, references.technique), references)
    traces = traces_of(asked)
    assert [trace.row for trace in traces] == [3, 11, 15, 19]
    for trace in traces:
        assert abs(trace.z) < CRITERIA.trace_evidence
        assert trace.limit_share is not None
        assert 0.0 < trace.limit_share < 0.1


def dense_covariance(model: Whitened) -> FloatArray:
    factor = model._factor
    lower = sum(
        (np.diag(diagonal[: factor.shape[1] - k], -k) for k, diagonal in enumerate(factor)),
        np.zeros((factor.shape[1], factor.shape[1])),
    )
    return np.asarray(lower @ lower.T)


def plain_regression(asked: Question, found: Unmixed, covariance: FloatArray, row: int) -> tuple[float, float]:
    """Amount of one further reference and its standard error, as a statistics text has them."""
    at_points = ScanModel(found, asked).at_points
    axis = asked.references.axis[found.window]
    curves = asked.curves([row, *found.rows], found.window)
    nuisance = [nuisance_columns(axis, curve) for curve in curves[1:]]
    columns = at_points(
        np.concatenate([curves, *nuisance, tails_columns(axis, curves[1:]), baseline_rest_columns(axis)])
    )
    scaled = columns / np.linalg.norm(columns, axis=1)[:, None]
    values = at_points(asked.ready.curve[found.window])
    normal = np.linalg.inv(scaled @ np.linalg.solve(covariance, scaled.T))
    solution = normal @ (scaled @ np.linalg.solve(covariance, values))
    residual = values - solution @ scaled
    variance = residual @ np.linalg.solve(covariance, residual) / (values.size - len(columns))
    length = float(np.linalg.norm(columns[0]))
    return float(solution[0]) / length, float(np.sqrt(variance * normal[0, 0])) / length


def test_evidence_and_limit_are_those_of_the_fit(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.6, 5: 0.4}, references.technique, noise=1 / 200), references)
    found = unmix(asked)
    covariance = dense_covariance(ScanModel(found, asked).likeliest())
    traces = traces_of(asked, found, total=2.0)
    assert [trace.row for trace in traces] == WATCHED
    for trace in traces:
        amount, error = plain_regression(asked, found, covariance, trace.row)
        # Student's t: the variance is that of the rest once the candidate is in.
        assert trace.z == pytest.approx(amount / error, rel=1e-4, abs=1e-4)
        assert trace.share == pytest.approx(amount / 2, rel=1e-4, abs=1e-6)
        limit = CRITERIA.limit_factor * (CRITERIA.trace_evidence + 1.645) * error / 2
        assert trace.limit_share == pytest.approx(limit, rel=1e-4)


def test_the_best_candidate_is_asked_again_with_the_errors_that_are_likeliest_beside_it(
    references: ReferenceSet,
) -> None:
    asked = question(scan({0: 0.6, 5: 0.36, 7: 0.04}, references.technique, noise=1 / 200), references)
    found = fitted_with([0, 5], asked)
    model = ScanModel(found, asked)
    beside = model.likeliest(model.at_points(asked.curves([7], found.window)))
    amount, error = plain_regression(asked, found, dense_covariance(beside), 7)
    (trace,) = (trace for trace in traces_of(asked, found) if trace.row == 7)
    assert trace.z == pytest.approx(amount / error, rel=1e-4)
    assert trace.share == pytest.approx(amount, rel=1e-4)
    assert trace.is_seen
    # Its own bands looked like errors of the others before.
    first = plain_regression(asked, found, dense_covariance(model.likeliest()), 7)
    assert trace.z > first[0] / first[1]


def test_evidence_is_never_more_than_the_least_noise_allows(references: ReferenceSet) -> None:
    quiet = [
        question(scan({0: 0.6, 5: 0.36, 7: 0.04}, references.technique, noise=size), references)
        for size in (1e-9, 1e-5, 1e-4)
    ]
    found = [traces_of(asked, fitted_with([0, 5], asked)) for asked in quiet]
    evidence = [trace.z for traces in found for trace in traces if trace.row == 7]
    assert len(evidence) == 3
    assert max(evidence) < 1.3 * min(evidence)


def test_a_trace_at_its_limit_has_the_evidence_that_alerts(references: ReferenceSet) -> None:
    technique = references.technique
    blind = subset(references, [row for row in range(20) if row != 3])
    evidence = []
    for seed in range(10):
        asked = question(scan({0: 0.6, 5: 0.4}, technique, seed=seed), blind)
        asked = replace(asked, references=references, comparable=np.ones(20, dtype=bool))
        (limit,) = [t.limit_share for t in traces_of(asked) if t.row == 3]
        assert limit is not None
        spiked = question(scan({0: 0.6, 5: 0.4, 3: limit}, technique, seed=seed), blind)
        found = unmix(spiked)
        # The rows of the smaller library are those of the larger one, but for the one that is left out.
        whole = replace(found, rows=tuple(row + (row >= 3) for row in found.rows))
        seen = traces_of(replace(spiked, references=references, comparable=np.ones(20, dtype=bool)), whole)
        evidence += [t.z for t in seen if t.row == 3]
        assert [t.row for t in seen if t.is_seen] in ([3], [])
    assert len(evidence) == 10
    # The limit leaves room for an instrument that shows the trace a little otherwise; made scans need none.
    expected = CRITERIA.limit_factor * (CRITERIA.trace_evidence + 1.645)
    assert float(np.mean(evidence)) == pytest.approx(expected, rel=0.25)
    assert np.mean(np.array(evidence) >= CRITERIA.trace_evidence) >= 0.8


@pytest.mark.parametrize(("known", "unknown", "trace"), [(0, 12, 3), (5, 16, 7), (8, 2, 11), (4, 17, 15)])
def test_a_trace_is_not_seen_where_much_else_is_left(
    references: ReferenceSet, known: int, unknown: int, trace: int
) -> None:
    asked = question(scan({known: 0.6, unknown: 0.3, trace: 0.1}, references.technique), references)
    beside_all = fitted_with([known, unknown], asked)
    (seen,) = (t for t in traces_of(asked, beside_all) if t.row == trace)
    assert seen.is_seen
    beside_unknown = fitted_with([known], asked)
    assert not any(t.is_seen for t in traces_of(asked, beside_unknown))


def test_much_evidence_is_not_enough_where_much_else_is_left(references: ReferenceSet) -> None:
    asked = question(scan({5: 0.6, 16: 0.3, 7: 0.1}, references.technique), references)
    (trace,) = (t for t in traces_of(asked, fitted_with([5], asked)) if t.row == 7)
    assert trace.z > CRITERIA.trace_evidence
    assert not trace.is_seen
    # Two rules are in its way, either alone is enough.
    for criteria, is_seen in (
        (replace(CRITERIA, max_band_rest=1.0), False),
        (replace(CRITERIA, min_over_left=0.0), False),
        (replace(CRITERIA, max_band_rest=1.0, min_over_left=0.0), True),
    ):
        lenient = replace(asked, criteria=criteria)
        (trace,) = (t for t in traces_of(lenient, fitted_with([5], lenient)) if t.row == 7)
        assert trace.is_seen is is_seen


def test_what_stands_in_for_something_unknown_does_not_stand_out(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.7, 16: 0.3}, references.technique), references)
    assert stands_out(16, fitted_with([0, 16], asked), asked)
    # Whatever else is fitted in place of the unknown takes too little of it.
    for stranger in (3, 7, 11):
        assert not stands_out(stranger, fitted_with([0, stranger], asked), asked)


def test_what_is_there_has_evidence_and_a_stranger_has_none(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.7, 16: 0.3}, references.technique), references)
    assert has_evidence(16, fitted_with([0, 16], asked), asked)
    for stranger in (3, 7, 11):
        assert not has_evidence(stranger, fitted_with([0, 16, stranger], asked), asked)


def test_the_limit_grows_with_what_is_left(references: ReferenceSet) -> None:
    technique = references.technique
    limits = []
    for unknown in (0.0, 0.1, 0.3):
        asked = question(scan({0: 1.0 - unknown, 16: unknown}, technique), references)
        limits.append({t.row: t.limit_share for t in traces_of(asked, fitted_with([0], asked))})
    for row in (3, 7, 11, 15):
        least, more, most = (given[row] for given in limits)
        assert least is not None
        assert more is not None
        assert most is not None
        assert least < more < most


def test_what_looks_like_a_component_has_no_limit(technique: Technique) -> None:
    made = made_references(technique, [0, 5])
    twin = Reference(entry(31, id="twin.jdx", watch=True), made[0].spectrum)
    library = compile_references([*made, twin])
    asked = question(scan({0: 0.6, 5: 0.4}, technique), library)
    found = unmix(asked)
    if 2 in found.rows:
        found = replace(found, rows=tuple(0 if row == 2 else row for row in found.rows))
    (trace,) = traces_of(asked, found)
    assert (trace.row, trace.z, trace.limit_share, trace.is_seen) == (2, 0.0, None, False)


def test_what_is_not_covered_or_not_comparable_is_not_judged(technique: Technique) -> None:
    axis = AXES[technique]
    half = axis[axis < axis[0] + 0.4 * (axis[-1] - axis[0])]
    library = compile_references(
        [*made_references(technique, [0, 3]), reference(7, technique, axis=half), reference(11, technique)]
    )
    asked = question(scan({0: 1.0}, technique), library)
    asked.comparable[3] = False
    traces = {trace.row: trace for trace in traces_of(asked)}
    assert set(traces) == {1, 2}
    assert (traces[2].z, traces[2].limit_share, traces[2].is_seen) == (0.0, None, False)


@pytest.mark.parametrize("total", [0.0, -1.0])
def test_without_signal_or_watch_list_nothing_is_asked(references: ReferenceSet, total: float) -> None:
    asked = question(scan({0: 1.0}, references.technique), references)
    assert traces_of(asked, total=total) == ()
    unwatched = subset(references, [0, 1, 2])
    asked = question(scan({0: 1.0}, references.technique), unwatched)
    assert traces_of(asked) == ()


# -- evidence for what is not there


def exact_references(references: ReferenceSet) -> ReferenceSet:
    """The substances as they are, without a baseline taken off; all are watched."""
    curves = np.array([bands(number, references.technique, references.axis) for number in range(N_SUBSTANCES)])
    watched = tuple(replace(known, watch=True) for known in references.entries)
    return replace(references, curves=curves.astype(np.float32), entries=watched)


def exact_question(parts: dict[int, float], axis: FloatArray, size: float, seed: int, known: ReferenceSet) -> Question:
    """A scan of bands and white noise on an axis of its own, brought to the grid and no further."""
    clean = np.sum([share * bands(number, known.technique, axis) for number, share in parts.items()], axis=0)
    white = np.random.default_rng([seed, 5]).standard_normal(axis.size)
    measured = spectrum(clean + size * clean.max() * white, known.technique, axis)
    recipe = recipe_for(known.technique)
    values = resample(measured, recipe.grid).values[visible_points(recipe.grid.axis, recipe.masked)]
    ready = replace(prepare(measured, recipe), curve=values)
    sigma = noise(measured.intensity) / float(np.sqrt(ready.thinning))
    return Question(ready, np.ones(known.n_refs, dtype=bool), known, sigma, CRITERIA)


def two_of_them(seed: int) -> dict[int, float]:
    rng = np.random.default_rng(seed)
    share = float(rng.uniform(0.3, 0.7))
    return dict(zip(rng.choice(N_SUBSTANCES, 2, replace=False).tolist(), (share, 1 - share), strict=True))


def assert_standard(evidence: Sequence[float], n: int) -> None:
    """Held to a normal distribution: a mean of 0, a standard deviation of 1, no tail of its own."""
    assert len(evidence) == n
    values = np.array(evidence)
    assert float(values.mean()) == pytest.approx(0.0, abs=0.2)
    # The best of eighteen gets a second look, and shows a little more by it.
    assert 0.8 < float(values.std()) < 1.18
    assert float(np.abs(values).max()) < CRITERIA.trace_evidence
    assert kstest(values, "norm").pvalue > 1e-3


# Steps [cm^-1] of the scan: coarser than the grid, where most points of it are interpolated, and finer.
@pytest.mark.parametrize("size", [1 / 50, 1 / 200])
@pytest.mark.parametrize("step", [7.4, 5.7, 4.0, 1.0, 0.5])
def test_evidence_for_strangers_has_a_standard_deviation_of_one(
    references: ReferenceSet, step: float, size: float
) -> None:
    known = exact_references(references)
    low, high = AXES[references.technique][[0, -1]]
    evidence: list[float] = []
    for seed in range(16):
        parts = two_of_them(seed)
        asked = exact_question(parts, np.arange(low + 0.3, high, step), size, seed, known)
        traces = traces_of(asked, fitted_with(list(parts), asked))
        assert not any(trace.is_seen for trace in traces)
        evidence += [trace.z for trace in traces]
    assert_standard(evidence, 16 * (N_SUBSTANCES - 2))


@pytest.mark.parametrize("step", [7.4, 1.0])
def test_evidence_for_strangers_is_the_same_once_a_baseline_was_taken_off(
    references: ReferenceSet, step: float
) -> None:
    known = replace(references, entries=tuple(replace(one, watch=True) for one in references.entries))
    technique = references.technique
    low, high = AXES[technique][[0, -1]]
    axis = np.arange(low + 0.3, high, step)
    evidence: list[float] = []
    for seed in range(16):
        parts = two_of_them(seed)
        clean = np.sum([share * bands(number, technique, axis) for number, share in parts.items()], axis=0)
        slow = 0.1 * clean.max() * (1 + np.linspace(-0.5, 0.5, axis.size))
        white = np.random.default_rng([seed, 6]).standard_normal(axis.size)
        asked = question(spectrum(clean + slow + clean.max() * white / 50, technique, axis), known)
        traces = traces_of(asked, fitted_with(list(parts), asked))
        assert not any(trace.is_seen for trace in traces)
        evidence += [trace.z for trace in traces]
    assert_standard(evidence, 16 * (N_SUBSTANCES - 2))
