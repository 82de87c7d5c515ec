"""Neighbours in blocks are those that the slow pairwise way finds, over what both cover."""

from __future__ import annotations

import numpy as np
import pytest

from library.qc import neighbours
from library.qc.neighbours import find_neighbours, thinned_features
from spectra.compilation import compile_references
from spectra.reference import ReferenceSet
from spectra.similarity import similarity_pair
from tests.library.qc.made_references import FTIR_AXIS, curve, reference


@pytest.fixture(scope="module")
def references() -> ReferenceSet:
    rng = np.random.default_rng(7)
    made = []
    for number in range(60):
        low = 600.0 + (number % 3) * 60.0
        axis = FTIR_AXIS[(low <= FTIR_AXIS) & (2000.0 - (number % 4) * 70.0 >= FTIR_AXIS)]
        mix = curve(number % 20, axis) + rng.uniform(0.0, 0.4) * curve(100 + number, axis)
        made.append(reference(f"r{number}", mix, axis, mode="SERS" if number % 11 == 0 else None))
    return compile_references(made)


def slow(references: ReferenceSet, row: int) -> np.ndarray:
    """Similarity of one reference to each other one, one pair at a time; -1 where they are not compared."""
    scores = np.full(references.n_refs, -1.0)
    cover = references.coverage
    for other in range(references.n_refs):
        shared = min(cover[row, 1], cover[other, 1]) - max(cover[row, 0], cover[other, 0])
        shorter = min(np.diff(cover[row])[0], np.diff(cover[other])[0])
        if other == row or references.is_sers[row] != references.is_sers[other] or shared < 0.6 * shorter:
            continue
        scores[other] = similarity_pair(
            references.features[row].astype(np.float64),
            tuple(cover[row]),
            references.features[other].astype(np.float64),
            tuple(cover[other]),
        )
    return scores


@pytest.mark.parametrize("block", [7, 512])
def test_blocks_find_what_pairs_find(references: ReferenceSet, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", block)
    found = find_neighbours(references.features, references.coverage, references.is_sers, n_kept=5)
    assert found.rows.tolist() == list(range(references.n_refs))
    for row in range(references.n_refs):
        expected = slow(references, row)
        best = np.sort(expected)[::-1][:5]
        assert found.scores[row] == pytest.approx(best, abs=2e-5)
        assert expected[found.others[row]] == pytest.approx(best, abs=2e-5)


def test_only_some_are_asked_about(references: ReferenceSet) -> None:
    rows = np.array([3, 17])
    some = find_neighbours(references.features, references.coverage, references.is_sers, rows=rows)
    every = find_neighbours(references.features, references.coverage, references.is_sers)
    assert np.array_equal(some.others, every.others[rows])


def test_many_coverages_are_rounded_inwards(references: ReferenceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MAX_COVERAGES", 4)
    rounded = find_neighbours(references.features, references.coverage, references.is_sers, n_kept=1)
    exact = find_neighbours(references.features, references.coverage, references.is_sers, n_kept=1)
    assert np.abs(rounded.scores - exact.scores).max() < 0.05


def test_one_reference_has_no_neighbour(references: ReferenceSet) -> None:
    alone = find_neighbours(references.features[:1], references.coverage[:1], references.is_sers[:1])
    assert alone.scores.tolist() == [[-1.0]]


def test_thinned_raman_keeps_the_order_of_similarity() -> None:
    axis = np.arange(200.0, 2400.1, 2.0)
    from spectra.spectrum import Technique

    made = [reference(f"r{n}", curve(n, axis), axis, Technique.RAMAN) for n in range(12)]
    whole = compile_references(made)
    thin, coverage = thinned_features(whole)
    assert thin.shape == (12, whole.axis.size // 2)
    assert np.linalg.norm(thin, axis=1) == pytest.approx(np.ones(12), abs=1e-5)
    assert (coverage[:, 1] <= thin.shape[1]).all()
    assert np.abs(thin @ thin.T - whole.features @ whole.features.T).max() < 0.02
