"""The narrowed, batched search against plain least squares, one reference at a time."""

from __future__ import annotations

import numpy as np
import pytest

from spectra.question import Question
from spectra.reference import ReferenceSet
from spectra.selection import Selection
from tests.spectra.made_spectra import FloatArray, question, scan


def columns_of(asked: Question, rows: list[int]) -> FloatArray:
    """Slopes of some references over what the scan covers, each with its shift and broadening, (n_points, 3 n_rows)."""
    found = []
    for row in rows:
        slope = asked.references.features[row].astype(np.float64)
        slope[: asked.ready.first] = slope[asked.ready.stop :] = 0.0
        bend = np.gradient(slope, asked.references.axis)
        found += [column / np.linalg.norm(column) for column in (slope, bend, np.gradient(bend, asked.references.axis))]
    return np.array(found).T


def explained(asked: Question, rows: list[int]) -> float:
    """Squared length of the scan's slope that these references take away."""
    columns, target = columns_of(asked, rows), asked.ready.feature
    rest = target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    return float(target @ target - rest @ rest)


@pytest.mark.parametrize("seed", range(3))
def test_explained_and_gains_are_those_of_least_squares(seed: int, references: ReferenceSet) -> None:
    asked = question(scan({2: 0.5, 9: 0.3, 14: 0.2}, references.technique, seed=seed), references)
    selection = Selection(asked)
    assert selection.explained([2, 9]) == pytest.approx(explained(asked, [2, 9]), rel=1e-9)
    basis = selection._basis([2, 9])
    gains = selection._gains([14, 5, 11], basis, selection._residual(basis))
    plain = [explained(asked, [2, 9, row]) - explained(asked, [2, 9]) for row in (14, 5, 11)]
    assert gains == pytest.approx(plain, rel=1e-6)


def test_a_gain_within_the_components_is_nothing(references: ReferenceSet) -> None:
    asked = question(scan({2: 0.5, 9: 0.5}, references.technique), references)
    selection = Selection(asked)
    basis = selection._basis([2, 9])
    gains = selection._gains([9, 2], basis, selection._residual(basis))
    assert np.abs(gains).max() < 1e-9 * float(selection.scan @ selection.scan)


@pytest.mark.parametrize("wrong", [5, 11, 17])
def test_a_wrong_component_is_exchanged_for_the_best_of_all(wrong: int, references: ReferenceSet) -> None:
    asked = question(scan({2: 0.5, 9: 0.3, 14: 0.2}, references.technique), references)
    selection = Selection(asked)
    selection.shortlist([], references.n_refs)
    others = [2, 9]
    best = max(
        (row for row in range(references.n_refs) if row not in others), key=lambda row: explained(asked, [*others, row])
    )
    assert set(selection.reconsidered([*others, wrong])) == {*others, best} == {2, 9, 14}


def test_the_current_component_stays_where_none_is_better(references: ReferenceSet) -> None:
    asked = question(scan({2: 0.6, 9: 0.4}, references.technique), references)
    selection = Selection(asked)
    selection.shortlist([], references.n_refs)
    assert selection.reconsidered([2, 9]) == [2, 9]
