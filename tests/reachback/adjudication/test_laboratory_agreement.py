"""Whether a laboratory bears an answer out."""

from __future__ import annotations

from typing import Any

import pytest

from reachback.adjudication.laboratory_agreement import laboratory_agrees


def parts(*names: str) -> list[dict[str, Any]]:
    classes = {"carfentanil": "fentanyl-related", "fentanyl-related": "fentanyl-related"}
    return [{"substance": name, "form": None, "class": classes.get(name)} for name in names]


@pytest.mark.parametrize(
    ("outcome", "answered", "confirmed", "agrees"),
    [
        ("identified", ["cocaine"], ["Cocaine"], True),
        ("identified", ["cocaine"], ["cocaine", "levamisole"], False),
        ("identified", ["cocaine"], [], False),
        ("mixture", ["cocaine", "lactose"], ["lactose", "cocaine"], True),
        ("class", ["fentanyl-related"], ["carfentanil", "lactose"], True),
        ("class", ["fentanyl-related"], ["heroin"], False),
        ("not_identified", [], ["anything"], True),
        ("needs_laboratory", ["caffeine"], ["caffeine", "xylazine"], True),
        ("needs_laboratory", ["caffeine"], ["xylazine"], False),
    ],
)
def test_agreement(outcome: str, answered: list[str], confirmed: list[str], agrees: bool) -> None:
    assert laboratory_agrees(outcome, parts(*answered), parts(*confirmed)) is agrees
