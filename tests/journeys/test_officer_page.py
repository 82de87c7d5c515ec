"""An officer with a phone: a scan and photos go out, the verdict and then the chemist's answer come in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import FilePayload, Page, Request, Route, expect

from reachback.accounts.models import Role
from tests.journeys.browsing import DESK, EXAMPLES, RunningDesk, Visitor
from tests.journeys.made_scans import fentanyl_scan

Visit = Callable[..., Visitor]
LIMIT = 150_000  # [bytes] of a page with all it needs, compressed
SCAN_PAGE = re.compile(r"/scans/[0-9a-f-]{36}$")
DRUG, UNKNOWN, UNUSABLE = (EXAMPLES / f"{name}.jdx" for name in ("ftir_cut_drug", "raman_unknown", "ftir_unusable"))
PHOTO = b"\xff\xd8\xff\xe0 a photo of a bag"


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg" if name.endswith("jpg") else "", "buffer": content}


def send(page: Page, *files: Path | FilePayload, **fields: str) -> None:
    chosen = [file(each.name, each.read_bytes()) if isinstance(each, Path) else each for each in files]
    page.get_by_label("Scan files").set_input_files(chosen)
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def see_drawing(page: Page) -> None:
    drawing = page.get_by_role("img", name="Drawing of the scan")
    drawing.scroll_into_view_if_needed()
    drawing.evaluate("image => image.decode()")


def chemist(desk: RunningDesk, name: str = "carla") -> httpx.Client:
    return desk.api(Role.CHEMIST, name)


def claim(reader: httpx.Client, case_id: str) -> str:
    return str(reader.post(f"/cases/{case_id}/claim").json()["lease"]["token"])


def case_of(desk: RunningDesk, page: Page) -> str:
    scan_id = page.url.rsplit("/", 1)[1]
    with desk.api(Role.OFFICER, "anna", "harbour") as anna:
        return str(anna.get(f"/scans/{scan_id}").json()["case"]["case_id"])


def test_a_scan_its_question_and_its_answer(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"))
    page = visitor.page
    expect(page).to_have_url(re.compile("/scans/new$"))
    assert visitor.grave_findings() == []
    visitor.picture("officer-new-scan")
    page.get_by_label("Photos", exact=True).set_input_files([file("bag.jpg", PHOTO)])
    send(page, DRUG, Exhibit_number="A-7", Where_it_was_found="a parcel")
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("MIXTURE")
    expect(page.get_by_text("PRESUMPTIVE – not confirmed")).to_be_visible()
    expect(page.get_by_text(re.compile("Fentanyl not seen. This scan cannot see it below about"))).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Waiting for a chemist.*5\d min left", re.DOTALL))
    see_drawing(page)
    assert visitor.grave_findings() == []
    assert visitor.overflow() <= 0
    visitor.picture("officer-verdict")

    # The chemist asks; the page shows it by itself, and the answer goes back from it.
    case_id = case_of(running_desk, page)
    with chemist(running_desk) as carla:
        lease = claim(carla, case_id)
        expect(page.get_by_role("status")).to_contain_text("A chemist is reading it")
        asked = {"lease_token": lease, "question": "Was it measured through the bag?"}
        assert carla.post(f"/cases/{case_id}/ask-officer", json=asked).is_success
        expect(page.get_by_text("Was it measured through the bag?")).to_be_visible()
        answer = page.get_by_label("Your answer")
        answer.fill("No, on the crystal")
        page.reload()
        expect(page.get_by_label("Your answer")).to_have_value("No, on the crystal")
        visitor.picture("officer-question")
        page.get_by_role("button", name="Send the answer").click()
        expect(page.get_by_text("No, on the crystal")).to_be_visible()
        expect(page.get_by_role("button", name="Send the answer")).to_have_count(0)
        said = {"lease_token": lease, "outcome": "mixture", "comment": "All bands explained."}
        parts = [{"substance": name} for name in ("cocaine", "lactose", "caffeine")]
        assert carla.post(f"/cases/{case_id}/finding", json={**said, "components": parts}).is_success
        assert carla.post(f"/cases/{case_id}/release", json={}).is_success
    expect(page.get_by_role("heading", level=1)).to_contain_text("cocaine + lactose + caffeine")
    expect(page.get_by_text("All bands explained.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Answered")
    assert visitor.grave_findings() == []
    visitor.picture("officer-answer")


def test_what_is_named_as_fentanyl_is_handled_with_care_first(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"), dark=True)
    page = visitor.page
    send(page, file("field.jdx", fentanyl_scan()))
    page.wait_for_url(SCAN_PAGE)
    headings = page.get_by_role("main").get_by_role("heading")
    expect(headings.first).to_contain_text("Handle with care")
    expect(page.get_by_text("Wear gloves; nitrile gloves protect enough for routine handling.")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("officer-fentanyl-dark")


def test_without_scripts(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"), javascript=False, expect={422})
    page = visitor.page
    send(page, file("IMG_1.jpg", PHOTO))
    expect(page.get_by_text("This is a picture, not a scan.")).to_be_visible()
    page.get_by_role("link", name="Next sample").click()
    send(page, DRUG, UNKNOWN, file("notes.txt", b"hello there"))
    expect(page.get_by_text("MIXTURE")).to_be_visible()
    expect(page.get_by_text("NO MATCH")).to_be_visible()
    expect(page.get_by_text("this looks like text without a table of numbers")).to_be_visible()
    page.get_by_role("link", name="Read the verdict ftir_cut_drug.jdx").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("MIXTURE")
    expect(page.get_by_text(re.compile(r"Answer due \d\d:\d\d UTC"))).to_be_visible()
    assert page.get_by_role("img", name="Drawing of the scan").get_attribute("src")
    page.get_by_role("link", name="Our scans").first.click()
    page.get_by_label("Search", exact=True).fill("raman_unknown")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)


def test_files_by_the_dozen_and_pictures_among_them(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"), expect={422})
    page = visitor.page
    many = [file(f"{n}.txt", b"1 2") for n in range(200)]
    send(page, *many)
    expect(page.get_by_text("You chose 200 files. Is that what you meant?")).to_be_visible()
    visitor.picture("officer-many")
    page.get_by_role("button", name="Choose again").click()
    send(page, file("IMG_1.jpg", PHOTO))
    expect(page.get_by_role("alert")).to_contain_text("These are pictures, not scans")
    send(page, UNUSABLE, file("IMG_2.jpg", PHOTO + b"2"))
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("SCAN NOT USABLE")
    page.get_by_text("What was sent").click()
    expect(page.get_by_role("link", name=re.compile("IMG_"))).to_have_count(2)
    visitor.picture("officer-unusable")


def test_a_lost_line_and_a_session_that_ended(visit: Visit, running_desk: RunningDesk) -> None:
    name = running_desk.person(Role.OFFICER, "otto", "line")
    visitor = visit(name, expect={401})
    visitor.expected_texts = ("ERR_CONNECTION_RESET",)
    page, context = visitor.page, visitor.page.context
    # The upload arrives, and its answer is lost: the retry must not make a second scan.
    lost: list[str] = []

    def lose_first_answer(route: Route) -> None:
        if lost:
            route.fallback()
            return
        lost.append("answer")
        route.fetch()
        route.abort("connectionreset")

    context.route("**/scans/one", lose_first_answer)
    context.clear_cookies()
    page.get_by_label("Scan files").set_input_files([DRUG])
    page.get_by_label("Exhibit number").fill("L-1")
    page.get_by_role("button", name="Send", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(page.get_by_text("No connection. It is sent as soon as there is one")).to_be_visible()
    page.get_by_role("button", name="Try again now").click()
    expect(dialog).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("officer-session-ended")
    dialog.get_by_label("Password").fill("a long enough password")
    dialog.get_by_role("button", name="Sign in").click()
    page.wait_for_url(SCAN_PAGE)
    page.get_by_role("link", name="Our scans").first.click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)


def test_where_the_stream_does_not_come_through_the_page_asks(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"))
    visitor.expected_texts = ("ERR_FAILED",)
    page = visitor.page
    page.context.route("**/api/v1/events", lambda route: route.abort())
    page.clock.install()
    send(page, UNKNOWN)
    page.wait_for_url(SCAN_PAGE)
    with chemist(running_desk) as carla:
        claim(carla, case_of(running_desk, page))
    page.clock.fast_forward(21_000)
    expect(page.get_by_role("status")).to_contain_text("A chemist is reading it")


def test_without_htmx_the_page_says_that_there_is_news(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "anna", "harbour"))
    visitor.expected_texts = ("ERR_FAILED",)
    page = visitor.page
    page.context.route("**/vendor/htmx.min.js", lambda route: route.abort())
    send(page, UNKNOWN, Exhibit_number="N-1")
    page.wait_for_url(SCAN_PAGE)
    page.wait_for_timeout(1500)  # the stream has to be open
    with chemist(running_desk) as carla:
        claim(carla, case_of(running_desk, page))
    page.get_by_role("alert").get_by_role("link", name="Look again").click()
    expect(page.get_by_role("status")).to_contain_text("A chemist is reading it")


def test_in_spanish_on_the_narrowest_screen(visit: Visit, running_desk: RunningDesk) -> None:
    name = running_desk.person(Role.OFFICER, "luz", "puerto")
    visit(name)
    visitor = visit(name, language="es-ES", size=(320, 640))
    page = visitor.page
    page.get_by_label("Archivos de escaneo").set_input_files([file("campo.jdx", fentanyl_scan())])
    page.get_by_role("button", name="Enviar", exact=True).click()
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("MEZCLA")
    expect(page.get_by_role("status")).to_contain_text(
        re.compile(r"En espera de un químico.*quedan 5\d min", re.DOTALL)
    )
    expect(page.get_by_text("Use guantes; los de nitrilo")).to_be_visible()
    assert visitor.grave_findings() == []
    assert visitor.overflow() <= 0
    visitor.picture("officer-spanish")


def test_by_keyboard_alone(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "kim", "keys"), size=DESK)
    page = visitor.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    field = page.get_by_label("Scan files")
    expect(field).to_be_focused()
    field.set_input_files([UNKNOWN])  # the system's own window of files is no page of ours
    for _ in range(30):
        if page.evaluate("document.activeElement.textContent.trim()") == "Send":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(SCAN_PAGE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("NO MATCH")


def test_other_units_see_nothing_of_it(visit: Visit, running_desk: RunningDesk) -> None:
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        sent = anna.post("/scans", files={"file": ("secret.jdx", UNKNOWN.read_bytes())}).json()
    visitor = visit(running_desk.person(Role.OFFICER, "ben", "airport"), expect={404})
    for path in ("", "/now", "/picture.svg"):
        assert visitor.page.request.get(f"{running_desk.address}/scans/{sent['scan_id']}{path}").status == 404
    visitor.go(f"/scans/{sent['scan_id']}")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Not found")
    visitor.go("/scans?q=secret")
    expect(visitor.page.get_by_text("No scan fits.")).to_be_visible()


def test_pages_are_light(visit: Visit, running_desk: RunningDesk) -> None:
    visitor = visit(running_desk.person(Role.OFFICER, "lisa", "light"))
    page = visitor.page
    send(page, DRUG)
    page.wait_for_url(SCAN_PAGE)
    scan = page.url
    for path in ("/scans/new", scan.removeprefix(running_desk.address), "/scans"):
        fresh = visit("lisa", begin=False)  # nothing is in this browser's store
        loaded = noting_loads(fresh.page)
        fresh.go(path)
        if path.count("-") > 2:
            see_drawing(fresh.page)
        assert 20_000 < sum(map(weight, loaded)) < LIMIT, path


def noting_loads(page: Page) -> list[Request]:
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108 – a bound method of list has no name
    return loaded


def weight(request: Request) -> int:
    return int(request.sizes()["responseBodySize"])
