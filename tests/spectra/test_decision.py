from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from spectra.criteria import CRITERIA
from spectra.decision import decide
from spectra.family import Suspicion
from spectra.reference import Grade
from spectra.verdict import Component, Outcome, Unexplained

SMALL = Unexplained(0.03)
STRONG = 2.9  # support of a component that nothing speaks against
CLEAN = 0.03  # height of the bands that are left over, where nothing is


class Kin:
    """Families that say what a test wants; ``asked`` keeps what they were asked beside."""

    def __init__(self, family: str | None = None, beside: tuple[str, ...] = (), doubtful: str = "") -> None:
        self.asked: list[list[str]] = []
        self._doubtful = doubtful
        self._suspicion = Suspicion(family, 0.8, 0.5, ("this", "that"), beside) if family else None

    def suspected(self, listed: Sequence[Component]) -> Suspicion | None:
        self.asked.append([component.substance for component in listed])
        return self._suspicion

    def is_doubtful(self, name: str) -> bool:
        return name == self._doubtful


NO_KIN = Kin()


def part(substance: str, share: float = 0.5, **changes: Any) -> Component:
    given: dict[str, Any] = {
        "substance": substance,
        "form": None,
        "share": share,
        "share_interval": (share, share),
        "confidence": 0.9,
        "controlled": False,
        "substance_class": "sugar",
        "reference": f"{substance}.jdx",
        "grade": Grade.MEASURED,
    }
    return Component(**{**given, **changes})


def test_one_part_that_explains_all_is_a_match_and_several_a_mixture() -> None:
    one = decide([part("lactose")], [STRONG], 0.97, SMALL, CLEAN, NO_KIN, CRITERIA)
    two = decide([part("lactose"), part("mannitol")], [STRONG, STRONG], 0.97, SMALL, CLEAN, Kin("sugar"), CRITERIA)
    assert (one.outcome, two.outcome) == (Outcome.MATCH, Outcome.MIXTURE)
    assert one.reasons == ("lactose explains 97 % of the scan's structure",)
    assert two.reasons == ("lactose and mannitol explain 97 % of the scan's structure",)
    assert two.class_hint is None
    assert (two.explains_enough, two.accounted) == (True, True)


def test_a_hundred_percent_is_never_claimed() -> None:
    (reason,) = decide([part("lactose")], [STRONG], 1.0, SMALL, CLEAN, NO_KIN, CRITERIA).reasons
    assert "100 %" not in reason


BEYOND = CRITERIA.max_band_rest + 0.005


@pytest.mark.parametrize(
    ("substances", "outcome"), [(["lactose"], Outcome.MATCH), (["lactose", "mannitol"], Outcome.MIXTURE)]
)
def test_bands_that_are_left_over_keep_a_scan_from_being_complete(substances: list[str], outcome: Outcome) -> None:
    parts, strong = [part(substance) for substance in substances], [STRONG] * len(substances)
    last = decide(parts, strong, 0.97, SMALL, CRITERIA.max_band_rest, NO_KIN, CRITERIA)
    assert (last.outcome, last.explains_enough, last.accounted) == (outcome, True, True)
    beyond = decide(parts, strong, 0.97, SMALL, BEYOND, NO_KIN, CRITERIA)
    assert (beyond.outcome, beyond.explains_enough, beyond.accounted) == (Outcome.INCONCLUSIVE, True, False)
    # What is well supported is still listed; the reason says what is left, in percent of the scan's height.
    assert [component.substance for component in beyond.components] == substances
    assert f"bands of {math.floor(100 * BEYOND)} % of the scan's height are left" in beyond.reasons[0]


def test_beside_bands_of_something_else_a_part_needs_more_support() -> None:
    middling = (CRITERIA.min_listed_support + CRITERIA.min_listed_support_beside_unknown) / 2
    parts = [part("caffeine", 0.7), part("lactose", 0.3)]
    complete, beyond = (
        decide(parts, [STRONG, middling], 0.97, SMALL, rest, NO_KIN, CRITERIA) for rest in (CLEAN, BEYOND)
    )
    assert [component.substance for component in complete.components] == ["caffeine", "lactose"]
    assert [component.substance for component in beyond.components] == ["caffeine"]
    assert complete.outcome is beyond.outcome is Outcome.INCONCLUSIVE


def test_of_a_scan_that_is_hardly_explained_the_bands_left_over_are_no_news() -> None:
    decision = decide([part("lactose")], [0.2], 0.7, Unexplained(0.3), 0.5, NO_KIN, CRITERIA)
    assert not any("bands of" in reason for reason in decision.reasons)
    assert (decision.explains_enough, decision.accounted) == (False, False)


def test_where_nothing_was_found_nothing_is_explained() -> None:
    decision = decide([], [], 1.0, Unexplained(0.0), 0.0, NO_KIN, CRITERIA)
    assert (decision.outcome, decision.explains_enough, decision.accounted) == (Outcome.NO_MATCH, False, False)


@pytest.mark.parametrize(("explained", "rest"), [(0.89, 0.03), (0.97, 0.13), (-3.0, 1.0)])
def test_too_little_explained_or_too_much_left_is_no_match(explained: float, rest: float) -> None:
    parts = [part("lactose", 0.4), part("mannitol", 0.3)]
    decision = decide(parts, [0.2, 0.2], explained, Unexplained(rest), CLEAN, NO_KIN, CRITERIA)
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.components == ()
    assert (decision.explains_enough, decision.accounted) == (False, False)
    assert decision.reasons


