from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from spectra.compilation import compile_references
from spectra.criteria import CRITERIA, Criteria
from spectra.evidence import WeighedFit, part_of
from spectra.question import Question
from spectra.reference import Grade, Reference, ReferenceSet
from spectra.spectrum import Technique
from spectra.unmix import Unmixed, keep_only, unmix
from tests.spectra.made_spectra import (
    AXES,
    N_SUBSTANCES,
    entry,
    made_references,
    question,
    reference,
    scan,
    spectrum,
    subset,
    with_grade,
)


def best_pair(asked: Question) -> set[int]:
    """The plain oracle: every pair of the library, fitted in full, and the one that leaves least."""

    def left(rows: list[int]) -> float:
        window = asked.window(rows)
        features = asked.references.features[rows][:, window].astype(np.float64).T
        target = asked.ready.feature[window]
        rest = target - features @ np.linalg.lstsq(features, target, rcond=None)[0]
        return float(rest @ rest)

    pairs = [list(pair) for pair in combinations(range(asked.references.n_refs), 2)]
    return set(pairs[int(np.argmin([left(pair) for pair in pairs]))])


@pytest.mark.parametrize("seed", range(6))
def test_the_search_finds_the_pair_that_trying_all_pairs_finds(seed: int, references: ReferenceSet) -> None:
    numbers = np.random.default_rng(seed).choice(N_SUBSTANCES, 2, replace=False).tolist()
    asked = question(scan({numbers[0]: 0.6, numbers[1]: 0.4}, references.technique, seed=seed), references)
    assert set(unmix(asked).rows) == best_pair(asked) == set(numbers)


def test_amounts_are_those_of_the_plain_weighed_fit(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.5, 7: 0.3, 13: 0.2}, references.technique), references)
    found = unmix(asked)
    rows = list(found.rows)
    assert rows == [4, 7, 13]
    curves = references.curves[rows][:, found.window].astype(np.float64)
    axis, scan_there = references.axis[found.window], asked.ready.curve[found.window]
    fit = WeighedFit(axis, scan_there, [part_of(axis, curve, 0.02) for curve in curves], asked.sigma)
    assert found.weighed.fit.amounts == pytest.approx(fit.amounts)
    assert found.explained > 0.97
    assert (found.weighed.z > CRITERIA.min_evidence).all()


def test_an_empty_answer_is_an_answer(references: ReferenceSet) -> None:
    found = unmix(question(scan({3: 1.0}, references.technique), subset(references, [1, 2])))
    assert found.rows == ()
    assert found.look_alikes == ()
    assert found.explained < 0.3
    assert found.weighed.fit.parts.shape[0] == 0


def test_never_more_parts_than_allowed(references: ReferenceSet) -> None:
    numbers = dict.fromkeys(range(6), 1 / 6)
    asked = question(scan(numbers, references.technique), references, Criteria(max_parts=3))
    assert len(unmix(asked).rows) <= 3
    assert set(unmix(question(scan(numbers, references.technique), references)).rows) == set(numbers)


def test_only_what_may_be_named_is_found(references: ReferenceSet) -> None:
    asked = question(scan({3: 0.5, 8: 0.5}, references.technique), references)
    asked.comparable[8] = False
    found = unmix(asked)
    assert 8 not in found.rows
    assert all(8 not in alike for alike in found.look_alikes)


def test_a_band_table_is_trusted_less(references: ReferenceSet) -> None:
    asked = question(scan({3: 1.0}, references.technique), with_grade(references, Grade.BAND_TABLE))
    measured = question(scan({3: 1.0}, references.technique), references)
    assert asked.variation([0, 1]).tolist() == [CRITERIA.table_variation] * 2
    assert measured.variation([0]).tolist() == [CRITERIA.band_variation]
    assert unmix(asked).weighed.fit.errors[0] > unmix(measured).weighed.fit.errors[0]


def test_twins_are_look_alikes(technique: Technique) -> None:
    made = made_references(technique, [2, 5, 9])
    twin = Reference(entry(30, id="twin.jdx", substance="twin"), made[0].spectrum)
    found = unmix(question(scan({2: 0.5, 9: 0.5}, technique), compile_references([*made, twin])))
    place = next(i for i, row in enumerate(found.rows) if row in (0, 3))
    assert {found.rows[place], *found.look_alikes[place]} == {0, 3}
    assert found.look_alikes[1 - place] == ()


def test_components_are_weighed_on_what_all_of_them_cover(technique: Technique) -> None:
    axis = AXES[technique]
    span = axis[-1] - axis[0]
    low, high = axis[axis < axis[0] + 0.85 * span], axis[axis > axis[0] + 0.15 * span]
    library = compile_references([reference(1, technique, axis=low), reference(2, technique, axis=high)])
    asked = question(scan({1: 0.5, 2: 0.5}, technique), library)
    found = unmix(asked)
    assert set(found.rows) == {0, 1}
    assert (found.window.start, found.window.stop) == (library.coverage[1, 0], library.coverage[0, 1])
    # Those that share too little with each other are never put together.
    low, high = axis[axis < axis[0] + 0.7 * span], axis[axis > axis[0] + 0.3 * span]
    apart = compile_references([reference(1, technique, axis=low), reference(2, technique, axis=high)])
    assert len(unmix(question(scan({1: 0.5, 2: 0.5}, technique), apart)).rows) < 2


def test_a_part_of_what_was_found_can_be_kept(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.5, 7: 0.3, 13: 0.2}, references.technique), references)
    found = unmix(asked)
    kept = keep_only([7], found, asked)
    assert (kept.rows, kept.explained, len(kept.look_alikes)) == ((7,), found.explained, 1)
    assert kept.weighed.fit.parts.shape[0] == 1
    nothing: Unmixed = keep_only([], found, asked)
    assert (nothing.rows, nothing.weighed.z.size) == ((), 0)
    assert nothing.weighed.fit.residual == pytest.approx(asked.ready.curve[nothing.window])


def test_noise_is_nothing(references: ReferenceSet) -> None:
    for seed in range(10):
        white = np.random.default_rng(seed).standard_normal(AXES[references.technique].size)
        assert unmix(question(spectrum(white, references.technique), references)).rows == ()
