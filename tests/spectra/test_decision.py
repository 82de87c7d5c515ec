from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spectra.criteria import CRITERIA
from spectra.decision import decide, suspected_class
from spectra.reference import Grade, ReferenceSet
from spectra.search import Ranking
from spectra.spectrum import Technique
from spectra.verdict import Component, Outcome, Unexplained
from tests.spectra.made_spectra import subset

SMALL = Unexplained(0.03)
STRONG = 2.9  # support of a component that nothing speaks against
CLEAN = 0.03  # height of the bands that are left over, where nothing is


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
    one = decide([part("lactose")], [STRONG], 0.97, SMALL, CLEAN, None, CRITERIA)
    two = decide([part("lactose"), part("mannitol")], [STRONG, STRONG], 0.97, SMALL, CLEAN, "sugar", CRITERIA)
    assert (one.outcome, two.outcome) == (Outcome.MATCH, Outcome.MIXTURE)
    assert one.reasons == ("lactose explains 97 % of the scan's structure",)
    assert two.reasons == ("lactose and mannitol explain 97 % of the scan's structure",)
    assert two.class_hint is None
    assert (two.explains_enough, two.accounted) == (True, True)


def test_a_hundred_percent_is_never_claimed() -> None:
    (reason,) = decide([part("lactose")], [STRONG], 1.0, SMALL, CLEAN, None, CRITERIA).reasons
    assert "100 %" not in reason


BEYOND = CRITERIA.max_band_rest + 0.005


@pytest.mark.parametrize(
    ("substances", "outcome"), [(["lactose"], Outcome.MATCH), (["lactose", "mannitol"], Outcome.MIXTURE)]
)
def test_bands_that_are_left_over_keep_a_scan_from_being_complete(substances: list[str], outcome: Outcome) -> None:
    parts, strong = [part(substance) for substance in substances], [STRONG] * len(substances)
    last = decide(parts, strong, 0.97, SMALL, CRITERIA.max_band_rest, None, CRITERIA)
    assert (last.outcome, last.explains_enough, last.accounted) == (outcome, True, True)
    beyond = decide(parts, strong, 0.97, SMALL, BEYOND, None, CRITERIA)
    assert (beyond.outcome, beyond.explains_enough, beyond.accounted) == (Outcome.INCONCLUSIVE, True, False)
    # What is well supported is still listed; the reason says what is left, in percent of the scan's height.
    assert [component.substance for component in beyond.components] == substances
    assert f"bands of {math.floor(100 * BEYOND)} % of the scan's height are left" in beyond.reasons[0]


def test_beside_bands_of_something_else_a_part_needs_more_support() -> None:
    middling = (CRITERIA.min_listed_support + CRITERIA.min_listed_support_beside_unknown) / 2
    parts = [part("caffeine", 0.7), part("lactose", 0.3)]
    complete, beyond = (
        decide(parts, [STRONG, middling], 0.97, SMALL, rest, None, CRITERIA) for rest in (CLEAN, BEYOND)
    )
    assert [component.substance for component in complete.components] == ["caffeine", "lactose"]
    assert [component.substance for component in beyond.components] == ["caffeine"]
    assert complete.outcome is beyond.outcome is Outcome.INCONCLUSIVE


def test_of_a_scan_that_is_hardly_explained_the_bands_left_over_are_no_news() -> None:
    decision = decide([part("lactose")], [0.2], 0.7, Unexplained(0.3), 0.5, None, CRITERIA)
    assert not any("bands of" in reason for reason in decision.reasons)
    assert (decision.explains_enough, decision.accounted) == (False, False)


def test_where_nothing_was_found_nothing_is_explained() -> None:
    decision = decide([], [], 1.0, Unexplained(0.0), 0.0, None, CRITERIA)
    assert (decision.outcome, decision.explains_enough, decision.accounted) == (Outcome.NO_MATCH, False, False)


@pytest.mark.parametrize(("explained", "rest"), [(0.89, 0.03), (0.97, 0.13), (-3.0, 1.0)])
def test_too_little_explained_or_too_much_left_is_no_match(explained: float, rest: float) -> None:
    parts = [part("lactose", 0.4), part("mannitol", 0.3)]
    decision = decide(parts, [0.2, 0.2], explained, Unexplained(rest), CLEAN, None, CRITERIA)
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.components == ()
    assert (decision.explains_enough, decision.accounted) == (False, False)
    assert decision.reasons


def test_a_weak_part_of_a_mixture_leaves_it_unsettled() -> None:
    parts = [part("caffeine", 0.7), part("lactose", 0.3)]
    weak = (CRITERIA.min_listed_support + CRITERIA.min_support) / 2
    decision = decide(parts, [STRONG, weak], 0.97, SMALL, CLEAN, None, CRITERIA)
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert [component.substance for component in decision.components] == ["caffeine", "lactose"]
    assert decision.accounted
    assert any("lactose" in reason and "caffeine" not in reason for reason in decision.reasons)