def test_a_weak_part_of_a_mixture_leaves_it_unsettled() -> None:
    parts = [part("caffeine", 0.7), part("lactose", 0.3)]
    weak = (CRITERIA.min_listed_support + CRITERIA.min_support) / 2
    decision = decide(parts, [STRONG, weak], 0.97, SMALL, CLEAN, NO_KIN, CRITERIA)
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert [component.substance for component in decision.components] == ["caffeine", "lactose"]
    assert decision.accounted
    assert any("lactose" in reason and "caffeine" not in reason for reason in decision.reasons)


def test_parts_with_evidence_are_listed_beside_an_unknown_rest() -> None:
    parts = [part("caffeine", 0.5), part("lactose", 0.2)]
    decision = decide(parts, [STRONG, 0.5], 0.7, Unexplained(0.3), CLEAN, NO_KIN, CRITERIA)
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert [component.substance for component in decision.components] == ["caffeine"]
    assert "30 % of the signal area belongs to nothing in the library" in decision.reasons
    assert "caffeine" in decision.reasons[-1]


def test_one_controlled_part_that_nearly_explains_all_is_a_relative() -> None:
    near = part("MDMA", 0.9, substance_class="stimulant", controlled=True)
    decision = decide([near], [STRONG], 0.8, Unexplained(0.1), CLEAN, NO_KIN, CRITERIA)
    assert (decision.outcome, decision.class_hint, decision.components) == (Outcome.CLASS, "stimulant", ())
    assert decision.reasons[-1] == "it resembles MDMA without being it: suspected stimulant"
    nameless = replace(near, substance_class=None)
    assert decide([nameless], [STRONG], 0.8, Unexplained(0.1), CLEAN, NO_KIN, CRITERIA).outcome is Outcome.INCONCLUSIVE
    # What a cutting agent is used for makes no chemical family.
    sugar = decide([part("fructose", 0.9)], [STRONG], 0.8, Unexplained(0.1), CLEAN, NO_KIN, CRITERIA)
    assert (sugar.outcome, sugar.class_hint) == (Outcome.INCONCLUSIVE, None)


def test_what_resembles_a_member_of_no_family_is_of_none() -> None:
    near = part("MDMA", 0.9, substance_class="stimulant", controlled=True)
    for kin in (Kin(doubtful="stimulant"), Kin("synthetic cathinone")):
        decision = decide([near], [STRONG], 0.8, Unexplained(0.1), CLEAN, kin, CRITERIA)
        assert (decision.outcome, decision.class_hint, decision.components) == (Outcome.NO_MATCH, None, ())
        assert decision.reasons[-1] == "it resembles MDMA without being it"
    same = decide([near], [STRONG], 0.8, Unexplained(0.1), CLEAN, Kin("stimulant"), CRITERIA)
    assert (same.outcome, same.class_hint) == (Outcome.CLASS, "stimulant")


def test_a_family_is_asked_beside_what_is_listed_and_not_of_a_settled_scan() -> None:
    kin = Kin("nitazene", beside=("caffeine",))
    parts = [part("caffeine", 0.5), part("lactose", 0.2)]
    decision = decide(parts, [STRONG, 0.5], 0.7, Unexplained(0.3), CLEAN, kin, CRITERIA)
    assert kin.asked == [["caffeine"]]
    assert (decision.outcome, decision.class_hint) == (Outcome.INCONCLUSIVE, "nitazene")
    assert [component.substance for component in decision.components] == ["caffeine"]
    assert (
        "what is left without caffeine shares its bands with this and that as nothing outside their family does:"
        " suspected nitazene"
    ) in decision.reasons
    settled = Kin("nitazene")
    decide([part("lactose")], [STRONG], 0.97, SMALL, CLEAN, settled, CRITERIA)
    assert settled.asked == []


def test_a_rough_band_table_is_listed_only_on_good_evidence() -> None:
    weak = (CRITERIA.min_listed_support + CRITERIA.min_support) / 2
    parts = [part("caffeine", 0.7), part("lactose", 0.3, grade=Grade.BAND_TABLE)]
    decision = decide(parts, [STRONG, weak], 0.97, SMALL, CLEAN, NO_KIN, CRITERIA)
    assert (decision.outcome, [c.substance for c in decision.components]) == (Outcome.INCONCLUSIVE, ["caffeine"])


def test_a_family_that_stands_out_is_a_class_and_else_nothing_is_said() -> None:
    hinted = decide([], [], 0.0, Unexplained(1.0), 1.0, Kin("sugar"), CRITERIA)
    assert (hinted.outcome, hinted.class_hint) == (Outcome.CLASS, "sugar")
    silent = decide([], [], 0.0, Unexplained(1.0), 1.0, NO_KIN, CRITERIA)
    assert (silent.outcome, silent.class_hint) == (Outcome.NO_MATCH, None)


def test_a_band_table_makes_it_tentative_and_is_said() -> None:
    decision = decide([part("lactose", grade=Grade.BAND_TABLE)], [STRONG], 0.97, SMALL, CLEAN, NO_KIN, CRITERIA)
    assert decision.tentative
    assert decision.reasons[-1].startswith("tentative: lactose rests on a table of bands")


def test_what_cannot_be_told_apart_is_said() -> None:
    twins = [part("lactose", indistinguishable_from=("sucrose", "maltose"))]
    decision = decide(twins, [STRONG], 0.97, SMALL, CLEAN, NO_KIN, CRITERIA)
    assert decision.reasons[-1] == "this scan cannot tell lactose from sucrose, maltose"
