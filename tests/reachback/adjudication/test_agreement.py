"""When two findings say the same."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reachback.adjudication.agreement import same_components, same_finding

NAMES = st.sampled_from(["fentanyl", "lactose", "caffeine", "4-ANPP", "cocaine"])
FORMS = st.sampled_from(["base", "hydrochloride", "citrate"])
PARTS = st.lists(
    st.fixed_dictionaries({"substance": NAMES, "form": st.none() | FORMS}),
    max_size=4,
    unique_by=lambda part: part["substance"],
)


def part(substance: str, form: str | None = None) -> dict[str, str | None]:
    return {"substance": substance, "form": form}


@given(PARTS, st.randoms(use_true_random=False))
def test_order_and_case_do_not_matter(parts: list[dict[str, str | None]], chance: random.Random) -> None:
    shuffled = [{"substance": f" {each['substance'].upper()} ", "form": each["form"]} for each in parts]  # type: ignore[union-attr]
    chance.shuffle(shuffled)
    assert same_components(parts, shuffled)
    assert same_components(shuffled, parts)


@given(PARTS)
def test_a_part_more_is_not_the_same(parts: list[dict[str, str | None]]) -> None:
    assert not same_components(parts, [*parts, part("heroin")])
    assert not same_components([*parts, part("heroin")], parts)


def test_a_form_counts_where_both_give_one() -> None:
    assert same_components([part("cocaine")], [part("cocaine", "base")])
    assert same_components([part("cocaine", "Base")], [part("COCAINE", "base")])
    assert not same_components([part("cocaine", "hydrochloride")], [part("cocaine", "base")])


def test_a_form_left_open_is_given_to_the_part_that_needs_it() -> None:
    mine = [part("cocaine"), part("cocaine", "base")]
    assert same_components(mine, [part("cocaine", "base"), part("cocaine", "hydrochloride")])
    assert not same_components(mine, [part("cocaine", "citrate"), part("cocaine", "hydrochloride")])


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("identified", "mixture", True),
        ("identified", "class", False),
        ("not_identified", "needs_laboratory", False),
        ("class", "class", True),
    ],
)
def test_the_kind_of_answer_counts_too(one: str, other: str, agree: bool) -> None:
    assert same_finding(one, [part("cocaine")], other, [part("cocaine")]) is agree


def test_two_that_found_nothing_agree() -> None:
    assert same_finding("not_identified", [], "not_identified", [])
