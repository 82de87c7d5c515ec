"""A laboratory before a screen: a reference from a file to its acceptance, conflicts, results, keys and a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from library.ledger import State
from library.store import LibraryStore
from reachback.accounts.models import Role
from tests.journeys.browsing import DESK, EXAMPLES, PHONE, RunningDesk, Visitor
from tests.reachback.web.laboratory.made_laboratory import new_file, released_store, same_again, stated

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module", autouse=True)
def store(running_desk: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> LibraryStore:
    """The desk's library, with one release."""
    return released_store(running_desk.services.references.catalogue.place, tmp_path_factory.mktemp("laboratory") / "l")


def propose(desk: RunningDesk, name: str, substance: str, content: bytes) -> str:
    """A reference proposed over the interface; its id."""
    with desk.api(Role.LIBRARIAN, desk.person(Role.LIBRARIAN, name)) as client:
        sent = client.post(
            "/library/references",
            files={"file": (f"{substance}.jdx", content)},
            data={"metadata": json.dumps(stated(substance))},
        )
        assert sent.status_code == 201, sent.text
        return str(sent.json()["reference_id"])


def answered_case(desk: RunningDesk, exhibit: str, substance: str = "cocaine") -> str:
    """A case that was answered with one substance, and whose sample went to a laboratory; its id."""
    with desk.api(Role.OFFICER, "anna", "harbour") as anna, desk.api(Role.CHEMIST, "carla") as carla:
        content = (EXAMPLES / "ftir_pure_drug.jdx").read_bytes()
        form = {"metadata": json.dumps({"exhibit": exhibit, "want_review": True})}
        case_id = str(anna.post("/scans", files={"file": ("scan.jdx", content)}, data=form).json()["case"]["case_id"])
        lease = carla.post(f"/cases/{case_id}/claim").json()["lease"]["token"]
        said = {"lease_token": lease, "outcome": "identified", "components": [{"substance": substance}]}
        assert carla.post(f"/cases/{case_id}/finding", json=said).is_success
        assert carla.post(f"/cases/{case_id}/release", json={}).is_success
        assert carla.post(f"/cases/{case_id}/laboratory-referral", json={"laboratory": "North"}).is_success
    return case_id


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Reach something by the Tab key alone."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate("(document.activeElement.textContent || document.activeElement.name || '').trim()")
        if words in found:
            return
    raise AssertionError(f"{words!r} is not reached by the keyboard")


def see_pictures(page: Page) -> None:
    """Every picture that is not waited for has come, and is one."""
    shown = "[...document.images].filter((each) => each.loading !== 'lazy')"
    page.evaluate(f"Promise.all({shown}.map((each) => each.decode()))")  # a picture that is none refuses


def test_from_a_file_to_an_accepted_reference(visit: Visit, running_desk: RunningDesk, store: LibraryStore) -> None:
    visitor = visit(running_desk.person(Role.LIBRARIAN, "lena"), size=DESK, expect={422})
    page = visitor.page
    expect(page).to_have_url(re.compile("/library/references$"))
    expect(page.locator(".reference-list li")).to_have_count(9)
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-references")
    page.get_by_role("link", name="Propose one").click()
    page.get_by_label("File of the device").set_input_files({"name": "delta.jdx", "mimeType": "", "buffer": new_file()})
    page.get_by_role("button", name="Look at the file first").click()
    expect(page.get_by_role("img", name="Curve in the file")).to_be_visible()
    see_pictures(page)
    page.get_by_label("Substance", exact=True).fill("delta")
    page.get_by_label("CAS number").fill("7732-18-4")
    page.get_by_label("Controlled substance").select_option("no")
    page.get_by_label("Source").fill("our bench")
    page.get_by_label("Licence", exact=True).fill("our own")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_label("CAS number")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("This is no CAS number")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-propose")
    page.get_by_label("CAS number").fill("7732-18-5")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_text("Another person has to review it.")).to_be_visible()
    reference_id = page.url.partition("/references/")[2][:7]
    page.get_by_role("link", name="Review it").click()
    expect(page.get_by_text("You answer for this proposal")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)

    other = visit(running_desk.person(Role.LIBRARIAN, "otto"), size=DESK)
    other.page.get_by_role("link", name="Review", exact=True).click()
    tab_to(other.page, "reference_id")
    other.page.keyboard.press("Space")
    expect(other.page.get_by_role("checkbox", name="delta")).to_be_checked()
    assert other.grave_findings() == []
    other.picture("laboratory-review")
    tab_to(other.page, "Accept")
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_text("1 reference accepted.")).to_be_visible()
    assert store.ledger().standings[reference_id].state is State.REVIEWED


def test_a_conflict_is_seen_and_decided(visit: Visit, running_desk: RunningDesk, store: LibraryStore) -> None:
    reference_id = propose(running_desk, "lena", "epsilon", same_again())
    visitor = visit(running_desk.person(Role.LIBRARIAN, "otto"), size=DESK, begin=False)
    page = visitor.page
    visitor.go(f"/library/review/{reference_id}")
    expect(page.get_by_role("img", name=re.compile("epsilon and alpha"))).to_be_visible()
    expect(page.get_by_text("the same curve under two names")).to_be_visible()
    see_pictures(page)
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-review-one")
    visitor.go("/library/review")
    page.get_by_role("link", name="1 conflict to decide").click()
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-conflicts")
    page.get_by_label("Why they may stand").fill("one substance under two names")
    page.get_by_role("button", name="Let all 1 of this list stand").click()
    expect(page.get_by_text("No conflict waits for a decision.")).to_be_visible()
    assert [each.by for each in store.ledger().decisions.values()] == ["otto"]


