from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import spectra.family_learning as learning
from spectra.criteria import CRITERIA
from spectra.family_learning import Families, learn_families, likeness
from spectra.reference import Grade, ReferenceSet
from tests.spectra.made_families import FAMILIES, SUGARS, USE, library
from tests.spectra.made_spectra import subset


def learned(references: ReferenceSet, coverage: tuple[int, int] | None = None) -> Families | None:
    return learn_families(references, np.ones(references.n_refs, dtype=bool), coverage or (0, references.axis.size))


@pytest.fixture(scope="module")
def whole() -> ReferenceSet:
    return library()


def test_families_are_known_and_a_class_of_use_is_doubted(whole: ReferenceSet) -> None:
    families = learned(whole)
    assert families is not None
    assert families.names == tuple(sorted(FAMILIES))
    assert families.doubtful == {USE}
    assert SUGARS not in families.names  # a family, but nobody watches it


def test_leaving_out_in_closed_form_is_leaving_out(whole: ReferenceSet) -> None:
    """Beside the slow way: the same substance taken out of the equations, and scored by what is left."""
    families = learned(whole)
    assert families is not None
    kernel = likeness(families.views, families.views)
    belongs = np.array([[one == name for name in families.names] for one in families.classes])
    # Two references of one substance are left out together.
    substances = ("twins", "twins", *families.substances[2:])
    inverse = np.asarray(np.linalg.inv(kernel + 0.05 * np.eye(len(kernel))), dtype=np.float64)
    quick = learning._left_out(inverse, inverse @ belongs, belongs, substances)
    for first, stop in ((0, 2), (5, 6), (20, 21)):
        kept = np.r_[:first, stop : len(kernel)]
        among = kernel[kept][:, kept] + 0.05 * np.eye(kept.size)
        slow = kernel[first:stop][:, kept] @ np.linalg.solve(among, belongs[kept].astype(np.float64))
        assert np.abs(quick[first:stop] - slow).max() < 1e-9


def test_the_bar_is_above_everything_that_is_of_another_family(whole: ReferenceSet) -> None:
    """However low the fixed bar is: one stranger that looks like a family raises that of its whole library."""
    low, every = replace(CRITERIA, min_family_score=0.0), np.ones(whole.n_refs, dtype=bool)
    usual = learn_families(whole, every, (0, whole.axis.size), low)
    strange = replace(whole.entries[1], substance="stranger", substance_class="cutting agent", watch=False)
    disguised = replace(whole, entries=(whole.entries[0], strange, *whole.entries[2:]))
    raised = learn_families(disguised, every, (0, whole.axis.size), low)
    assert usual is not None
    assert raised is not None
    # Either the family is not told from the stranger any more, or the bar stands above the stranger.
    assert FAMILIES[0] not in raised.names or raised.needed > usual.needed + 0.1


def test_too_few_members_are_no_family() -> None:
    assert learned(library(n_members=2)) is None


def test_too_few_others_prove_nothing(whole: ReferenceSet) -> None:
    few = [row for row, e in enumerate(whole.entries) if e.substance_class == FAMILIES[0]]
    others = [row for row, e in enumerate(whole.entries) if e.substance_class == "cutting agent"]
    assert learned(subset(whole, [*few, *others[:19]])) is None
    assert learned(subset(whole, [*few, *others[:20]])) is not None


def test_a_class_that_is_mostly_not_watched_is_none(whole: ReferenceSet) -> None:
    """One adulterant on the watch list makes no family of all cutting agents."""
    entries = tuple(
        replace(e, watch=e.substance in {"cutting agent 1", "cutting agent 2", "cutting agent 3"})
        for e in whole.entries
    )
    assert learned(replace(whole, entries=entries)) is None


def test_tables_of_bands_are_not_learned_from() -> None:
    assert learned(library(grade=Grade.BAND_TABLE)) is None


def test_a_short_range_tells_no_families(whole: ReferenceSet) -> None:
    assert learned(whole, (0, 120)) is None  # 480 of the 500 cm^-1 that a scan must cover
    assert learned(whole, (0, 200)) is not None


def test_a_reference_that_covers_less_does_not_shorten_the_range(whole: ReferenceSet) -> None:
    coverage = whole.coverage.copy()
    coverage[-1] = 100, 200
    families = learned(replace(whole, coverage=coverage))
    assert families is not None
    assert (families.window.start, families.window.stop) == (0, whole.axis.size)
    assert whole.n_refs - 1 not in families.rows


def test_of_a_large_library_members_and_their_look_alikes_are_learned_from(
    whole: ReferenceSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "_MOST_MEMBERS", 5)
    monkeypatch.setattr(learning, "_MOST_OTHERS", 22)
    families = learned(whole)
    assert families is not None
    assert sum(one == FAMILIES[0] for one in families.classes) == 5
    assert sum(one not in (*FAMILIES, USE) for one in families.classes) == 22
