#!/usr/bin/env python3
"""Take the pictures of pages that the guides in docs/ show, from a desk that runs for it.

    python scripts/take_pictures.py [--out docs/pictures] [officer] [chemist] [laboratory] [supervisor]

Run it where the project is installed for development, on a machine with Chromium. The scans are the shipped examples
and simulated ones; nobody measured them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, sync_playwright

from library.proposals import propose_folder
from library.starter import starter_folder
from library.store import LibraryStore, review
from reachback.accounts.models import Role
from tests.contracts.made_year import make_year, write_audited
from tests.journeys.browsing import EXAMPLES, PHONE, RunningDesk, Visitor, find_chromium, serve_desk
from tests.journeys.made_scans import fentanyl_scan

SCAN_PAGE = re.compile(r"/scans/[0-9a-f-]{36}")
DESKTOP = (1600, 960)
LABORATORY = (1280, 900)
CUTTING_AGENT = (EXAMPLES / "ftir_cutting_agent_lactose.jdx").read_bytes()
OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def main() -> int:
    """Take them all, or those of one guide."""
    parser = argparse.ArgumentParser(description="Take the pictures that the guides show.")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("guides", nargs="*", choices=[*GUIDES, []], help="guides to take pictures for; all if left out")
    asked = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium on this machine: install it (apt-get install chromium).", file=sys.stderr)
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="reachback-pictures-") as folder,
        serve_desk(Path(folder)) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in asked.guides or GUIDES:
            GUIDES[name](desk, browser, asked.out)
        browser.close()
    return 0


def officer(desk: RunningDesk, browser: Browser, out: Path) -> None:
    """A phone: the form, a verdict, fentanyl, a question, the answer, the list."""
    desk.person(Role.OFFICER, "Anna Berg", "Harbour")
    visitor = open_window(desk, browser, "Anna Berg", PHONE)
    page = visitor.page
    page.get_by_label("Exhibit number").fill("H-2026-014")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=out / "officer-form.png")
    send(page, "field_scan.jdx", fentanyl_scan())
    page.screenshot(path=out / "officer-fentanyl.png")
    visitor.go("/scans/new")
    page.get_by_label("Exhibit number").fill("H-2026-015")
    send(page, "parcel.jdx", (EXAMPLES / "ftir_cut_drug.jdx").read_bytes())
    page.screenshot(path=out / "officer-verdict.png")
    scan_id = page.url.rsplit("/", 1)[1]
    with desk.api(Role.OFFICER, "Anna Berg", "Harbour") as anna, desk.api(Role.CHEMIST, "Carla Ruiz") as carla:
        case_id = anna.get(f"/scans/{scan_id}").json()["case"]["case_id"]
        lease = carla.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        asked = {"lease_token": lease, "question": "Was it measured through the bag?"}
        carla.post(f"/cases/{case_id}/ask-officer", json=asked)
        page.get_by_label("Your answer").fill("No, on the crystal.")
        page.get_by_role("heading", name="The chemist").scroll_into_view_if_needed()
        page.screenshot(path=out / "officer-question.png")
        page.get_by_role("button", name="Send the answer").click()
        parts = [{"substance": name} for name in ("cocaine", "lactose", "caffeine")]
        said = {"lease_token": lease, "outcome": "mixture", "components": parts, "comment": "All bands explained."}
        carla.post(f"/cases/{case_id}/finding", json=said)
        carla.post(f"/cases/{case_id}/release", json={})
    page.get_by_text("All bands explained.").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=out / "officer-answer.png")
    visitor.go("/scans")
    page.screenshot(path=out / "officer-scans.png")
    visitor.end()


def chemist(desk: RunningDesk, browser: Browser, out: Path) -> None:
    """A large screen: the worklist, the first look, the workbench unfolded, a trace by itself, the ten seconds."""
    desk.person(Role.CHEMIST, "Carla Ruiz")
    scans = [("cut drug", "H-2026-021"), ("unknown", "H-2026-022"), ("fentanyl", "H-2026-020")]
    with desk.api(Role.OFFICER, "Ben Roth", "Harbour") as ben:
        for name, exhibit in scans:
            file = EXAMPLES / f"ftir_{name.replace(' ', '_')}.jdx"
            content = fentanyl_scan() if name == "fentanyl" else file.read_bytes()
            strip = [{"kind": "fentanyl", "result": "positive" if name == "fentanyl" else "negative"}]
            form = {"exhibit": exhibit, "appearance": "white powder", "place": "parcel", "strips": strip}
            sent = {"metadata": json.dumps({**form, "want_review": True})}
            ben.post("/scans", files={"file": ("field_scan.jdx", content)}, data=sent)
    visitor = open_window(desk, browser, "Carla Ruiz", DESKTOP)
    page = visitor.page
    visitor.go("/desk")
    page.screenshot(path=out / "chemist-worklist.png")
    page.get_by_role("button", name="Take next").click()
    page.locator("#view canvas").first.wait_for()
    page.get_by_text("yours until").wait_for()
    page.screenshot(path=out / "chemist-first-look.png")
    page.get_by_label("In your words").fill("Mostly a sugar alcohol, and something with a carbonyl at 1650.")
    page.get_by_role("button", name="Record, and unfold").click()
    page.locator("#set tbody tr").nth(2).wait_for()
    page.screenshot(path=out / "chemist-workbench.png")
    page.keyboard.press("2")
    page.keyboard.press("w")
    page.wait_for_timeout(500)
    page.locator(".sight").screenshot(path=out / "chemist-trace.png")
    page.keyboard.press("a")
    page.get_by_role("button", name="as fentanyl").click()
    page.keyboard.press("Control+Enter")
    page.locator("#finding-section").screenshot(path=out / "chemist-ten-seconds.png")
    page.keyboard.press("u")
    visitor.end()


def laboratory(desk: RunningDesk, browser: Browser, out: Path) -> None:
    """A desk's screen: references, a proposal from a file, review, a conflict, a result that contradicts."""
    at = desk.services.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    store = LibraryStore.create(desk.services.references.catalogue.place, "narcotics", "Dora Lind", at)
    taken = propose_folder(store, starter_folder(), "Dora Lind", at)
    review(store, taken.proposed, "Emil Sand", at)
    pure = (EXAMPLES / "ftir_pure_drug.jdx").read_bytes()
    desk.person(Role.LIBRARIAN, "Dora Lind")
    with desk.api(Role.LIBRARIAN, "Dora Lind") as dora:
        for substance, form, file in (("cocaine", "hydrochloride", pure), ("sample 17", "", CUTTING_AGENT)):
            said = {"substance": substance, "form": form, "mode": "ATR", "source": "our bench", "licence": "our own"}
            if not form:
                said |= {"identity": "our bench", "controlled": "no"}
            sent = dora.post(
                "/library/references",
                files={"file": (f"{substance}.jdx", file)},
                data={"metadata": json.dumps({**said, "instrument": "bench FTIR", "purity": "98 %"})},
            )
            sent.raise_for_status()
    case_id = _answered(desk, pure)
    desk.person(Role.LIBRARIAN, "Emil Sand")
    visitor = open_window(desk, browser, "Emil Sand", LABORATORY)
    visitor.expected_statuses.add(422)  # a contradiction is not taken at once
    page = visitor.page
    visitor.go("/library/references?q=cocaine")
    page.screenshot(path=out / "laboratory-references.png")
    visitor.go("/library/propose")
    page.get_by_label("File of the device").set_input_files({"name": "lot 4.jdx", "mimeType": "", "buffer": pure})
    page.get_by_role("button", name="Look at the file first").click()
    page.get_by_role("img", name="Curve in the file").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_label("Substance", exact=True).fill("cocaine")
    page.get_by_label("Form", exact=True).fill("hydrochloride")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=out / "laboratory-propose.png")
    visitor.go("/library/review")
    page.get_by_role("link", name=re.compile("look closely")).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out / "laboratory-review.png", full_page=True)
    visitor.go(f"/library/referrals/{case_id}")
    fields = {"Technique": "GC-MS", "Substance 1": "procaine", "Reported on": "2026-01-02T04:00"}
    for label, text in {**fields, "Reference number of the laboratory": "N-26/0417"}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Enter the result").click()
    page.get_by_text("This contradicts what was answered.").wait_for()
    page.screenshot(path=out / "laboratory-contradiction.png")
    visitor.end()


