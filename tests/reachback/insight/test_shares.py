"""The interval against values that others have published, and its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reachback.insight.shares import Share, wilson_interval


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 857, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_values(n: int, of: int, low: float, high: float) -> None:
    assert wilson_interval(n, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_share_lies_within_its_interval(one: int, other: int) -> None:
    n, of = min(one, other), max(one, other)
    share = Share.counted(n, of)
    assert 0.0 <= share.low <= share.high <= 1.0
    if share.value is None:
        assert (share.of, share.low, share.high) == (0, 0.0, 1.0)
    else:
        assert share.low <= share.value <= share.high
        mirrored = Share.counted(of - n, of)
        assert (mirrored.low, mirrored.high) == pytest.approx((1 - share.high, 1 - share.low), abs=1e-12)


def test_what_is_no_proportion_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        wilson_interval(3, 2)
