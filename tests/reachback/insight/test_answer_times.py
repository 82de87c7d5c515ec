"""The hour: nobody who waits is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reachback.insight.answer_times import CaseTime, Fate, answer_times, fate_of, quantile

OPENED = datetime(2030, 1, 1, 8, 0, tzinfo=UTC)


def case(answered: float | None = None, state: str = "released", breached: bool = False) -> CaseTime:
    """A case opened at OPENED, answered after so many minutes."""
    at = None if answered is None else OPENED + timedelta(minutes=answered)
    due = OPENED + timedelta(hours=1)
    return CaseTime("c", "general", state, OPENED, due, at, breached)


def after(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def test_the_hour_is_kept_to_its_last_moment() -> None:
    assert fate_of(case(60), after(500)) is Fate.IN_TIME
    assert fate_of(case(60.001), after(500)) is Fate.LATE
    assert fate_of(case(None, "queued"), after(59.999)) is Fate.RUNNING
    assert fate_of(case(None, "queued"), after(60)) is Fate.LATE_OPEN


def test_an_end_without_an_answer_counts_where_it_came_too_late() -> None:
    assert fate_of(case(None, "withdrawn"), after(500)) is Fate.WITHDRAWN
    assert fate_of(case(None, "withdrawn", breached=True), after(500)) is Fate.LATE_WITHDRAWN
    assert fate_of(case(30, "withdrawn"), after(500)) is Fate.IN_TIME  # a preliminary answer went out before


def test_a_case_that_waits_is_late_and_lengthens_the_figures() -> None:
    answered = [case(minutes) for minutes in (10, 20, 30)]
    alone = answer_times(answered, after(90))
    assert (alone.median.seconds, alone.p95.seconds, alone.p95.at_least) == (1200.0, 1800.0, False)
    with_one = answer_times([*answered, case(None, "claimed")], after(90))
    assert (with_one.within_hour.n, with_one.within_hour.of) == (3, 4)
    assert (with_one.n_late, with_one.n_late_open, with_one.n_answered) == (1, 1, 3)
    assert (with_one.p95.seconds, with_one.p95.at_least) == (5400.0, True)
    assert (with_one.median.seconds, with_one.median.at_least) == (1200.0, False)


def test_nothing_is_judged_of_nothing() -> None:
    empty = answer_times([case(None, "queued")], after(1))
    assert (empty.n_cases, empty.n_running, empty.within_hour.of) == (1, 1, 0)
    assert empty.median.seconds is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), min_size=1), st.sampled_from([0.5, 0.95]))
def test_the_quantile_is_the_shortest_time_that_suffices(waits: list[tuple[float, bool]], part: float) -> None:
    waits.sort()
    found = quantile(waits, part)
    assert found.seconds is not None
    within = sum(seconds <= found.seconds for seconds, _ in waits)
    below = sum(seconds < found.seconds for seconds, _ in waits)
    assert within >= part * len(waits) - 1e-6
    assert below < part * len(waits)
