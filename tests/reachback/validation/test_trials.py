from __future__ import annotations

import pytest

from reachback.validation.trials import Amount, Half, Panel, choose_cuts, is_judged, plan
from spectra.reference import ReferenceEntry

AMOUNT = Amount(pure=2, mixtures=5, clean=7, traces=1, spikes=3, left_out=1)
ENTRIES = tuple(
    ReferenceEntry(f"{name}.jdx", name, watch=watch)
    for name, watch in (
        *(("caffeine", False), ("Lactose", False), ("sugar", False)),
        *((f"drug {number}", True) for number in range(8)),
    )
)


def test_the_same_seed_plans_the_same_and_another_one_another() -> None:
    assert plan(ENTRIES, 2, AMOUNT, Half.ALL, 1) == plan(ENTRIES, 2, AMOUNT, Half.ALL, 1)
    assert plan(ENTRIES, 2, AMOUNT, Half.ALL, 1) != plan(ENTRIES, 2, AMOUNT, Half.ALL, 2)


def test_every_panel_has_its_size() -> None:
    trials = plan(ENTRIES, 2, AMOUNT, Half.ALL, 1)
    count = {panel: sum(trial.panel is panel for trial in trials) for panel in Panel}
    assert count == {
        Panel.PURE: 2 * 11 * 2,
        Panel.MIXTURE: 2 * 5 * 5,
        Panel.CLEAN: 3 * 7,
        Panel.TRACE: 3 * 5 * 8,
        Panel.LIMIT: 3,
        Panel.LEFT_OUT: 2 * 11,
        Panel.PARTLY: 2 * 11,
        Panel.FOREIGN: 2 * 2,
    }
    assert len({trial.seed for trial in trials}) == len(trials)


def test_parts_of_a_mixture_differ_and_have_their_tenth() -> None:
    for trial in plan(ENTRIES, 0, AMOUNT, Half.ALL, 1):
        assert sum(trial.shares) == pytest.approx(1.0)
        if trial.panel is Panel.MIXTURE:
            assert len(set(trial.references)) == len(trial.references) >= 2
            assert min(trial.shares) >= 0.1 - 1e-9


def test_clean_scans_hold_nothing_watched_and_traces_something() -> None:
    for trial in plan(ENTRIES, 0, AMOUNT, Half.ALL, 1):
        if trial.panel in (Panel.CLEAN, Panel.LIMIT, Panel.TRACE):
            assert not any(ENTRIES[row].watch for row in trial.references)
        assert (trial.target is not None) == (trial.panel is Panel.TRACE)


def test_common_cuts_come_first_and_others_stand_in() -> None:
    assert choose_cuts(ENTRIES) == (1, 0)
    assert choose_cuts(ENTRIES[1:]) == (0, 1)
    assert choose_cuts(ENTRIES[3:]) == ()


def test_halves_part_the_substances_by_their_name_alone() -> None:
    names = [f"substance {number}" for number in range(200)]
    even = [name for name in names if is_judged(name, Half.EVEN)]
    assert 70 < len(even) < 130
    assert [name for name in names if is_judged(name, Half.ODD)] == [name for name in names if name not in even]
    assert all(is_judged(name, Half.ALL) for name in names)
    assert is_judged("Fentanyl", Half.EVEN) == is_judged("fentanyl", Half.EVEN)


def test_a_half_judges_no_substance_of_the_other() -> None:
    for trial in plan(ENTRIES, 0, AMOUNT, Half.ODD, 1):
        if trial.panel in (Panel.PURE, Panel.MIXTURE, Panel.LEFT_OUT):
            assert all(is_judged(ENTRIES[row].substance, Half.ODD) for row in trial.references)
        if trial.target is not None:
            assert is_judged(ENTRIES[trial.target].substance, Half.ODD)
