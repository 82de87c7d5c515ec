"""An officer's pages without a browser: what is on them, in which order, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reachback.accounts.models import Role
from tests.contracts.desk import Desk, file_with, identification

Browser = Callable[..., TestClient]
PHOTO = b"\xff\xd8\xff\xe0 a photo"
FENTANYL = {
    "level": "alarm",
    "group": "fentanyl-related",
    "substance": "fentanyl",
    "share": 0.06,
    "confidence": 0.97,
}


def scans(*contents: bytes, field: str = "file") -> list[tuple[str, tuple[str, bytes]]]:
    return [(field, (f"{number}.jdx", content)) for number, content in enumerate(contents)]


def sent(client: TestClient, element: dict[str, Any], **fields: str) -> str:
    """Address of the page of a scan that was sent."""
    answer = client.post("/scans", files=scans(file_with(element)), data=fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def in_order(text: str, *parts: str) -> bool:
    start = text.index("<main")  # the title says it too
    places = [text.find(part, start) for part in parts]
    return -1 not in places and places == sorted(places)


def test_an_alarm_stands_on_top_with_its_card(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    page = client.get(sent(client, identification("inconclusive", alerts=[FENTANYL]))).text
    assert in_order(page, "ALARM", "fentanyl (fentanyl-related) indicated", "Wear gloves;", "INCONCLUSIVE")
    assert page.count("<h1") == 1


def test_an_indication_goes_to_the_chemist_unless_the_verdict_names_it(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    hint = {**FENTANYL, "level": "indication"}
    page = client.get(sent(client, identification("inconclusive", alerts=[hint]))).text
    assert "ALARM" not in page
    assert "for the chemist to judge" not in page
    assert in_order(page, "INCONCLUSIVE", "Wear gloves;")  # the card is there all the same, below
    named = identification("mixture", alerts=[hint], reach_back=True)
    named["components"][0] |= {"substance": "fentanyl", "class": "fentanyl-related", "controlled": True}
    page = client.get(sent(client, named)).text
    assert in_order(page, "Handle with care", "Wear gloves;", "MIXTURE")


def test_a_positive_strip_counts_as_much(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    page = client.get(sent(client, identification("match"), strip_fentanyl="positive")).text
    assert in_order(
        page,
        "Handle with care",
        "Positive test strip:",
        "Wear gloves;",
        "MATCH",
        "The exhibit as a whole",
        "fentanyl strip",
    )
    page = client.get(sent(client, identification("match"), strip_fentanyl="negative")).text
    assert "Handle with care" not in page
    assert "the fentanyl strip is negative: that lowers no alert" in page


def test_a_scan_that_is_unusable_says_first_how_to_measure_better(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    unusable = identification("unusable")
    unusable["quality"]["advice"] = ["Almost no light came through: press or spread the sample thinner and scan again."]
    page = client.get(sent(client, unusable)).text
    assert in_order(page, "SCAN NOT USABLE", "What to do", "Almost no light came through", "If you doubt this verdict")


def test_a_cutting_agent_raises_no_alarm(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    page = client.get(sent(client, identification("match"))).text
    assert 'class="alarm' not in page
    assert in_order(page, "MATCH", "caffeine", "PRESUMPTIVE – not confirmed", "No chemist has been asked.")
    assert in_order(page, "What this means", "Share is a part of the signal, not a weight and not a purity.")


def test_what_a_negative_is_worth_is_said(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    targets = [{"substance": "fentanyl", "detected": False, "limit_share": 0.05}]
    page = client.get(sent(client, identification("match", targets=targets))).text
    sentence = (
        "Fentanyl not seen. This scan cannot see it below about 5 % of the signal; a dangerous dose can lie below."
    )
    assert in_order(page, "What it does not mean", f"{sentence} Use a test strip.")


def test_a_chemist_is_asked_by_a_button(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    where = sent(client, identification("match"))
    assert client.post(f"{where}/review").status_code == 303
    page = client.get(where).text
    assert "Waiting for a chemist" in page
    assert "Ask a chemist" not in page
    assert "If you doubt this verdict" not in page


def test_the_form_reaches_intake(browser: Browser, desk: Desk) -> None:
    client = browser(Role.OFFICER)
    fields = {"exhibit": " A-7 ", "place": "", "exposure": "yes", "strip_fentanyl": "positive", "strip_nitazene": ""}
    where = sent(client, identification("match"), **fields)
    record = desk.client.get(f"/api/v1{where}", headers=desk.person(Role.OFFICER, "anna", "harbour")).json()
    strips = [{"kind": "fentanyl", "result": "positive"}]
    assert record["form"] == {"exhibit": "A-7", "exposure": True, "strips": strips}
    assert record["case"]["state"] == "queued"


def test_a_form_that_is_wrong_is_shown_again_as_it_was(browser: Browser, desk: Desk) -> None:
    client = browser(Role.OFFICER)
    fields = {"place": "<a car>", "laser_nm": "green", "exposure": "yes"}
    answer = client.post("/scans", files=scans(file_with(identification())), data=fields)
    assert answer.status_code == 422
    assert "the laser wavelength is a number of nanometres" in answer.text
    one = client.post("/scans/one", files=scans(file_with(identification())), data=fields)
    assert (one.status_code, 'data-form-refused="laser_nm"' in one.text) == (422, True)
    assert 'value="&lt;a car&gt;"' in answer.text
    assert re.search(r'name="exposure"[^>]* checked', answer.text)
    assert desk.identifier.asked == []
    comma = {**fields, "laser_nm": "785,5 nm"}
    assert client.post("/scans/one", files=scans(file_with(identification())), data=comma).status_code == 201


def test_the_same_form_twice_makes_no_scan_twice(browser: Browser, desk: Desk) -> None:
    client = browser(Role.OFFICER)
    one, two = file_with(identification(), salt="1"), file_with(identification(), salt="2")
    for _ in range(2):
        answer = client.post("/scans", files=scans(one, two, one), data={"batch": "b"})
        assert answer.status_code == 200
    assert len(desk.identifier.asked) == 2
    assert len(set(re.findall(r'data-scan-id="([^"]+)"', answer.text))) == 2


def test_photos_go_along_and_other_things_do_not(browser: Browser, desk: Desk) -> None:
    client = browser(Role.OFFICER)
    files = scans(file_with(identification())) + scans(PHOTO, b"no picture", field="photo")
    answer = client.post("/scans", files=files, data={"photo_kind": "tablet"})
    assert "The photo 1.jdx found no place" in answer.text
    (scan_id,) = re.findall(r'data-scan-id="([^"]+)"', answer.text)
    headers = desk.person(Role.OFFICER, "anna", "harbour")
    (photo,) = desk.client.get(f"/api/v1/scans/{scan_id}", headers=headers).json()["attachments"]
    assert (photo["kind"], photo["file_name"]) == ("tablet", "0.jdx")
    assert client.post(f"/scans/{scan_id}/photos", files=scans(b"text", field="photo")).status_code == 422
    assert client.post(f"/scans/{scan_id}/photos", files=scans(PHOTO + b"2", field="photo")).status_code == 303


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "no scan file was chosen"),
        (scans(*[b"x"] * 21), "21 files came at once, and 20 are taken in one go; nothing was kept"),
    ],
)
def test_nothing_and_too_much(browser: Browser, desk: Desk, files: Any, says: str) -> None:
    # An empty choice still sends one part without a name.
    answer = browser(Role.OFFICER).post("/scans", files=files or [("file", ("", b""))])
    assert answer.status_code == 422
    assert says in answer.text
    assert desk.identifier.asked == []


@pytest.mark.parametrize(
    "content", [PHOTO, b"\x89PNG\r\n\x1a\n", b"RIFF1234WEBPVP8 ", b"\x00\x00\x00\x18ftypheic", b"GIF89a"]
)
def test_a_picture_is_no_scan(browser: Browser, desk: Desk, content: bytes) -> None:
    answer = browser(Role.OFFICER).post("/scans", files=scans(content))
    assert "This is a picture, not a scan." in answer.text
    assert desk.identifier.asked == []


def test_what_cannot_be_read_is_kept_and_explained(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    answer = client.post("/scans/one", files=scans(b"nonsense"), data={"key": "k"})
    assert answer.status_code == 422
    assert "no reader knows these bytes" in answer.text
    (scan_id,) = re.findall(r'data-scan-id="([^"]+)"', answer.text)
    page = client.get(f"/scans/{scan_id}")
    assert page.status_code == 200
    assert in_order(
        page.text, "NOT READABLE", "no reader knows these bytes", "Export the scan from the device once more"
    )


def test_one_file_with_its_key(browser: Browser, desk: Desk) -> None:
    client = browser(Role.OFFICER)
    first, again = (
        client.post("/scans/one", files=scans(file_with(identification())), data={"key": "k"}) for _ in "12"
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert re.findall(r'data-scan-id="([^"]+)"', first.text) == re.findall(r'data-scan-id="([^"]+)"', again.text)
    other = client.post("/scans/one", files=scans(file_with(identification("no_match"))), data={"key": "k"})
    assert other.status_code == 422
    assert client.post("/scans/one", files=scans(b"a", b"b")).status_code == 422
    assert len(desk.identifier.asked) == 1


def test_other_units_are_not_there(browser: Browser) -> None:
    where = sent(browser(Role.OFFICER), identification("no_match"))
    ben = browser(Role.OFFICER, "ben", "airport")
    for path in ("", "/now", "/picture.svg"):
        assert ben.get(where + path).status_code == 404
    assert ben.post(f"{where}/review").status_code == 404
    assert ben.post(f"{where}/answer", data={"answer": "x"}).status_code == 404
    assert ben.post(f"{where}/photos", files=scans(PHOTO, field="photo")).status_code == 404
    assert where not in ben.get("/scans").text


def test_a_chemist_who_reads_blind_is_not_told_here(browser: Browser) -> None:
    where = sent(browser(Role.OFFICER), identification("no_match"))
    carla = browser(Role.CHEMIST, "carla", None)
    for path in ("", "/now", "/picture.svg"):
        answer = carla.get(where + path)
        assert answer.status_code == 409
        assert "NO MATCH" not in answer.text
    assert carla.get("/scans").status_code == 403


def test_links_to_a_case_lead_everybody_to_his_page(browser: Browser, desk: Desk) -> None:
    anna = browser(Role.OFFICER)
    where = sent(anna, identification("no_match"))
    record = desk.client.get(f"/api/v1{where}", headers=desk.person(Role.OFFICER, "anna", "harbour")).json()
    link = f"/cases/{record['case']['case_id']}"
    assert anna.get(link).headers["location"] == where
    for role in Role:
        client = browser(role, f"a {role}", "harbour" if role in (Role.OFFICER, Role.DEVICE) else None)
        leads = client.get(link).headers["location"]
        at_the_desk = role in (Role.CHEMIST, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
        at_the_laboratory = f"/library/referrals/{record['case']['case_id']}"
        elsewhere = at_the_laboratory if role is Role.LIBRARIAN else where
        assert leads == (f"/desk{link}" if at_the_desk else elsewhere), role
        assert client.get(leads).status_code == 200, f"{role} may read what the link leads to"
    assert browser(Role.OFFICER, "ben", "airport").get(link).status_code == 404


def test_who_may_not_look_at_the_desk_is_told_why(browser: Browser) -> None:
    refused = browser(Role.LIBRARIAN, "lena", None).get("/desk/cases/x")
    assert refused.status_code == 403
    assert "the role librarian may not do this" in refused.text
    assert "ask your administrator" in refused.text


def test_a_case_without_a_scan_says_so(browser: Browser, desk: Desk) -> None:
    case = desk.open_case()
    refused = browser(Role.OFFICER, "anna", "harbour").get(f"/cases/{case.id}")
    assert refused.status_code == 404
    assert "holds no scan" in refused.text


def test_history_is_searched_and_turned(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    for number in range(27):
        sent(client, identification(), exhibit=f"E-{number}", comment=f"salt {number}")
    first = client.get("/scans").text
    assert first.count('<li>\n    <a href="/scans/') == 25
    (older,) = re.findall(r'href="(/scans\?[^"]*before=[^"]*)"', first)
    second = client.get(older.replace("&amp;", "&")).text
    assert second.count('<li>\n    <a href="/scans/') == 2
    assert "Newest" in second
    found = client.get("/scans", params={"q": "e-13"}).text
    assert found.count('<li>\n    <a href="/scans/') == 1
    (its_id,) = re.findall(r'<li>\n    <a href="/scans/([^"/?]+)', found)
    for begins, n in ((its_id, 1), (its_id[:13].upper(), 1), (its_id[5:], 0)):
        assert client.get("/scans", params={"q": begins}).text.count('<li>\n    <a href="/scans/') == n
    assert "No scan fits." in client.get("/scans", params={"q": "<script>"}).text
    assert client.get("/scans", params={"before": "x"}).status_code == 422


def test_in_spanish(browser: Browser) -> None:
    client = browser(Role.OFFICER)
    where = sent(client, identification("no_match"))
    page = client.get(where, headers={"Accept-Language": "es"}).text
    assert '<html lang="es">' in page
    assert in_order(
        page, "NO COINCIDE", "PRESUNTIVO: no confirmado", "En espera de un químico", "Use guantes de nitrilo"
    )
    assert "What this means" not in page