def test_results_are_entered_and_a_contradiction_asks_twice(visit: Visit, running_desk: RunningDesk) -> None:
    right, wrong = answered_case(running_desk, "L-1"), answered_case(running_desk, "L-2")
    visitor = visit(running_desk.person(Role.LIBRARIAN, "lena"), size=DESK, expect={422})
    page = visitor.page
    page.get_by_role("link", name="Laboratory results").click()
    expect(page.locator(".left").first).to_contain_text(re.compile(r"\d+ (h|min)"))
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-referrals")
    for exhibit, found in (("L-1", "cocaine"), ("L-2", "lactose")):
        page.get_by_role("link", name=f"Enter the result {exhibit}").click()
        expect(page.get_by_label("Zone of this time")).to_have_value("Europe/Madrid")
        page.get_by_label("Technique").fill("GC-MS")
        page.get_by_label("Substance 1").fill(found)
        page.get_by_label("Reported on").fill("2025-03-02T04:00")
        page.get_by_label("Reference number of the laboratory").fill("7/30")
        page.get_by_role("button", name="Enter the result").click()
        if exhibit == "L-1":
            expect(page.get_by_text("The laboratory bears out what was answered")).to_be_visible()
            page.get_by_role("link", name="Laboratory results").first.click()
    expect(page.get_by_text("This contradicts what was answered.")).to_be_visible()
    expect(page.get_by_role("alert").last).to_contain_text(re.compile("cocaine.*lactose", re.DOTALL))
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-contradiction")
    page.get_by_label("It is right: send the correction").check()
    page.get_by_role("button", name="Enter it, and send the correction").click()
    expect(page.get_by_text("a CORRECTION has gone to everyone")).to_be_visible()
    expect(page.locator(".versions li").first).to_contain_text("correction")
    visitor.picture("laboratory-corrected")
    with running_desk.api(Role.OFFICER, "anna", "harbour") as anna:
        states = [anna.get(f"/cases/{case_id}").json()["state"] for case_id in (right, wrong)]
    assert states == ["lab_confirmed", "lab_refuted"]
    # What was confirmed is offered as a reference, with its chain of evidence.
    visitor.go("/library/propose")
    page.get_by_role("link", name=re.compile("Propose this scan L-1")).click()
    expect(page.get_by_text("Chain of evidence")).to_be_visible()
    assert visitor.grave_findings() == []
    visitor.picture("laboratory-propose-scan")
    # Nobody has said in which form it was found: the numbers of the form that is known are not taken for it.
    page.get_by_role("button", name="Propose as a reference").click()
    expect(page.get_by_text("in this form; state an InChIKey")).to_be_visible()
    page.get_by_label("InChIKey").fill("ZPUCINDJVBIVPJ-LJISPDSOSA-N")
    page.get_by_role("button", name="Propose as a reference").click()
    expect(page.get_by_text("Proposed. Another person has to review it.")).to_be_visible()
    page.get_by_text("Chain of evidence").click()
    expect(page.locator(".evidence")).to_contain_text(right)
    assert visitor.grave_findings() == []


def test_a_phone_shows_all_of_it_and_the_dark_too(visit: Visit, running_desk: RunningDesk) -> None:
    proposed = propose(running_desk, "lena", "zeta", new_file(900))
    case_id = answered_case(running_desk, "L-3")
    visitor = visit(running_desk.person(Role.LIBRARIAN, "otto"), size=PHONE, dark=True, begin=False)
    pages = {
        "references": "/library/references",
        "reference": "/library/references/R000001?beside=R000002",
        "propose": "/library/propose",
        "review": "/library/review",
        "review-one": f"/library/review/{proposed}",
        "conflicts": "/library/review/conflicts",
        "referrals": "/library/referrals",
        "referral": f"/library/referrals/{case_id}",
    }
    for name, path in pages.items():
        visitor.go(path)
        see_pictures(visitor.page)
        assert visitor.overflow() <= 0, path
        assert visitor.grave_findings() == [], path
        visitor.picture(f"laboratory-{name}-phone-dark")


def test_without_scripts_a_reference_is_taken_out(visit: Visit, running_desk: RunningDesk, store: LibraryStore) -> None:
    visitor = visit(running_desk.person(Role.LIBRARIAN, "nora"), size=DESK, javascript=False, expect={422})
    page = visitor.page
    visitor.go("/library/references?q=gamma")
    page.get_by_role("link", name=re.compile("^gamma")).click()
    assert "R000003" in page.url
    page.wait_for_load_state("load")
    visitor.picture("laboratory-reference")
    page.locator("summary", has_text="Deprecate").click()
    page.get_by_label("Why", exact=True).fill("measured through glass")
    page.get_by_label("What stands in its place").fill("R000777")
    page.get_by_label("Yes, take R000003 out").check()
    page.get_by_role("button", name="Deprecate").click()
    expect(page.get_by_text("R000777 is no reference of this store")).to_be_visible()
    expect(page.get_by_label("Why", exact=True)).to_have_value("measured through glass")
    page.get_by_label("What stands in its place").fill("R000002")
    page.get_by_label("Yes, take R000003 out").check()
    page.get_by_role("button", name="Deprecate").click()
    expect(page.get_by_text("Taken out.")).to_be_visible()
    assert store.ledger().standings["R000003"].state is State.DEPRECATED
