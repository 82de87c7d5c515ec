"""Figures from a database are those that a slow plain count of the same rows gives, on both databases alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from reachback.cases.models import Lane
from reachback.db.session import Database
from reachback.insight.period import Period
from reachback.insight.service import InsightService
from tests.contracts.databases import PostgresServer, StillClock, make_database
from tests.contracts.made_year import NOW, MadeYear, make_year, write_year
from tests.reachback.insight import plain_oracle as oracle

ZONE = "Asia/Kolkata"  # half an hour beside the others
FIRST, LAST = date(2030, 3, 3), date(2030, 3, 31)


@pytest.fixture(scope="module")
def made() -> MadeYear:
    return make_year(900, 45)


@pytest.fixture
def insight(database: Database, made: MadeYear) -> InsightService:
    write_year(database, made)
    return InsightService(database, StillClock(NOW), lambda: pytest.fail("figures of the desk open no library"))


@pytest.fixture
def period() -> Period:
    return Period(FIRST, LAST, ZONE)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_volumes_and_answer_times(insight: InsightService, made: MadeYear, period: Period) -> None:
    figures = insight.desk(period)
    scans, cases = oracle.scans_of(made, FIRST, LAST, ZONE), oracle.cases_of(made, FIRST, LAST, ZONE)
    clocked = [case for case in cases if case["lane"] != "retrospective"]
    assert 0 < len(clocked) < len(cases) < len(scans) < len(made.scans)
    assert figures.scans.n == len(scans)
    assert figures.scans.n_unreadable == sum(scan["state"] == "unreadable" for scan in scans) > 0
    assert figures.scans.n_unusable == sum(scan["outcome"] == "unusable" for scan in scans) > 0
    count = oracle.hour_counts(made, clocked, NOW)
    assert min(count.values()) > 0, count
    answers = figures.answers
    assert (answers.n_running, answers.n_withdrawn) == (count["running"], count["withdrawn"])
    assert (answers.n_late_open, answers.n_late_withdrawn) == (count["late_open"], count["late_withdrawn"])
    judged = len(clocked) - count["running"] - count["withdrawn"]
    assert (answers.within_hour.n, answers.within_hour.of) == (count["in_time"], judged)
    assert answers.n_late == judged - count["in_time"]
    waits = oracle.waits(made, clocked, NOW)
    assert answers.median.seconds == waits[math.ceil(len(waits) * 0.5) - 1]
    assert answers.p95.seconds == waits[math.ceil(len(waits) * 0.95) - 1]


def test_each_day_hour_and_lane(insight: InsightService, made: MadeYear, period: Period) -> None:
    figures = insight.desk(period)
    cases = oracle.cases_of(made, FIRST, LAST, ZONE)
    clocked = [case for case in cases if case["lane"] != "retrospective"]
    assert [each.day for each in figures.by_day] == [FIRST + timedelta(days=n) for n in range(29)]
    for each in figures.by_day:
        of_day = [case for case in clocked if oracle.local_day(case["opened_at"], ZONE) == each.day]
        assert each.answers.within_hour.n == oracle.hour_counts(made, of_day, NOW)["in_time"]
        assert each.n_scans == len(oracle.scans_of(made, each.day, each.day, ZONE))
    for hourly in figures.by_hour:
        half_past = [case for case in clocked if (case["opened_at"] + timedelta(hours=5.5)).hour == hourly.hour]
        assert hourly.answers.n_cases == len(half_past)
        assert hourly.answers.n_late_open == oracle.hour_counts(made, half_past, NOW)["late_open"]
    assert sum(hourly.n_scans for hourly in figures.by_hour) == figures.scans.n
    for of_lane in figures.by_lane:
        assert of_lane.answers.n_cases == sum(case["lane"] == of_lane.lane for case in cases) > 0
        assert of_lane.has_clock == (of_lane.lane != Lane.RETROSPECTIVE)


def test_refusals_by_device(insight: InsightService, made: MadeYear, period: Period) -> None:
    refusals = insight.refusals(period)
    wanted = oracle.refused_by_device(oracle.scans_of(made, FIRST, LAST, ZONE))
    found = {
        (each.vendor, each.instrument, each.serial, each.sender): (each.n_scans, each.n_unreadable, each.n_unusable)
        for each in refusals.devices
    }
    assert found == wanted
    assert len(found) >= 7
    assert refusals.refused.n == sum(unreadable + unusable for _, unreadable, unusable in wanted.values())
    counts = [each.refused.n for each in refusals.devices]
    assert counts == sorted(counts, reverse=True)


def test_who_differed_from_whom(insight: InsightService, made: MadeYear, period: Period) -> None:
    found = insight.disagreement(period)
    wanted = oracle.differing(made, oracle.cases_of(made, FIRST, LAST, ZONE))
    assert {pair.pair.value: (pair.differs.n, pair.differs.of) for pair in found.pairs} == {
        pair: (len(ids), n) for pair, (ids, n) in wanted.items()
    }
    listed: dict[str, set[str]] = {}
    for case in found.cases:
        listed.setdefault(case.pair.value, set()).add(case.case_id)
    assert listed == {pair: set(ids) for pair, (ids, _) in wanted.items() if ids}
    assert min(len(ids) for ids, _ in wanted.values()) > 0, "each pair differs at least once, or the test sees nothing"
    few = insight.disagreement(period, 2)
    assert few.n_cases == found.n_cases == len(found.cases)
    assert max(sum(case.pair == pair.pair for case in few.cases) for pair in few.pairs) == 2
    assert few.cases[0].at == max(case.at for case in found.cases if case.pair == few.cases[0].pair)
    assert found.read_twice.n == sum(
        1 for pair in found.pairs if pair.pair == "first-second" for _ in range(pair.differs.of)
    )


def test_messages_that_did_not_arrive(insight: InsightService, made: MadeYear, period: Period) -> None:
    rows = [each for each in made.deliveries if oracle.within(each["created_at"], FIRST, LAST, ZONE)]
    found = {each.channel: each for each in insight.deliveries(period).channels}
    assert set(found) == {"webhook", "people/abc"}
    for channel, each in found.items():
        states = [row["state"] for row in rows if row["channel"] == channel and row["state"] != "unread"]
        assert each.n_messages == len(states)
        assert each.given_up.n == states.count("given_up") > 0
        assert each.given_up.of == len(states) - states.count("waiting")
        assert each.last_error == "no route"


def test_the_number_of_questions_does_not_grow(database: Database, insight: InsightService, period: Period) -> None:
    short = Period(LAST, LAST, ZONE)
    for ask in (insight.desk, insight.refusals, lambda each: insight.disagreement(each, 50), insight.deliveries):
        counts = []
        for each in (short, period):
            with counting(database) as asked:
                ask(each)
            counts.append(sum(statement.lstrip().startswith("SELECT") for statement in asked))
        assert counts[0] <= counts[1] <= 5, counts


def test_both_databases_say_the_same(
    sqlite_database: Database, postgres: PostgresServer, made: MadeYear, period: Period, clock: StillClock
) -> None:
    def everything(database: Database) -> list[Any]:
        write_year(database, made)
        insight = InsightService(database, StillClock(NOW), lambda: pytest.fail("no library is asked"))
        asked = (insight.desk, insight.refusals, insight.disagreement, insight.deliveries)
        return [asdict(ask(period)) for ask in asked]

    with postgres.fresh() as url:
        other = make_database(url, clock)
        try:
            assert everything(sqlite_database) == everything(other)
        finally:
            other.close()
