"""An officer's pages for every eye and hand: the narrowest screen, forced colours, no motion, paper; slips in forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reachback.accounts.models import Role
from tests.journeys.browsing import RunningDesk, Visitor
from tests.journeys.made_scans import fentanyl_scan
from tests.journeys.test_officer_page import DRUG, SCAN_PAGE, file, send

Visit = Callable[..., Visitor]
NARROW = (320, 640)  # also a desk's screen at 400 %
MOVES = """() => [...document.querySelectorAll('*')].filter((each) => {
  const style = getComputedStyle(each);
  const lasts = (text) => text.split(',').some((each) => parseFloat(each) > 0.05);
  return lasts(style.transitionDuration) || (style.animationName !== 'none' && lasts(style.animationDuration));
}).map((each) => each.tagName + '.' + each.className)"""
SHORT = """() => {
  const touched = document.querySelectorAll('main a, main button, main summary, main select, main input');
  return [...touched].filter((each) => {
  const box = each.getBoundingClientRect();
  const inText = each.tagName === 'A' && getComputedStyle(each).display === 'inline';
  return box.height > 0 && !inText && box.height < 24;
  }).map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def scan(running_desk: RunningDesk) -> str:
    """The address of a scan in which fentanyl is named, with a question of the chemist's."""
    running_desk.person(Role.OFFICER, "nora", "north")
    with running_desk.api(Role.OFFICER, "nora", "north") as nora, running_desk.api(Role.CHEMIST, "carla") as carla:
        files = {"file": ("field.jdx", fentanyl_scan())}
        sent = nora.post("/scans", files=files, data={"metadata": '{"exhibit": "N-1"}'}).json()
        case_id = sent["case"]["case_id"]
        lease = carla.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        asked = {"lease_token": lease, "question": "Through the bag?"}
        assert carla.post(f"/cases/{case_id}/ask-officer", json=asked).is_success
        return f"/scans/{sent['scan_id']}"


def test_the_narrowest_screen_holds_every_page(visit: Visit, running_desk: RunningDesk, scan: str) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"), size=NARROW, expect={404, 403})
    for number, path in enumerate(("/scans/new", scan, "/scans", "/nowhere", "/desk")):
        visitor.go(path)
        for each in visitor.page.locator("main details").all():
            each.evaluate("element => { element.open = true; }")
        assert visitor.overflow() <= 0, path
        assert visitor.page.evaluate(SHORT) == [], path
        visitor.picture(f"narrow-{number}")


def test_nothing_moves_for_who_wants_no_motion(visit: Visit, running_desk: RunningDesk, scan: str) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"))
    visitor.page.emulate_media(reduced_motion="reduce")
    for path in ("/scans/new", scan):
        visitor.go(path)
        assert visitor.page.evaluate(MOVES) == [], path


def test_forced_colours_leave_signs_and_words(visit: Visit, running_desk: RunningDesk, scan: str) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"))
    visitor.page.emulate_media(forced_colors="active")
    visitor.go(scan)
    expect(visitor.page.get_by_role("main")).to_contain_text("Handle with care")
    borders = "element => getComputedStyle(element).borderStyle + getComputedStyle(element).outlineStyle"
    button = visitor.page.get_by_role("button", name="Send the answer")
    assert "solid" in button.evaluate(borders), "a button is told from text by its border"
    button.focus()
    visitor.page.keyboard.press("Shift+Tab")
    focused = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert focused != "none", "where one is stays visible"
    visitor.picture("forced-colours")


def test_the_verdict_on_paper(visit: Visit, running_desk: RunningDesk, scan: str) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"))
    page = visitor.page
    visitor.go(scan)
    page.emulate_media(media="print")
    visitor.picture("paper")
    for name in ("Send the answer", "Sign out", "Add", "Ask a chemist"):
        for button in page.get_by_role("button", name=name, exact=True).all():
            assert not button.is_visible(), name
    assert not page.get_by_role("link", name="New scan").first.is_visible()
    assert page.get_by_text("Wear gloves; nitrile gloves protect enough for routine handling.").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_text(re.compile("SHA-256")).is_visible(), "paper says which file it is about"
    assert page.pdf(format="A4").startswith(b"%PDF")


def refused(page: Page) -> None:
    expect(page.get_by_text("the laser wavelength is a number of nanometres")).to_be_visible()
    expect(page.get_by_label("Laser wavelength")).to_have_value("seven")
    expect(page.get_by_label("Exhibit number")).to_have_value("S-1")


def test_a_slip_in_the_form_brings_it_back_as_it_was(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"), expect={422})
    page = visitor.page
    visitor.go("/scans/new")
    page.get_by_text("More, if you know it").click()
    page.get_by_label("Laser wavelength").fill("seven")
    send(page, DRUG, Exhibit_number="S-1")
    refused(page)
    expect(page.get_by_label("Laser wavelength")).to_be_focused()
    assert visitor.grave_findings() == []
    visitor.picture("form-refused")
    page.get_by_label("Laser wavelength").fill("785,0 nm")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("MIXTURE")


def test_a_slip_in_the_form_without_scripts(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"), javascript=False, expect={422})
    page = visitor.page
    visitor.go("/scans/new")
    page.get_by_text("More, if you know it").click()
    page.get_by_label("Laser wavelength").fill("seven")
    send(page, DRUG, Exhibit_number="S-1")
    refused(page)


def test_what_was_typed_stays_until_a_scan_was_taken(visit: Visit, running_desk: RunningDesk, tmp_path: Path) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "nora", "north"), expect={422})
    page = visitor.page
    visitor.go("/scans/new")
    huge = tmp_path / "huge.spc"
    with huge.open("wb") as hole:
        hole.truncate(33 * 1024 * 1024)
    page.get_by_label("Exhibit number").fill("T-1")
    page.get_by_label("Scan files").set_input_files(huge)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("This file is too large to be a scan.")).to_be_visible()
    page.get_by_role("link", name="Next sample").click()
    expect(page.get_by_label("Exhibit number")).to_have_value("T-1")
    send(page, file("empty.jdx", b""))
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_text("the file is empty")).to_be_visible()
    page.get_by_role("link", name="Send another file").click()
    expect(page.get_by_label("Exhibit number")).to_have_value("T-1")
    send(page, DRUG)
    page.wait_for_url(SCAN_PAGE)
    visitor.go("/scans/new")
    expect(page.get_by_label("Exhibit number")).to_have_value("")
