"""Coming in: signing in by form, a page that is not there, the language, a session that has ended."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from reachback.accounts.models import Role
from tests.journeys.browsing import PASSWORD, RunningDesk, Visitor

Visit = Callable[..., Visitor]


def test_signing_in_leads_to_where_one_wanted(visit: Visit, running_desk: RunningDesk) -> None:
    anna = running_desk.person(Role.OFFICER, "anna", "harbour")
    visitor = visit(expect={401, 404})
    visitor.go("/nowhere?to=go")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Not found")
    visitor.go("/scans?q=parcel")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert visitor.grave_findings() == []
    assert visitor.overflow() <= 0
    visitor.picture("sign-in")
    page = visitor.page
    page.get_by_label("Name").fill(anna)
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="not right")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scans?q=parcel")
    assert page.context.cookies()[0]["httpOnly"]
