from __future__ import annotations

import numpy as np
import pytest

from spectra.compilation import compile_references
from spectra.criteria import CRITERIA
from spectra.errors import NoOverlap
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import ReferenceSet
from spectra.search import Ranking, comparable_references, rank
from spectra.similarity import similarity_pair
from spectra.spectrum import Spectrum, Technique
from tests.spectra.made_spectra import AXES, reference, scan, subset


def ready(scan: Spectrum) -> Prepared:
    return prepare(scan, recipe_for(scan.technique))


def test_ranking_is_that_of_the_pairwise_form(references: ReferenceSet) -> None:
    scanned = ready(scan({2: 0.5, 11: 0.3, 17: 0.2}, references.technique))
    ranking = rank(scanned, np.ones(references.n_refs, dtype=bool), references, CRITERIA)
    plain = [
        similarity_pair(scanned.feature, (scanned.first, scanned.stop), row, (int(low), int(high)))
        for row, (low, high) in zip(references.features, references.coverage, strict=True)
    ]
    assert ranking.scores == pytest.approx(plain, abs=1e-5)
    assert ranking.order.tolist() == np.argsort(-np.array(plain))[: CRITERIA.n_candidates].tolist()
    assert ranking.order[0] == 2


@pytest.mark.parametrize("size", [1, 2, 10, 11])
def test_hits_are_as_many_as_there_are_and_ten_at_most(references: ReferenceSet, size: int) -> None:
    few = subset(references, range(size))
    ranking = rank(ready(scan({0: 1.0}, few.technique)), np.ones(size, dtype=bool), few, CRITERIA)
    assert sorted(ranking.order.tolist()) == (list(range(size)) if size <= 10 else sorted(ranking.order.tolist()))
    assert len(ranking.order) == min(size, 10)
    assert (np.diff(ranking.scores[ranking.order]) <= 0).all()


def test_equal_scores_keep_the_librarys_order() -> None:
    assert Ranking(np.array([0.5, 0.9, 0.9, 0.1], dtype=np.float32), 3).order.tolist() == [1, 2, 0]


def test_what_may_not_be_named_comes_last(references: ReferenceSet) -> None:
    comparable = np.ones(references.n_refs, dtype=bool)
    comparable[5] = False
    ranking = rank(ready(scan({5: 1.0}, references.technique)), comparable, references, CRITERIA)
    assert ranking.scores[5] == -1.0
    assert 5 not in ranking.order


def test_a_reference_must_cover_most_of_the_scan() -> None:
    axis = AXES[Technique.FTIR]
    wide, half = axis[axis < 1500.0], axis[axis < 1000.0]
    numbers = [reference(0, Technique.FTIR)]
    numbers += [reference(1, Technique.FTIR, axis=wide), reference(2, Technique.FTIR, axis=half)]
    library = compile_references(numbers)
    whole = ready(scan({0: 1.0}, Technique.FTIR))
    assert comparable_references(whole, None, library, CRITERIA).tolist() == [True, True, False]
    short = ready(scan({0: 1.0}, Technique.FTIR).between(600.0, 1050.0))
    assert comparable_references(short, None, library, CRITERIA).tolist() == [True, True, True]
    with pytest.raises(NoOverlap, match="shares too little of the axis with every one of the 1 references"):
        comparable_references(whole, None, subset(library, [2]), CRITERIA)


def test_surface_enhanced_raman_is_a_technique_of_its_own() -> None:
    library = compile_references([reference(0, Technique.RAMAN), reference(1, Technique.RAMAN, mode="SERS")])
    scanned = ready(scan({0: 1.0}, Technique.RAMAN))
    assert comparable_references(scanned, None, library, CRITERIA).tolist() == [True, False]
    assert comparable_references(scanned, "SERS", library, CRITERIA).tolist() == [False, True]
    with pytest.raises(NoOverlap, match="the scan is SERS and the library has no SERS reference"):
        comparable_references(scanned, "SERS", subset(library, [0]), CRITERIA)
    with pytest.raises(NoOverlap, match="the scan is normal Raman and the library has no normal Raman reference"):
        comparable_references(scanned, None, subset(library, [1]), CRITERIA)
