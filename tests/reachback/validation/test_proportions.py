from __future__ import annotations

import pytest
from scipy.stats import binomtest

from reachback.validation.proportions import Proportion


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Tables of exact binomial limits: 0 of n is 1 - 0.025^(1/n); 8 of 10 is in every textbook.
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (8, 10, 0.4439, 0.9748),
        (1, 20, 0.0013, 0.2487),
        (0, 7400, 0, 0.0005),
    ],
)
def test_the_interval_is_that_of_the_tables(hits: int, of: int, low: float, high: float) -> None:
    assert Proportion(hits, of).interval == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("hits", "of"), [(0, 3), (3, 3), (17, 59), (1, 4000), (3999, 4000)])
def test_the_interval_is_that_of_scipy(hits: int, of: int) -> None:
    other = binomtest(hits, of).proportion_ci(method="exact")
    assert Proportion(hits, of).interval == pytest.approx((other.low, other.high), abs=1e-9)


def test_nothing_judged_says_nothing() -> None:
    nothing = Proportion(0, 0)
    assert (nothing.value, nothing.interval, str(nothing)) == (None, (0.0, 1.0), "none judged")


def test_counts_add_up_and_are_shown_with_their_denominator() -> None:
    both = Proportion(1, 200) + Proportion(0, 200)
    assert both == Proportion(1, 400)
    assert str(both) == "1 of 400 = 0.25 % (0.01 % to 1.4 %)"
    assert both.as_json() == {"hits": 1, "of": 400, "value": 0.0025, "interval": list(both.interval)}


def test_more_hits_than_tries_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2 is no proportion"):
        Proportion(3, 2)
