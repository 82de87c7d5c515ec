from __future__ import annotations

import json
import math
from enum import StrEnum

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reachback.strict_json import dump_strictly, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


@given(VALUES)
def test_everything_becomes_strict_json(value: object) -> None:
    json.loads(dump_strictly(value), parse_constant=refuse_constant)


def test_what_is_not_finite_is_null() -> None:
    assert plain([math.nan, math.inf, -math.inf, 1.5, np.float64("nan")]) == [None, None, None, 1.5, None]


def test_numpy_enums_tuples_become_plain() -> None:
    class Colour(StrEnum):
        RED = "red"

    made = plain({"a": np.float32(0.5), "b": np.arange(3), "c": (Colour.RED, np.bool_(True)), 7: np.int64(3)})
    assert made == {"a": 0.5, "b": [0, 1, 2], "c": ["red", True], "7": 3}
    assert type(made["c"][0]) is str


def test_a_file_name_that_is_no_text_still_gives_json() -> None:
    assert json.loads(dump_strictly("b\udcff.jdx")) == "b\\udcff.jdx"
