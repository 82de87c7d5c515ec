"""A chemist before a screen: the worklist as it changes, the workbench from the first look to the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from reachback.accounts.models import Role
from tests.journeys.browsing import DESK, EXAMPLES, PASSWORD, RunningDesk, Visitor
from tests.journeys.made_scans import fentanyl_scan

Visit = Callable[..., Visitor]
LIMIT = 150_000  # [bytes] of a page with all it needs, compressed
WIDE = (1600, 1000)
CUT, PURE, UNKNOWN, UNUSABLE, RAMAN = (
    (EXAMPLES / f"{name}.jdx").read_bytes()
    for name in ("ftir_cut_drug", "ftir_pure_drug", "ftir_unknown", "ftir_unusable", "raman_pure_material")
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f00038401805a34"
    "7d6b0000000049454e44ae426082"
)
SAID = {"suspicion": "cocaine", "comment": "smells of petrol", "appearance": "white powder", "want_review": True}


@pytest.fixture(autouse=True)
def _empty_list(running_desk: RunningDesk) -> None:
    """Every test begins with nothing waiting."""
    with running_desk.api(Role.SUPERVISOR, "sweeper") as sweeper:
        for state in ("queued", "claimed", "awaiting_officer", "second_read", "third_read", "found"):
            for case in sweeper.get("/cases", params={"state": state, "limit": 200}).json()["items"]:
                sweeper.post(f"/cases/{case['case_id']}/withdraw", json={})


def send(desk: RunningDesk, content: bytes, exhibit: str, name: str = "scan.jdx", **form: Any) -> str:
    """A scan from an officer; the id of its case."""
    with desk.api(Role.OFFICER, "anna", "harbour") as anna:
        said = {**SAID, "exhibit": exhibit, **form}
        files = [("file", (name, content)), ("photo_powder", ("bag.png", PNG))]
        sent = anna.post("/scans", files=files, data={"metadata": json.dumps(said)})
        assert sent.is_success, sent.text
        return str(sent.json()["case"]["case_id"])


def chemist(desk: RunningDesk, name: str) -> httpx.Client:
    return desk.api(Role.CHEMIST, desk.person(Role.CHEMIST, name))


def look(page: Page, text: str = "several substances") -> None:
    """First impression, by keyboard."""
    expect(page.locator("#view canvas").first).to_be_visible()
    expect(page.locator("#lease")).to_contain_text("yours until")
    page.keyboard.press("i")
    expect(page.get_by_label("In your words")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("section.machine").first).to_be_visible()


def rows(page: Page) -> Locator:
    return page.locator("#set tbody tr")


def test_from_the_worklist_to_the_answer_by_keyboard_alone(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, CUT, "K-1", strips=[{"kind": "fentanyl", "result": "negative"}])
    visitor = visit(running_desk.person(Role.CHEMIST, "carla"), size=WIDE)
    page = visitor.page
    expect(page).to_have_url(re.compile("/desk$"))
    expect(page.get_by_role("row")).to_have_count(2)
    assert visitor.grave_findings() == []
    visitor.picture("chemist-worklist")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Take next":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{case_id}")

    # Blind: the curve and how it was measured, and nothing that anybody thinks.
    expect(page.locator("#view canvas").first).to_be_visible()
    expect(page.locator("#peaks-in-words")).to_contain_text("Strongest peaks at")
    expect(page.get_by_text("white powder")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("cocaine|petrol|MIXTURE|negative"))
    assert visitor.grave_findings() == []
    visitor.picture("chemist-blind")
    look(page)

    # Everything unfolds without a reload, and the machine's fit is on the curve.
    expect(page.locator("section.machine h2").first).to_contain_text("MIXTURE")
    expect(page.get_by_text("smells of petrol")).to_be_visible()
    expect(page.get_by_text("fentanyl: negative")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Photo: powder"))).to_be_visible()
    expect(rows(page).nth(0)).to_contain_text(re.compile("lactose.*next in its place"))
    expect(rows(page).nth(1)).to_contain_text("20 of 20 shown")
    page.keyboard.press("p")
    page.keyboard.press("2")
    expect(page.get_by_label("Lay over the scan: cocaine (hydrochloride)")).to_be_checked()
    assert visitor.grave_findings() == []
    visitor.picture("chemist-workbench")

    # Another set is fitted at once; what is left over names what was taken out.
    page.keyboard.press("Shift+Digit2")
    expect(page.locator("#suggestions")).to_contain_text("cocaine (hydrochloride)")
    expect(page.locator("#set-says")).to_contain_text("Bands left at")
    page.keyboard.press("x")
    expect(page.get_by_label("In the fit: cocaine (hydrochloride)")).to_be_checked()
    expect(page.locator("#suggestions")).not_to_contain_text("cocaine")
    for key in ("w", "d", "m", "b", "+", "ArrowLeft", "ArrowRight", "-", "0", "f", "e", "l", "k", "f", "e", "l", "k"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Baseline off")).to_have_attribute("aria-pressed", "true")

    # Keys are explained, and off where somebody does not want them.
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("chemist-keys")
    page.keyboard.press("Escape")

    # The finding, taken back once, then sent.
    page.keyboard.press("a")
    expect(page.locator("#parts li")).to_have_count(3)
    expect(page.get_by_label(re.compile("^Mixture"))).to_be_checked()
    page.keyboard.press("s")
    page.get_by_label("To the officer, in words").focus()
    page.keyboard.type("All bands are explained.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sending-says")).to_contain_text(re.compile(r"“Mixture: .*cocaine.*” goes out in \d+ seconds"))
    visitor.picture("chemist-ten-seconds")
    page.keyboard.press("u")
    expect(page.locator("#draft-says")).to_have_text("Taken back. Nothing was sent.")
    with chemist(running_desk, "cyril") as cyril:
        assert cyril.get(f"/cases/{case_id}").json()["state"] == "claimed"
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name=re.compile("Take it back"))).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # send at once
    expect(page.locator("#done-says")).to_have_text(re.compile("Sent: the officer has the answer|A second chemist"))
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        shown = anna.get(f"/cases/{case_id}").json()
    assert shown["state"] in ("released", "second_read")
    page.keyboard.press("n")
    expect(page.get_by_text("Nothing waits for you at this moment.")).to_be_visible()
    expect(page.get_by_text("New cases appear by themselves.")).to_be_visible()


def test_the_list_changes_and_nothing_jumps_under_the_pointer(visit: Visit, running_desk: RunningDesk) -> None:
    for number in (1, 2):
        send(running_desk, UNKNOWN, f"L-{number}")
    visitor = visit(running_desk.person(Role.CHEMIST, "lena"), size=DESK)
    page = visitor.page
    news = page.locator("#news button")
    page.get_by_role("link", name="L-2").hover()
    places = page.evaluate("[...document.querySelectorAll('tr[data-case]')].map(r => r.getBoundingClientRect().top)")
    urgent = send(running_desk, UNKNOWN, "L-0", exposure=True)
    expect(news).to_have_text("1 changes – show them (press R)")
    with chemist(running_desk, "otto") as otto:
        claimed = otto.post("/cases/claim-next").json()
        assert claimed["case"]["case_id"] == urgent
        otto.post("/cases/claim-next")
    expect(page.get_by_role("row", name=re.compile("L-1"))).to_contain_text("otto")
    now = page.evaluate("[...document.querySelectorAll('tr[data-case]')].map(r => r.getBoundingClientRect().top)")
    assert now == places, "rows stay where they are"
    expect(page.get_by_role("link", name="L-0")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.get_by_role("row").nth(1)).to_contain_text(re.compile("Urgent.*L-0.*otto", re.DOTALL))
    expect(news).to_be_hidden()
    # Away from the list it is put in order by itself.
    page.mouse.move(5, 5)
    page.get_by_role("heading", level=1).click()
    send(running_desk, UNKNOWN, "L-3")
    expect(page.get_by_role("link", name="L-3")).to_be_visible()
    page.get_by_label("Show").select_option("what I can take")
    page.get_by_label("Lane").select_option("General")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name=re.compile("^L-"))).to_have_text(["L-2", "L-3"])
    assert visitor.grave_findings() == []


def test_a_case_another_chemist_took_and_a_text_that_stays(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, UNUSABLE, "T-1")
    with chemist(running_desk, "tom") as tom:
        visitor = visit(running_desk.person(Role.CHEMIST, "tina"), size=DESK, expect={401, 409})
        page = visitor.page
        tom.post(f"/cases/{case_id}/claim")
        page.goto(f"{running_desk.address}/desk/cases/{case_id}")
        expect(page.get_by_text("tom is reading this case now.")).to_be_visible()
        expect(page.get_by_role("button", name="Take next")).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text("SCAN NOT USABLE")
        lease = tom.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        tom.post(f"/cases/{case_id}/hand-back", json={"lease_token": lease})
        expect(page.get_by_role("button", name="Take this case")).to_be_visible()
        page.get_by_role("button", name="Take this case").click()
        look(page, "too noisy")
        expect(rows(page).first).to_contain_text("like the whole scan")

        # The session ends while something is written: it is signed in again over the page, and the text goes out.
        page.get_by_label(re.compile("^Not identified")).check()
        page.get_by_label("To the officer, in words").fill("Scan again, please.")
        expect(page.locator("#draft-says")).to_contain_text("Draft saved")
        page.context.clear_cookies()
        page.keyboard.press("Control+Enter")
        page.get_by_role("button", name="Send at once").click()
        dialog = page.get_by_role("dialog", name="Your session has ended")
        expect(dialog).to_be_visible()
        dialog.get_by_label("Password").fill(PASSWORD)
        # Meanwhile the hold is lost to somebody else: the finding is refused, and stays.
        lease = page.evaluate(f"sessionStorage.getItem('lease/{case_id}')")
        tina = running_desk.api(Role.CHEMIST, "tina")
        tina.post(f"/cases/{case_id}/hand-back", json={"lease_token": lease})
        tina.close()
        tom.post(f"/cases/{case_id}/claim")
        dialog.get_by_role("button", name="Sign in").click()
        expect(page.locator("#finding-refused")).to_contain_text("What you wrote is kept.")
        expect(page.get_by_text("tom is reading this case now.")).to_be_visible()
        expect(page.get_by_label("To the officer, in words")).to_have_value("Scan again, please.")
        visitor.picture("chemist-taken")
        tom_lease = tom.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        tom.post(f"/cases/{case_id}/hand-back", json={"lease_token": tom_lease})
        page.evaluate("sessionStorage.clear()")  # another machine: the service's own draft comes back
        page.reload()
        expect(page.get_by_label("To the officer, in words")).to_have_value("Scan again, please.")
        expect(page.get_by_label(re.compile("^Not identified"))).to_be_checked()


def test_the_second_reader_is_blind_and_the_question_comes_back(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, fentanyl_scan(), "S-1")
    with chemist(running_desk, "first") as first:
        lease = first.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        parts = [{"substance": name} for name in ("fentanyl", "mannitol")]
        said = {"outcome": "mixture", "components": parts, "comment": "as plain as day"}
        done = first.post(f"/cases/{case_id}/finding", json={"lease_token": lease, **said}).json()
        assert done["case"]["state"] == "second_read"
    visitor = visit(running_desk.person(Role.CHEMIST, "second"), size=DESK)
    page = visitor.page
    expect(page.get_by_role("row", name=re.compile("S-1"))).to_contain_text("second reading, blind")
    page.get_by_role("button", name="Take next").click()
    page.wait_for_url("**/desk/cases/*")
    expect(page.locator("#view canvas").first).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("fentanyl\\b.*MIXTURE|as plain as day"))
    expect(page.locator("#case-now")).to_contain_text("Urgent")  # how urgent, and not of what
    look(page)
    expect(page.locator("section.machine h2").first).to_be_visible()
    expect(page.locator("#case-now")).to_contain_text("Fentanyl")
    page.get_by_text("What readers said").click()
    expect(page.get_by_text("what he found is shown after your own finding")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("as plain as day")
    page.keyboard.press("Escape")
    # The fit comes after the views; before it there is nothing to take.
    expect(page.get_by_role("checkbox", name=re.compile("mannitol.*fit|fit.*mannitol")).first).to_be_checked()
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send at once").click()
    expect(page.locator("#done-says")).to_have_text("Sent: the officer has the answer.")
    with chemist(running_desk, "first") as first:
        assert first.get(f"/cases/{case_id}").json()["state"] == "released"


def test_two_techniques_side_by_side_earlier_cases_and_the_officers_answer(
    visit: Visit, running_desk: RunningDesk
) -> None:
    earlier = send(running_desk, PURE, "E-0")
    with chemist(running_desk, "erik") as erik:
        lease = erik.post(f"/cases/{earlier}/claim").json()["lease"]["token"]
        said = {"outcome": "identified", "components": [{"substance": "cocaine"}]}
        erik.post(f"/cases/{earlier}/finding", json={"lease_token": lease, **said})
        erik.post(f"/cases/{earlier}/release", json={})
    case_id = send(running_desk, PURE, "E-1")
    assert send(running_desk, RAMAN, "E-1", "raman.jdx") == case_id
    visitor = visit(running_desk.person(Role.CHEMIST, "edda"), size=WIDE, dark=True)
    page = visitor.page
    page.get_by_role("button", name="Take next").click()
    look(page)
    expect(page.get_by_role("heading", name="All of the exhibit together")).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("#view-beside canvas").first).to_be_visible()
    page.keyboard.press("]")
    expect(page.locator("section.machine:not([hidden])")).to_contain_text("polystyrene")
    page.keyboard.press("[")
    page.get_by_text("Similar earlier cases").click()
    expect(page.get_by_role("link", name="E-0")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("E-0"))).to_contain_text(re.compile("cocaine.*1.00", re.DOTALL))
    page.get_by_text("The file as written").click()
    expect(page.get_by_text("##TITLE=SIMULATED example")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("chemist-side-by-side-dark")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("o")
    page.get_by_role("button", name="Was it measured through the bag?").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("The officer has been asked.")).to_be_visible()
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        anna.post(f"/cases/{case_id}/officer-answer", json={"answer": "No, on the crystal."})
    expect(page.get_by_text("No, on the crystal.")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The officer has answered.")
    page.get_by_role("heading", level=1).click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("h")
    expect(page.get_by_text("You have handed the case back")).to_be_visible()


def test_an_answer_is_amended_and_the_sample_goes_to_a_laboratory(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, CUT, "M-1")
    visitor = visit(running_desk.person(Role.CHEMIST, "carla"), size=WIDE)
    page = visitor.page
    page.get_by_role("button", name="Take next").click()
    page.wait_for_url(f"**/desk/cases/{case_id}")
    expect(page.get_by_role("button", name="Send to a laboratory")).to_have_count(0)
    look(page)
    expect(page.get_by_label("In the fit: cocaine (hydrochloride)")).to_be_checked()
    page.keyboard.press("d")
    page.get_by_text("What you looked at goes along").click()
    expect(page.locator("#evidence-used li").first).to_contain_text("fit of FTIR: lactose")

    # To a laboratory, with a clock of its own; the answer does not wait for it.
    page.get_by_role("button", name="Send to a laboratory").click()
    page.get_by_label("Which laboratory").fill("North laboratory")
    assert visitor.grave_findings() == []
    visitor.picture("chemist-referral")
    page.keyboard.press("Enter")
    expect(page.locator(".laboratory")).to_contain_text(re.compile(r"North laboratory.*2[34] h left", re.DOTALL))
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send at once").click()
    expect(page.locator("#done-says")).to_have_text("Sent: the officer has the answer.")
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        first = anna.get(f"/cases/{case_id}/reply").json()
    assert "looked at the first derivative" in first["content"]["evidence_used"]
    assert first["content"]["evidence_used"][0].startswith("fit of FTIR: lactose (monohydrate)")

    # A new version: begun from what holds now, with a reason, and the first one stays.
    page.reload()
    page.get_by_role("button", name="Amend the answer").first.click()
    expect(page.get_by_label("Why the answer is amended")).to_be_focused()
    expect(page.get_by_label("Substance").first).not_to_have_value("")
    expect(page.get_by_label(re.compile("^Mixture"))).to_be_checked()
    page.get_by_label("To the officer, in words").fill("Also heated.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#finding-refused")).to_have_text("Say why the answer is amended.")
    page.get_by_label("Why the answer is amended").fill("I had not said that it was heated.")
    assert visitor.grave_findings() == []
    visitor.picture("chemist-amendment")
    page.reload()
    expect(page.get_by_label("Why the answer is amended")).to_have_value("I had not said that it was heated.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sending-says")).to_contain_text("replaces version 1")
    page.get_by_role("button", name="Send at once").click()
    expect(page.locator("#done-says")).to_have_text("Sent: everybody who had the answer has the new version.")
    expect(page.locator(".answers")).to_contain_text("I had not said that it was heated.")
    page.locator(".answers summary").click()
    expect(page.locator(".answers li")).to_contain_text("Version 1")
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        newest, oldest = anna.get(f"/cases/{case_id}/replies").json()["items"]
        assert newest["content"]["amended_because"] == "I had not said that it was heated."
        assert oldest == first
        report = page.locator(".answers li a").get_attribute("href")
        assert anna.get(f"{running_desk.address}{report}").content.startswith(b"%PDF")

    # What the laboratory finds stands there, and whether it bears the answer out.
    with running_desk.api(Role.LIBRARIAN, "libby") as libby:
        parts = [{"substance": "caffeine"}]
        result = {"laboratory": "North laboratory", "technique": "GC-MS", "components": parts, "reference_number": "N1"}
        done = libby.post(f"/cases/{case_id}/lab-result", json={**result, "reported_at": "2026-01-01T10:00:00Z"})
        assert done.json()["agrees"] is False
    page.reload()
    expect(page.locator(".laboratory")).to_contain_text(re.compile("caffeine.*contradicts the answer", re.DOTALL))
    visitor.picture("chemist-laboratory-result")


def test_a_supervisor_looks_on_and_others_do_not(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, PURE, "V-1")
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=DESK)
    visitor.go(f"/desk/cases/{case_id}")
    expect(visitor.page.locator("section.machine h2")).to_contain_text("MATCH")
    expect(visitor.page.locator("#finding")).to_have_count(0)
    for path in ("", "/evidence.json", "/now", "/views"):
        for role, name in ((Role.OFFICER, "anna"), (Role.LIBRARIAN, "lib")):
            with running_desk.api(role, name, "harbour") as client:
                assert client.get(f"{running_desk.address}/desk/cases/{case_id}{path}").status_code == 403, path


def test_the_workbench_is_light(visit: Visit, running_desk: RunningDesk) -> None:
    case_id = send(running_desk, CUT, "W-1")
    send(running_desk, RAMAN, "W-1", "raman.jdx")
    visitor = visit(running_desk.person(Role.SUPERVISOR, "sam"), size=DESK)
    for path in (f"/desk/cases/{case_id}", "/desk"):
        context = visitor.page.context.browser.new_context(storage_state=visitor.page.context.storage_state())  # type: ignore[union-attr]
        fresh = context.new_page()
        loaded: list[Request] = []
        fresh.on("requestfinished", noting(loaded))
        fresh.goto(running_desk.address + path)
        if path.endswith(case_id):
            fresh.keyboard.press("v")
            expect(fresh.locator("#view-beside canvas").first).to_be_visible()
        fresh.wait_for_timeout(300)
        total = sum(request.sizes()["responseBodySize"] for request in loaded)
        context.close()
        assert 10_000 < total < LIMIT, path


def noting(loaded: list[Request]) -> Callable[[Request], None]:
    def note(request: Request) -> None:
        loaded.append(request)

    return note
