"""The log is read by actor, action, case and time, and verified at a wish; on both databases alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text

from reachback.accounts.models import Role
from reachback.audit.desk_check import verify_desk
from reachback.audit.models import AuditEntry
from reachback.db.session import Database
from reachback.insight.log_search import AskedOfLog, LogSearch
from reachback.insight.log_verification import REPORT_NAME, LogVerification
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, file_with, identification, make_desk


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path) as made:
        yield made


@pytest.fixture
def embedded(sqlite_database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    """A desk for what has nothing to do with the database."""
    with make_desk(sqlite_database, clock, tmp_path) as made:
        yield made


@pytest.fixture
def cases(desk: Desk, clock: StillClock) -> list[str]:
    """Two cases with a scan each, an hour apart."""
    anna = desk.person(Role.OFFICER, "anna", "harbour")
    found = []
    for number in range(2):
        content = file_with(identification("no_match"), salt=str(number))
        answer = desk.upload(anna, content, exhibit=f"E-{number}")
        found.append(answer.json()["case"]["case_id"])
        clock.pass_time(hours=1)
    return found


def search(desk: Desk, limit: int = 100, **asked: Any) -> list[Any]:
    return list(LogSearch(desk.database).page(AskedOfLog(**asked), limit).items)


def all_entries(desk: Desk) -> list[AuditEntry]:
    with desk.database.reading() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.index.desc())))


def test_pages_follow_each_other_without_a_gap(desk: Desk, cases: list[str]) -> None:
    everything = all_entries(desk)
    log, read, before = LogSearch(desk.database), [], None
    for _ in range(len(everything)):
        page = log.page(AskedOfLog(before=before), 3)
        read += [each.index for each in page.items]
        before = page.next_before
        if before is None:
            break
    assert read == [each.index for each in everything]
    assert len(read) > 6


def test_who_and_what(desk: Desk, cases: list[str]) -> None:
    everything = all_entries(desk)
    account = desk.principal(Role.OFFICER, "anna", "harbour").account_id
    by_name = search(desk, actor="anna")
    assert {each.actor for each in by_name} == {account}
    assert {each.actor_name for each in by_name} == {"anna"}
    assert [each.index for each in by_name] == [e.index for e in everything if e.actor == account]
    assert [each.index for each in search(desk, actor=account)] == [each.index for each in by_name]
    part = search(desk, actor="intake", action="scan.")
    assert [each.index for each in part] == [
        e.index for e in everything if e.actor == "intake" and e.action.startswith("scan.")
    ]
    assert {each.actor_name for each in part} == {None}
    assert search(desk, action="scan%") == search(desk, actor="nobody") == search(desk, actor="a\0b") == []


def test_a_case_is_found_with_all_that_belongs_to_it(desk: Desk, cases: list[str]) -> None:
    carla = desk.person(Role.CHEMIST, "carla")
    lease = desk.client.post(f"/api/v1/cases/{cases[0]}/claim", headers=carla).json()["lease"]["token"]
    desk.client.post(
        f"/api/v1/cases/{cases[0]}/first-impression", headers=carla, json={"lease_token": lease, "text": "a cut"}
    )
    found = search(desk, case_id=cases[0])
    assert {each.table for each in found} == {"cases", "scans", "first_impressions"}
    assert {each.row_id for each in found if each.table == "cases"} == {cases[0]}
    other = {each.index for each in search(desk, case_id=cases[1])}
    assert other
    assert not other & {each.index for each in found}
    assert search(desk, case_id="no such case") == []


def test_from_when_to_when(desk: Desk, cases: list[str], clock: StillClock) -> None:
    everything = all_entries(desk)
    middle = clock.now() - timedelta(hours=1)
    late = search(desk, since=middle)
    early = search(desk, until=middle)
    assert [each.index for each in (*late, *early)] == [each.index for each in everything]
    assert min(len(late), len(early)) > 0


def verification(desk: Desk, clock: StillClock, folder: Path) -> LogVerification:
    return LogVerification(desk.database, clock, folder)


def test_the_whole_log_is_verified_and_says_which_row(
    desk: Desk, cases: list[str], clock: StillClock, tmp_path: Path
) -> None:
    log = verification(desk, clock, tmp_path)
    who = desk.principal(Role.AUDITOR, "aud")
    assert log.last() is None
    thread = log.begin(who)
    assert thread is not None
    thread.join(timeout=30)
    green = log.last()
    assert green is not None
    assert green.is_green
    assert (green.asked_by, green.n_entries, green.broken) == ("aud", len(all_entries(desk)), ())
    with desk.database.engine.execution_options(reachback_writing=True).begin() as connection:
        connection.execute(text("UPDATE cases SET lane = 'exposure' WHERE id = :id"), {"id": cases[1]})
    thread = log.begin(who)
    assert thread is not None
    thread.join(timeout=30)
    red = log.last()
    assert red is not None
    assert not red.is_green
    (broken,) = red.broken
    assert (broken.table, broken.id) == ("cases", cases[1])
    assert broken.index == max(each.index for each in search(desk, case_id=cases[1]) if each.table == "cases")
    assert not log.is_running()


def test_one_at_a_time(embedded: Desk, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()

    def slowly(database: Database, data_dir: Path) -> Any:
        go_on.wait(timeout=30)
        return verify_desk(database, data_dir)

    monkeypatch.setattr("reachback.insight.log_verification.verify_desk", slowly)
    who = embedded.principal(Role.AUDITOR, "aud")
    first = verification(embedded, clock, tmp_path).begin(who)
    assert first is not None
    other = verification(embedded, clock, tmp_path)  # as in another process
    assert other.is_running()
    assert other.begin(who) is None
    go_on.set()
    first.join(timeout=30)
    assert not other.is_running()
    assert other.last() is not None


def test_no_transaction_of_the_embedded_database_lasts_as_long(
    sqlite_database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, seen = Event(), Event(), []

    def slowly(database: Database, data_dir: Path) -> Any:
        found = verify_desk(database, data_dir)
        seen.append(database)
        with database.reading() as session:
            session.execute(text("SELECT count(*) FROM audit_entries")).all()
            reached.set()
            go_on.wait(timeout=30)
        return found

    monkeypatch.setattr("reachback.insight.log_verification.verify_desk", slowly)
    with make_desk(sqlite_database, clock, tmp_path) as desk:
        left = tmp_path / "audit-verification-copy-of-one-that-was-killed"
        left.mkdir()
        thread = verification(desk, clock, tmp_path).begin(desk.principal(Role.AUDITOR, "aud"))
        assert thread is not None
        assert reached.wait(timeout=30)
        desk.person(Role.OFFICER, "somebody else")  # the desk goes on writing
        with sqlite_database.engine.connect() as connection:
            emptied = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        go_on.set()
        thread.join(timeout=30)
        assert emptied[0] == 0, "a reader kept the write-ahead log from being emptied"
        report = verification(desk, clock, tmp_path).last()
        assert report is not None
        assert report.is_green
        assert seen[0] is not sqlite_database
        assert list(tmp_path.glob("audit-verification-copy-*")) == []


def test_a_verification_that_fails_says_nothing_about_the_record(
    embedded: Desk, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("reachback.insight.log_verification.verify_desk", fails)
    log = verification(embedded, clock, tmp_path)
    thread = log.begin(embedded.principal(Role.AUDITOR, "aud"))
    assert thread is not None
    thread.join(timeout=30)
    report = log.last()
    assert report is not None
    assert not report.is_green
    assert "the disk is gone" in (report.failed or "")
    assert not log.is_running()


def test_a_spoilt_answer_is_none(embedded: Desk, clock: StillClock, tmp_path: Path) -> None:
    for content in ("", "{", "[]", '{"begun_at": "x"}', json.dumps({"broken": 7})):
        (tmp_path / REPORT_NAME).write_text(content)
        assert verification(embedded, clock, tmp_path).last() is None, content


def test_rights_and_figures_over_http(desk: Desk, cases: list[str]) -> None:
    paths = [f"/api/v1/insight/{name}" for name in ("answers", "refusals", "disagreement", "deliveries")]
    for role, status in ((Role.SUPERVISOR, 200), (Role.AUDITOR, 200), (Role.ADMIN, 200), (Role.CHEMIST, 403)):
        headers = desk.person(role, f"a {role}")
        for path in paths:
            assert desk.client.get(path, headers=headers).status_code == status, (role, path)
    sam = desk.person(Role.SUPERVISOR, "a supervisor")
    answers = desk.client.get(paths[0], headers=sam, params={"zone": "Europe/Madrid"}).json()
    assert (answers["scans"]["n"], answers["answers"]["n_cases"]) == (2, 2)
    # An hour has passed over the second case and two over the first: nobody answered, so both are late.
    assert answers["answers"]["within_hour"] | {"high": None} == {
        "n": 0,
        "of": 2,
        "value": 0.0,
        "low": 0.0,
        "high": None,
    }
    assert answers["answers"]["n_late_open"] == 2
    refused = desk.client.get(paths[0], headers=sam, params={"from": "2030-02-01", "to": "2030-01-01"})
    assert refused.status_code == 422
    assert "lies after" in refused.json()["detail"]
