"""What the pages hold back from who reads blind: the lane that names a suspicion, and the file with its header."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from reachback.accounts.models import Role
from tests.contracts.desk import Desk, file_with, identification

Browser = Callable[..., TestClient]
PAGES = ("/desk", "/desk/rows", "/desk?lane=urgent", "/desk/cases/{}", "/desk/cases/{}/now", "/desk/cases/{}/views")
# Words that a page has for whatever may be chosen or said, whatever the case.
CHOICES = re.compile(
    r'<form id="finding".*?</form>|<dialog.*?</dialog>|<template class="words">.*?</template>', re.DOTALL
)


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A case in the lane of suspected fentanyl, by a positive strip."""
    said = {"strips": [{"kind": "fentanyl", "result": "positive"}]}
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    files = {"file": ("a.jdx", file_with(identification("no_match")))}
    made = desk.client.post("/api/v1/scans", files=files, data={"metadata": json.dumps(said)}, headers=officer)
    found = str(made.json()["case"]["case_id"])
    assert desk.client.get(f"/api/v1/cases/{found}", headers=officer).json()["lane"] == "fentanyl"
    return found


def shown(client: TestClient, case_id: str) -> dict[str, str]:
    pages = {}
    for path in PAGES:
        answer = client.get(path.format(case_id))
        assert answer.status_code == 200, path
        pages[path] = CHOICES.sub("", answer.text)
    return pages


def test_the_lane_says_how_urgent_and_not_of_what(browser: Browser, case_id: str) -> None:
    pages = shown(browser(Role.CHEMIST, "carla", None), case_id)
    assert {path for path, text in pages.items() if "fentanyl" in text.casefold()} == set()
    assert "Urgent" in pages["/desk"]
    assert "Urgent" in pages["/desk/cases/{}/now"]
    assert case_id in pages["/desk?lane=urgent"]
    by_suspicion = browser(Role.CHEMIST, "carla", None).get("/desk/rows?lane=exposure").text
    assert case_id in by_suspicion, "a filter that would tell exposure from fentanyl is none"


def test_the_file_is_not_opened_by_chance(browser: Browser, case_id: str) -> None:
    views = shown(browser(Role.CHEMIST, "carla", None), case_id)["/desk/cases/{}/views"]
    assert "/file" not in views
    assert "after your first impression" in views


def test_the_first_impression_shows_both(browser: Browser, desk: Desk, case_id: str) -> None:
    carla = desk.person(Role.CHEMIST, "carla")
    lease = desk.client.post(f"/api/v1/cases/{case_id}/claim", headers=carla).json()["lease"]["token"]
    said = {"lease_token": lease, "text": "a mixture"}
    assert desk.client.post(f"/api/v1/cases/{case_id}/first-impression", json=said, headers=carla).status_code == 200
    pages = shown(browser(Role.CHEMIST, "carla", None), case_id)
    assert "Fentanyl" in pages["/desk/cases/{}/now"]
    assert "/file" in pages["/desk/cases/{}/views"]
    assert case_id in pages["/desk?lane=urgent"], "it does not leave the list by being looked at"
    others = shown(browser(Role.CHEMIST, "olga", None), case_id)
    assert "Urgent" in others["/desk"]


def test_who_never_reads_sees_every_lane(browser: Browser, case_id: str) -> None:
    pages = browser(Role.SUPERVISOR, "sara", None)
    assert "Fentanyl" in pages.get("/desk/rows").text
    assert case_id in pages.get("/desk/rows?lane=fentanyl").text
    assert case_id not in pages.get("/desk/rows?lane=general").text