def test_parts_with_evidence_are_listed_beside_an_unknown_rest() -> None:
    parts = [part("caffeine", 0.5), part("lactose", 0.2)]
    decision = decide(parts, [STRONG, 0.5], 0.7, Unexplained(0.3), CLEAN, None, CRITERIA)
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert [component.substance for component in decision.components] == ["caffeine"]
    assert "30 % of the signal area belongs to nothing in the library" in decision.reasons
    assert "caffeine" in decision.reasons[-1]


def test_one_controlled_part_that_nearly_explains_all_is_a_relative() -> None:
    near = part("MDMA", 0.9, substance_class="stimulant", controlled=True)
    decision = decide([near], [STRONG], 0.8, Unexplained(0.1), CLEAN, None, CRITERIA)
    assert (decision.outcome, decision.class_hint, decision.components) == (Outcome.CLASS, "stimulant", ())
    assert decision.reasons[-1] == "it resembles MDMA without being it: suspected stimulant"
    nameless = replace(near, substance_class=None)
    assert decide([nameless], [STRONG], 0.8, Unexplained(0.1), CLEAN, None, CRITERIA).outcome is Outcome.INCONCLUSIVE
    # What a cutting agent is used for makes no chemical family.
    sugar = decide([part("fructose", 0.9)], [STRONG], 0.8, Unexplained(0.1), CLEAN, None, CRITERIA)
    assert (sugar.outcome, sugar.class_hint) == (Outcome.INCONCLUSIVE, None)


def test_a_rough_band_table_is_listed_only_on_good_evidence() -> None:
    weak = (CRITERIA.min_listed_support + CRITERIA.min_support) / 2
    parts = [part("caffeine", 0.7), part("lactose", 0.3, grade=Grade.BAND_TABLE)]
    decision = decide(parts, [STRONG, weak], 0.97, SMALL, CLEAN, None, CRITERIA)
    assert (decision.outcome, [c.substance for c in decision.components]) == (Outcome.INCONCLUSIVE, ["caffeine"])


def test_a_family_that_stands_out_is_a_class_and_else_nothing_is_said() -> None:
    hinted = decide([], [], 0.0, Unexplained(1.0), 1.0, "sugar", CRITERIA)
    assert (hinted.outcome, hinted.class_hint) == (Outcome.CLASS, "sugar")
    silent = decide([], [], 0.0, Unexplained(1.0), 1.0, None, CRITERIA)
    assert (silent.outcome, silent.class_hint) == (Outcome.NO_MATCH, None)


def test_a_band_table_makes_it_tentative_and_is_said() -> None:
    decision = decide([part("lactose", grade=Grade.BAND_TABLE)], [STRONG], 0.97, SMALL, CLEAN, None, CRITERIA)
    assert decision.tentative
    assert decision.reasons[-1].startswith("tentative: lactose rests on a table of bands")


def test_what_cannot_be_told_apart_is_said() -> None:
    twins = [part("lactose", indistinguishable_from=("sucrose", "maltose"))]
    decision = decide(twins, [STRONG], 0.97, SMALL, CLEAN, None, CRITERIA)
    assert decision.reasons[-1] == "this scan cannot tell lactose from sucrose, maltose"


# Numbers 0, 4, 8 … are cutting agents, 1, 5, 9 … stimulants, 3, 7, 11 … fentanyl-related and watched.
@pytest.mark.parametrize(
    ("scores", "family"),
    [
        ({3: 0.9, 7: 0.85, 0: 0.6}, "fentanyl-related"),
        ({3: 0.9, 7: 0.85}, "fentanyl-related"),
        ({1: 0.9, 5: 0.85, 0: 0.6}, None),  # not watched
        ({3: 0.9, 7: 0.65, 0: 0.6}, None),  # its second member stands no higher than others
        ({3: 0.7, 7: 0.69, 0: 0.1}, None),  # nothing is similar enough
        ({3: 0.9}, None),  # alone
        ({0: 0.9, 3: 0.89, 7: 0.88, 4: 0.6}, None),  # two families
        ({3: 0.9, 7: -0.2, 0: -1.0}, None),  # the second is not alike, or may not be named
    ],
)
def test_a_family_is_suspected_only_where_it_stands_out(
    made_sets: dict[Technique, ReferenceSet], scores: dict[int, float], family: str | None
) -> None:
    few = subset(made_sets[Technique.FTIR], list(scores))
    ranking = Ranking(np.array(list(scores.values()), dtype=np.float32), 10)
    assert suspected_class(ranking, few, CRITERIA) == family


def test_several_references_of_one_substance_are_no_family(made_sets: dict[Technique, ReferenceSet]) -> None:
    repeated = subset(made_sets[Technique.FTIR], [3, 3, 0])
    ranking = Ranking(np.array([0.9, 0.9, 0.2], dtype=np.float32), 10)
    assert suspected_class(ranking, repeated, CRITERIA) is None


def test_a_substance_without_a_class_is_of_no_family(made_sets: dict[Technique, ReferenceSet]) -> None:
    few = subset(made_sets[Technique.FTIR], [3, 7])
    nameless = replace(few, entries=tuple(replace(e, substance_class=None) for e in few.entries))
    assert suspected_class(Ranking(np.array([0.9, 0.9], dtype=np.float32), 10), nameless, CRITERIA) is None
