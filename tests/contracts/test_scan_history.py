"""A unit's scans as a list: newest first, searched, page by page, and never another unit's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.db.session import Database
from reachback.intake.history import ScanHistory
from reachback.problems import Unprocessable
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, file_with, identification, make_desk


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path / "data") as made:
        yield made


@pytest.fixture
def anna(desk: Desk) -> Principal:
    return desk.principal(Role.OFFICER, "anna", "harbour")


def send(desk: Desk, clock: StillClock, count: int, unit: str = "harbour", outcome: str = "match", **form: str) -> None:
    headers = desk.person(Role.OFFICER, f"officer of {unit}", unit)
    for number in range(count):
        clock.pass_time(seconds=number % 2)  # two of a moment, so that the id has to decide
        content = file_with(identification(outcome), salt=f"{unit} {outcome} {form} {number}")
        assert desk.upload(headers, content, **form).status_code == 201


def listed(desk: Desk, who: Principal, search: str = "", answered: bool | None = None, limit: int = 100) -> list[str]:
    rows, _ = history(desk).page(who, search, answered, None, limit)
    return [row["scan_id"] for row in rows]


def history(desk: Desk) -> ScanHistory:
    return ScanHistory(desk.database, desk.cases)


def test_pages_hold_every_scan_once_newest_first(desk: Desk, clock: StillClock, anna: Principal) -> None:
    send(desk, clock, 9)
    seen: list[tuple[str, str]] = []
    before = None
    for _ in range(5):
        rows, before = history(desk).page(anna, "", None, before, 2)
        assert len(rows) <= 2
        seen += [(row["received_at"], row["scan_id"]) for row in rows]
    assert before is None
    assert len(seen) == 9
    assert seen == sorted(seen, reverse=True)


def test_a_page_that_just_ends_has_no_next(desk: Desk, clock: StillClock, anna: Principal) -> None:
    send(desk, clock, 2)
    assert history(desk).page(anna, "", None, None, 2)[1] is None


def test_officers_see_their_own_unit_and_supervisors_all(desk: Desk, clock: StillClock, anna: Principal) -> None:
    send(desk, clock, 2)
    send(desk, clock, 3, unit="airport")
    assert len(listed(desk, anna)) == 2
    assert len(listed(desk, desk.principal(Role.SUPERVISOR, "sue"))) == 5


def test_every_word_has_to_stand_somewhere(desk: Desk, clock: StillClock, anna: Principal) -> None:
    send(desk, clock, 1, exhibit="A-7", place="a Parcel from Ålesund")
    send(desk, clock, 1, exhibit="B_8", place="a car")
    assert len(listed(desk, anna, "a.jdx")) == 2
    assert len(listed(desk, anna, "a-7")) == 1
    assert len(listed(desk, anna, "parcel a-7")) == 1
    assert len(listed(desk, anna, "parcel B_8")) == 0
    assert len(listed(desk, anna, "b_")) == 1  # no wildcards: they mean themselves
    assert len(listed(desk, anna, "%")) == 0
    assert len(listed(desk, anna, "lesund")) == 1
    assert listed(desk, anna, listed(desk, anna, "a-7")[0]) == listed(desk, anna, "a-7")


def test_open_and_answered_cases_are_told_apart(desk: Desk, clock: StillClock, anna: Principal) -> None:
    send(desk, clock, 2, outcome="no_match")
    send(desk, clock, 1)
    assert len(listed(desk, anna, answered=False)) == 2
    assert listed(desk, anna, answered=True) == []


@pytest.mark.parametrize("before", ["", "yesterday~x", "2030-01-01T00:00:00~x", "2030-01-01T00:00:00Z~\x00"])
def test_a_cursor_that_is_none_is_refused(desk: Desk, anna: Principal, before: str) -> None:
    with pytest.raises(Unprocessable, match="before"):
        history(desk).page(anna, "", None, before, 2)
