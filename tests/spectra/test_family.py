from __future__ import annotations

import gc
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spectra.family as asking
from library.folder import open_folder
from library.opening import open_library
from spectra.criteria import CRITERIA
from spectra.family import is_doubtful_family, suspect_family
from spectra.family_learning import Families, learn_families
from spectra.identify import identify
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique
from spectra.verdict import Outcome
from tests.spectra.made_families import FAMILIES, SUGARS, USE, curves, library, scan_of
from tests.spectra.made_spectra import question, subset, without

CURVES = curves()


@pytest.fixture(scope="module")
def whole() -> ReferenceSet:
    return library()


def test_new_members_are_suspected_and_nothing_else_is(whole: ReferenceSet) -> None:
    """Every substance of the world, each unknown to the library that is asked."""
    right: Counter[str] = Counter()
    for (name, number), curve in CURVES.items():
        asked = question(scan_of([(1.0, curve)], seed=50), without(whole, f"{name} {number}"))
        found = suspect_family(asked.ready.curve, asked)
        if found is not None:
            assert found.family == name, f"{name} {number}"
            assert found.score >= found.needed
            assert all(relative.startswith(name) for relative in found.relatives)
            right[name] += 1
    assert set(right) <= set(FAMILIES)
    assert all(right[name] >= 5 for name in FAMILIES)  # of 7


def test_a_class_of_use_is_doubtful(whole: ReferenceSet) -> None:
    asked = question(scan_of([(1.0, CURVES[USE, 0])]), whole)
    assert is_doubtful_family(USE, asked)
    assert not is_doubtful_family(FAMILIES[0], asked)
    assert not is_doubtful_family("never heard of", asked)


def test_more_is_asked_of_what_is_left(whole: ReferenceSet) -> None:
    asked = question(scan_of([(1.0, CURVES[FAMILIES[0], 0])]), without(whole, f"{FAMILIES[0]} 0"))
    plain = suspect_family(asked.ready.curve, asked)
    assert plain is not None
    strict = replace(CRITERIA, min_family_score_beside=plain.score + 0.01)
    strictly = replace(asked, criteria=strict)
    assert suspect_family(asked.ready.curve, strictly) is not None
    assert suspect_family(asked.ready.curve, strictly, ("lactose",)) is None


def test_a_reference_that_was_not_learned_from_may_speak_against(
    whole: ReferenceSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very substance stands in the library under another class, only not among those learned from."""
    name = f"{FAMILIES[0]} 0"
    row = next(row for row, e in enumerate(whole.entries) if e.substance == name)
    other = replace(whole.entries[row], substance_class="cutting agent", watch=False, controlled=False)
    disguised = replace(whole, entries=(*whole.entries[:row], other, *whole.entries[row + 1 :]))
    asked = question(scan_of([(1.0, CURVES[FAMILIES[0], 0])]), disguised)
    of_the_rest = learn_families(
        without(whole, name), np.ones(whole.n_refs - 1, dtype=bool), (0, whole.axis.size), CRITERIA
    )
    assert of_the_rest is not None
    kept = frozenset(other if other < row else other + 1 for other in of_the_rest.rows)
    monkeypatch.setattr(asking, "_families_of", lambda asked: replace(of_the_rest, rows=kept))
    assert suspect_family(asked.ready.curve, asked) is None
    monkeypatch.setattr(asking, "_families_of", lambda asked: replace(of_the_rest, rows=kept | {row}))
    assert suspect_family(asked.ready.curve, asked) is not None


def test_families_are_learned_once_for_a_library_and_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []

    def counted(*given: Any) -> Families | None:
        times.append(1)
        return learn_families(*given)

    monkeypatch.setattr(asking, "learn_families", counted)
    references = library()
    for seed in range(3):
        asked = question(scan_of([(1.0, CURVES[USE, 1])], seed), references)
        suspect_family(asked.ready.curve, asked)
    assert len(times) == 1
    before = len(asking._learned)
    del asked, references
    gc.collect()
    assert len(asking._learned) == before - 1


def test_a_new_member_is_a_class_and_the_reason_names_its_relatives(whole: ReferenceSet) -> None:
    found = identify(scan_of([(1.0, CURVES[FAMILIES[0], 1])]), without(whole, f"{FAMILIES[0]} 1"))
    assert (found.outcome, found.class_hint, found.components) == (Outcome.CLASS, FAMILIES[0], ())
    assert found.reasons[-1].startswith(f"it shares its bands with {FAMILIES[0]} ")
    assert found.reasons[-1].endswith(f"as nothing outside their family does: suspected {FAMILIES[0]}")
    assert [(a.group, a.substance) for a in found.alerts] == [(FAMILIES[0], None)]


def test_a_new_member_is_suspected_beside_a_cut(whole: ReferenceSet) -> None:
    """Half of each scan is a cut, which hides the family of the whole."""
    beside = 0
    for number in range(7):
        scan = scan_of([(0.5, CURVES[FAMILIES[1], number]), (0.5, CURVES["cutting agent", number])])
        found = identify(scan, without(whole, f"{FAMILIES[1]} {number}"))
        assert found.class_hint in (FAMILIES[1], None)
        beside += any(f"without cutting agent {number} shares" in reason for reason in found.reasons)
    assert beside >= 3


def test_nobody_watches_sugars(whole: ReferenceSet) -> None:
    found = identify(scan_of([(1.0, CURVES[SUGARS, 2])]), without(whole, f"{SUGARS} 2"))
    assert (found.class_hint, found.alerts) == (None, ())


def test_measured_spectra_of_unknown_substances_get_no_wrong_family(shared_data: Path) -> None:
    """120 measured spectra that the library does not hold; its cathinones stand among the stimulants there."""
    opened = open_library(shared_data / "ir_library")
    references, calibration = opened.sets[Technique.FTIR], opened.calibrations[Technique.FTIR]
    right = 0
    for one in open_folder(shared_data / "ir_more").references()[Technique.FTIR]:
        hint = identify(one.spectrum, references, calibration).class_hint
        family = one.entry.substance_class
        allowed = {family, "synthetic cathinone"} if family == "stimulant" else {family}
        assert hint is None or (one.entry.watch and hint in allowed), one.entry.substance
        right += hint is not None
    assert right >= 12


def test_measured_members_are_recognised_when_left_out(shared_data: Path) -> None:
    references = open_library(shared_data / "ir_library").sets[Technique.FTIR]
    measured = open_folder(shared_data / "ir_library").references()[Technique.FTIR]
    right = 0
    for one in measured:
        kept = [row for row, e in enumerate(references.entries) if e.substance != one.entry.substance]
        hint = identify(one.spectrum, subset(references, kept)).class_hint
        assert hint in (one.entry.substance_class, None), one.entry.substance
        right += hint is not None
    assert right >= 6
