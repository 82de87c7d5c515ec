"""Supervisor, auditor and administrator in a real browser: figures, the log and its verification, accounts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from reachback.accounts.models import Role
from tests.contracts.made_year import MadeYear, make_year, write_audited
from tests.journeys.browsing import DESK, PASSWORD, PHONE, RunningDesk, Visitor

Visit = Callable[..., Visitor]
FIGURES = ("/overview", "/overview/disagreement", "/overview/coverage")


@pytest.fixture(scope="module")
def made(running_desk: RunningDesk) -> MadeYear:
    """Four weeks of work."""
    rows = make_year(500, 28, now=datetime.now(UTC))
    write_audited(running_desk.services.database, rows)
    return rows


def test_a_supervisor_sees_the_desk_in_figures(visit: Visit, running_desk: RunningDesk, made: MadeYear) -> None:
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=DESK)
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")  # where a supervisor begins
    names = [each.inner_text() for each in page.get_by_role("navigation", name="Pages").get_by_role("link").all()]
    assert names[:2] == ["Overview", "Worklist"]
    assert "Audit log" in names
    assert "Accounts" not in names
    tile = page.locator(".tiles > div").filter(has_text="Within the hour")
    said = re.search(r"([\d,]+) of ([\d,]+) = [\d.]+ % \(", tile.inner_text())
    assert said is not None
    assert 0 < int(said[1]) < int(said[2]) <= len(made.cases)
    for path in FIGURES:
        visitor.go(path)
        assert visitor.grave_findings() == [], path
        assert visitor.overflow() <= 0
        visitor.picture(f"supervisor{path.replace('/', '-')}")
    visitor.go("/overview")
    expect(page.locator("svg rect.late").first).to_be_visible()
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("region", name="Cases by day, as a table").get_by_role("row")).to_have_count(31)


def test_each_table_is_a_file_and_says_what_the_page_says(
    visit: Visit, running_desk: RunningDesk, made: MadeYear
) -> None:
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=DESK)
    page = visitor.page
    visitor.go("/overview/disagreement")
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download as CSV (pairs)").click()
    rows = list(csv.DictReader(io.StringIO(Path(begun.value.path()).read_text("utf-8-sig"))))
    assert begun.value.suggested_filename.startswith("reachback-pairs-")
    first = next(row for row in rows if row["pair"] == "first-second")
    cell = page.get_by_role("region", name="Who differed from whom, as a table")
    expect(cell).to_contain_text(f"{first['differs']} of {first['differs_of']} =")
    case = page.locator("#machine-first + .scrolls tbody a").first
    assert re.fullmatch(r"/desk/cases/c\d{6}", case.get_attribute("href") or "")


def test_a_wrong_period_says_what_to_do(visit: Visit, running_desk: RunningDesk, made: MadeYear) -> None:
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=PHONE, expect={422})
    page = visitor.page
    visitor.go("/overview")
    page.get_by_label("Time zone").fill("Nowhere/Land")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert").filter(has_text="no time zone known here")).to_be_visible()
    page.get_by_label("Time zone").fill("Europe/Madrid")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Cases by hour of the day (Europe/Madrid)")).to_be_visible()


def test_a_phone_at_night(visit: Visit, running_desk: RunningDesk, made: MadeYear) -> None:
    visitor = visit(running_desk.person(Role.AUDITOR, "aud"), size=PHONE, dark=True)
    for path in (*FIGURES, "/audit", "/audit/0"):
        visitor.go(path)
        assert visitor.overflow() <= 0, path
        assert visitor.grave_findings() == [], path
        visitor.picture(f"auditor-phone{path.replace('/', '-')}")


def test_a_supervisor_reads_the_worklist_and_takes_nothing(
    visit: Visit, running_desk: RunningDesk, made: MadeYear
) -> None:
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=DESK)
    visitor.page.get_by_role("link", name="Worklist", exact=True).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Worklist")
    expect(visitor.page.locator("table.worklist tbody tr").first).to_be_visible()
    expect(visitor.page.get_by_role("button", name=re.compile("^Take"))).to_have_count(0)
    assert visitor.grave_findings() == []


def test_the_log_is_searched_proved_and_verified(visit: Visit, running_desk: RunningDesk, made: MadeYear) -> None:
    visitor = visit(running_desk.person(Role.AUDITOR, "aud"), size=DESK)
    page = visitor.page
    visitor.go("/audit")
    rows = page.get_by_role("region", name="Entries").locator("tbody tr")
    expect(rows).to_have_count(50)
    newest = int(rows.first.locator("th").inner_text())
    page.get_by_role("link", name="Older").click()
    assert int(rows.first.locator("th").inner_text()) == newest - 50
    page.get_by_label("Who").fill("root of tests")
    page.get_by_role("textbox", name="What", exact=True).fill("account.")
    page.get_by_role("button", name="Find").click()
    expect(rows.first.locator("td").nth(2)).to_have_text("account.create")
    visitor.picture("auditor-log")
    rows.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="The proof that it is in the log")).to_be_visible()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the proof").click()
    assert begun.value.suggested_filename.startswith("proof-")
    visitor.picture("auditor-entry")
    visitor.go("/audit?case=c000003")
    expect(rows.last).to_contain_text("cases")
    expect(rows.first.locator("td").nth(3)).not_to_contain_text("accounts")


def test_one_button_verifies_the_whole_log(visit: Visit, running_desk: RunningDesk, made: MadeYear) -> None:
    visitor = visit(running_desk.person(Role.AUDITOR, "aud"), size=DESK)
    page = visitor.page
    visitor.go("/audit")
    verify = page.get_by_role("button", name="Verify the whole log")
    verify.click()
    expect(page.get_by_text("Everything is as it was written.")).to_be_visible()
    expect(page.get_by_text("tables were compared; asked by aud")).to_be_visible()
    database = running_desk.services.database
    with database.engine.execution_options(reachback_writing=True).begin() as connection:
        connection.execute(text("UPDATE cases SET lane = 'exposure' WHERE id = 'c000001'"))
    verify.click()
    broken = page.locator("#verification li")
    expect(broken).to_have_count(1)
    expect(broken).to_contain_text("cases c000001")
    expect(broken).to_contain_text("the row is not what its last entry says")
    expect(page.get_by_text("1 thing is not as it was written.")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("auditor-red")
    broken.get_by_role("link").click()
    expect(page.get_by_role("heading", name=re.compile("^Entry"))).to_be_visible()


def test_an_administrator_makes_accounts_and_tokens(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.ADMIN, "root"), size=DESK, expect={409, 422})
    page = visitor.page
    page.get_by_role("link", name="Accounts", exact=True).click()
    page.get_by_text("New account").click()
    page.get_by_label("Name").first.fill("gate 7")
    page.get_by_label("Role").select_option("device")
    page.get_by_label("Unit").fill("harbour")
    visitor.picture("admin-accounts")
    assert visitor.grave_findings() == []
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("gate 7")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator(".once .secret").inner_text()
    visitor.picture("admin-token")
    assert visitor.grave_findings() == []
    with httpx.Client(base_url=running_desk.address, headers={"Authorization": f"Bearer {token}"}) as device:
        assert device.get("/api/v1/session").json()["name"] == "gate 7"
        page.get_by_role("link", name="I have copied it").click()
        assert token not in page.content()
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("Done; it stands in the audit log.")).to_be_visible()
        assert device.get("/api/v1/session").status_code == 401
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("a password has at least 12 characters")).to_be_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("button", name="Ask for one-time codes").click()
    expect(page.locator(".once .secret").first).to_have_text(re.compile("[A-Z2-7]{32}"))
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("button", name="Disable this account").click()
    expect(page.locator("dl.facts").get_by_text("disabled")).to_be_visible()
    page.get_by_role("link", name="What this account did").click()
    visitor.go("/audit?actor=root&action=account.")
    expect(page.get_by_role("region", name="Entries")).to_contain_text("account.disable")
    expect(page.get_by_role("region", name="Entries")).to_contain_text("account.codes")


def test_others_see_none_of_it(running_desk: RunningDesk, browser: object) -> None:
    shut = {
        Role.SUPERVISOR: ("/accounts",),
        Role.AUDITOR: ("/accounts",),
        Role.CHEMIST: (*FIGURES, "/audit", "/audit/0", "/audit/verification", "/accounts", "/overview/days.csv"),
        Role.OFFICER: (*FIGURES, "/audit", "/accounts", "/overview/days.csv", "/api/v1/insight/answers"),
        Role.LIBRARIAN: (*FIGURES, "/audit", "/accounts"),
        Role.DEVICE: (*FIGURES, "/audit", "/accounts"),
    }
    for role, paths in shut.items():
        with running_desk.api(role, f"some {role}", "harbour") as client:
            for path in paths:
                assert client.get(running_desk.address + path).status_code == 403, (role, path)
            assert client.post(f"{running_desk.address}/accounts", data={"name": "x"}).status_code in (403, 422)
    with running_desk.api(Role.CHEMIST, "some chemist", "harbour") as client:
        assert client.post(f"{running_desk.address}/audit/verify").status_code == 403
