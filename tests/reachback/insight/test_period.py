"""Days of a zone, and what is refused in one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from reachback.insight.period import DEFAULT_DAYS, LONGEST_DAYS, Period
from reachback.problems import Unprocessable

NOW = datetime(2030, 3, 31, 22, 30, tzinfo=UTC)  # in Madrid it is the next day already


def test_without_a_word_the_last_thirty_days_are_meant() -> None:
    period = Period.asked(None, None, "UTC", NOW)
    assert (period.last, len(period.days)) == (date(2030, 3, 31), DEFAULT_DAYS)
    assert Period.asked(None, None, "Europe/Madrid", NOW).last == date(2030, 4, 1)


def test_one_end_is_enough() -> None:
    assert Period.asked(date(2030, 3, 30), None, "UTC", NOW).last == date(2030, 3, 31)
    assert Period.asked(date(2031, 1, 1), None, "UTC", NOW).last == date(2031, 1, 1)
    assert Period.asked(None, date(2030, 1, 30), "UTC", NOW).first == date(2030, 1, 1)


def test_a_day_is_as_long_as_the_clocks_of_the_zone_make_it() -> None:
    changed = Period(date(2030, 3, 31), date(2030, 3, 31), "Europe/Madrid")  # an hour is left out
    assert changed.ends_at - changed.begins_at == timedelta(hours=23)
    assert changed.begins_at == datetime(2030, 3, 30, 23, tzinfo=UTC)
    assert changed.local(datetime(2030, 3, 31, 1, 0, tzinfo=UTC)).hour == 3


@pytest.mark.parametrize(
    ("first", "last", "zone", "why"),
    [
        (date(2030, 1, 2), date(2030, 1, 1), "UTC", "lies after"),
        (date(2030, 1, 1), date(2030, 1, 1), "Nowhere/Land", "no time zone known here"),
        (date(2030, 1, 1), date(2030, 1, 1), "../../etc/passwd", "no time zone known here"),
        (date(2030, 1, 1), date(2030, 1, 1), "", "no time zone known here"),
        (date(1, 1, 1), date(1, 1, 2), "Asia/Kolkata", "between 2000 and 2200"),
        (None, date(1, 1, 1), "UTC", "between 2000 and 2200"),
        (date(9999, 12, 31), None, "UTC", "between 2000 and 2200"),
        (date(2030, 1, 1), date(2030, 1, 1) + timedelta(days=LONGEST_DAYS), "UTC", "at most"),
    ],
)
def test_what_cannot_be_meant_is_refused(first: date | None, last: date, zone: str, why: str) -> None:
    with pytest.raises(Unprocessable, match=why):
        Period.asked(first, last, zone, NOW)