def _answered(desk: RunningDesk, content: bytes) -> str:
    """A case that was answered, and whose sample is at a laboratory; its id."""
    with desk.api(Role.OFFICER, "Ben Roth", "Harbour") as ben, desk.api(Role.CHEMIST, "Carla Ruiz") as carla:
        form = {"metadata": json.dumps({"exhibit": "H-2026-031", "want_review": True})}
        sent = ben.post("/scans", files={"file": ("field_scan.jdx", content)}, data=form).json()
        case_id = str(sent["case"]["case_id"])
        lease = carla.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        said = {"outcome": "identified", "components": [{"substance": "cocaine", "form": "hydrochloride"}]}
        carla.post(f"/cases/{case_id}/finding", json={"lease_token": lease, **said}).raise_for_status()
        carla.post(f"/cases/{case_id}/release", json={}).raise_for_status()
        carla.post(f"/cases/{case_id}/laboratory-referral", json={"laboratory": "Northern Laboratory"})
    return case_id


def supervisor(desk: RunningDesk, browser: Browser, out: Path) -> None:
    """A desk's screen: four made-up weeks in figures, who differed, the library; the log; a token shown once."""
    write_audited(desk.services.database, make_year(600, 30, now=desk.services.clock.now()))
    desk.person(Role.ADMIN, "Rosa Admin")
    visitor = open_window(desk, browser, "Rosa Admin", LABORATORY)
    page = visitor.page
    for name, path in (("overview", ""), ("disagreement", "/disagreement"), ("coverage", "/coverage")):
        visitor.go(f"/overview{path}?zone=Europe/Madrid")
        page.screenshot(path=out / f"supervisor-{name}.png")
    visitor.go("/audit")
    page.get_by_role("button", name="Verify the whole log").click()
    page.get_by_text("Everything is as it was written.").wait_for()
    page.screenshot(path=out / "auditor-log.png")
    visitor.go("/accounts")
    page.get_by_text("New account").click()
    page.get_by_label("Name").first.fill("gate 7")
    page.get_by_label("Role").select_option("device")
    page.get_by_label("Unit").fill("Harbour")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("heading", name="The new token").wait_for()
    page.screenshot(path=out / "admin-token.png")
    visitor.end()


GUIDES: dict[str, Callable[[RunningDesk, Browser, Path], None]] = {
    "officer": officer,
    "chemist": chemist,
    "laboratory": laboratory,
    "supervisor": supervisor,
}


def open_window(desk: RunningDesk, browser: Browser, name: str, size: tuple[int, int]) -> Visitor:
    """Somebody's browser, signed in."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="en-GB", timezone_id="Europe/Madrid"
    )
    visitor = Visitor(context.new_page(), desk.address)
    visitor.watch()
    visitor.sign_in(name)
    return visitor


def send(page: Page, name: str, content: bytes) -> None:
    """Send one scan and wait for its page."""
    page.get_by_label("Scan files").set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(SCAN_PAGE)


if __name__ == "__main__":
    sys.exit(main())
