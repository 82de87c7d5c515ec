from __future__ import annotations

import pytest

from spectra.strips import STRIP_RULES, StripReading, StripResult, StripTarget, rules_that_apply, target_of

POSITIVE = StripResult("fentanyl", StripReading.POSITIVE)
NEGATIVE = StripResult("fentanyl", StripReading.NEGATIVE)


def cited(strip: StripResult, *found: str) -> list[str]:
    return [source.doi for _, source in rules_that_apply(strip, found)]


def test_every_rule_names_its_source() -> None:
    for rule in STRIP_RULES:
        assert rule.source.doi.startswith("10.")
        assert rule.source.title
        assert "{found}" in rule.says or not rule.substances


def test_a_false_positive_is_spoken_of_only_where_its_cause_was_found() -> None:
    assert cited(POSITIVE) == []
    assert cited(POSITIVE, "cocaine", "caffeine") == []
    assert cited(POSITIVE, "diphenhydramine") == ["10.1186/s12954-021-00478-4", "10.1186/s12954-023-00921-8"]
    assert cited(POSITIVE, "MDMA") == ["10.1186/s12954-021-00478-4", "10.1186/s12954-023-00921-8"]
    # One of the two studies tested lidocaine.
    assert cited(POSITIVE, "lidocaine") == ["10.1186/s12954-023-00921-8"]


def test_the_sentence_names_what_was_found_and_the_study() -> None:
    said = [sentence for sentence, _ in rules_that_apply(POSITIVE, ["methamphetamine", "cocaine", "diphenhydramine"])]
    assert "diphenhydramine and methamphetamine at 1 mg/mL and above" in said[0]
    assert said[0].endswith("(Lockwood et al. 2021)")
    assert "cocaine" not in " ".join(said)


def test_a_negative_strip_says_what_such_strips_miss() -> None:
    ((said, source),) = rules_that_apply(NEGATIVE, [])
    assert "carfentanil" in said
    assert source.doi == "10.1016/j.drugalcdep.2022.109610"


def test_of_other_strips_nothing_is_claimed() -> None:
    for kind in ("xylazine", "nitazene", "benzodiazepine"):
        for reading in StripReading:
            assert rules_that_apply(StripResult(kind, reading), ["diphenhydramine", "MDMA"]) == ()


def test_a_strip_raises_the_group_it_is_made_for() -> None:
    assert target_of(StripResult(" Fentanyl ", StripReading.POSITIVE)) == StripTarget("fentanyl-related")
    assert target_of(StripResult("xylazine", StripReading.POSITIVE)) == StripTarget("xylazine", "xylazine")


def test_a_strip_needs_a_kind() -> None:
    with pytest.raises(ValueError, match="needs a kind"):
        StripResult(" ", StripReading.POSITIVE)
