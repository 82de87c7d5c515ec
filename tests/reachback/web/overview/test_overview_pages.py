"""Figures, the log and accounts without a browser: what is refused, and that every refusal keeps what was typed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from reachback.accounts.models import Role
from reachback.insight.log_verification import LogVerification
from tests.contracts.desk import Desk, file_with, identification
from tests.reachback.web.conftest import PASSWORD

Browser = Callable[..., TestClient]
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def admin(browser: Browser) -> TestClient:
    return browser(Role.ADMIN, "root", None)


def post(client: TestClient, path: str, **fields: str) -> Response:
    answer: Response = client.post(path, data=fields, headers=FROM_OUR_PAGE)  # type: ignore[assignment]
    return answer


def account_of(desk: Desk, name: str) -> str:
    return next(str(each["account_id"]) for each in desk.services.accounts.accounts() if each["name"] == name)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("from=yesterday", "is no day"),
        ("from=2030-02-30", "is no day"),
        ("zone=Nowhere/Land", "no time zone known here"),
        ("from=2030-02-02&to=2030-02-01", "lies after"),
        ("from=2001-01-01", "at most"),
    ],
)
@pytest.mark.parametrize("path", ["/overview", "/overview/disagreement", "/overview/coverage", "/overview/days.csv"])
def test_a_period_that_cannot_be_is_said_so(browser: Browser, path: str, query: str, why: str) -> None:
    answer = browser(Role.SUPERVISOR, "sam", None).get(f"{path}?{query}")
    assert answer.status_code == 422
    assert why in answer.text
    if not path.endswith(".csv"):
        assert query.split("&", 1)[0].split("=")[1] in answer.text  # the form keeps it


def test_an_empty_desk_has_figures_too(browser: Browser) -> None:
    page = browser(Role.AUDITOR, "aud", None).get("/overview")
    assert page.status_code == 200
    assert "0 of 0" in page.text
    assert "No scan came in this period." in page.text
    assert "nobody waits past the hour" in page.text


def test_what_stands_in_a_file_is_no_markup(desk: Desk, browser: Browser) -> None:
    words = [{"index": 0, "instrument": "<script>alert(1)</script>", "serial": "=1+1"}]
    desk.upload(desk.person(Role.OFFICER, "anna", "harbour"), file_with(identification("unusable"), device=words))
    sam = browser(Role.SUPERVISOR, "sam", None)
    page = sam.get("/overview").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    table = sam.get("/overview/devices.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert ",'=1+1," in table.text


def test_an_account_is_made_or_the_form_stays(desk: Desk, admin: TestClient) -> None:
    for fields, why in (
        ({"name": "root", "role": "officer"}, "the name root is taken"),
        ({"name": "ben", "role": ""}, "role: choose what the account is for"),
        ({"name": "ben", "role": "king"}, "role: choose what the account is for"),
        ({"name": " ben", "role": "officer"}, "no blank at either end"),
        ({"name": "ben", "role": "officer", "password": "short"}, "at least 12 characters"),
    ):
        refused = post(admin, "/accounts", **fields)
        assert refused.status_code in (409, 422)
        assert why in refused.text
        assert f'value="{fields["name"]}"' in refused.text
        assert 'value="short"' not in refused.text
    made = post(admin, "/accounts", name="ben", role="officer", unit="harbour", password=PASSWORD)
    assert made.status_code == 303
    page = admin.get(made.headers["location"]).text
    assert "Officer" in page
    assert "harbour" in page
    found = next(each for each in desk.services.accounts.accounts() if each["name"] == "ben")
    assert (found["role"], found["unit"], found["has_password"]) == ("officer", "harbour", True)


def test_a_token_is_shown_once_and_revoked(desk: Desk, admin: TestClient) -> None:
    desk.person(Role.DEVICE, "gate", "harbour")
    where = f"/accounts/{account_of(desk, 'gate')}"
    shown = post(admin, f"{where}/tokens")
    token = re.search(r'<code class="secret">([^<]+)</code>', shown.text)
    assert token is not None
    assert shown.headers["cache-control"] == "private, no-store"
    assert token[1] not in admin.get(where).text
    who = desk.client.get("/api/v1/session", headers={"Authorization": f"Bearer {token[1]}"})
    assert who.json()["name"] == "gate"
    for token_id in set(re.findall(r"/tokens/([^/\"]+)/revoke", admin.get(where).text)):
        assert post(admin, f"{where}/tokens/{token_id}/revoke").status_code == 303
    assert desk.client.get("/api/v1/session", headers={"Authorization": f"Bearer {token[1]}"}).status_code == 401
    assert post(admin, f"{where}/tokens/none/revoke").status_code == 404


def test_disabling_has_its_limits(desk: Desk, admin: TestClient) -> None:
    own, other = account_of(desk, "root"), None
    refused = post(admin, f"/accounts/{own}/disable")
    assert refused.status_code == 409
    assert "you cannot disable your own account" in refused.text
    desk.person(Role.CHEMIST, "carla")
    other = f"/accounts/{account_of(desk, 'carla')}"
    assert post(admin, f"{other}/disable").status_code == 303
    refused = post(admin, f"{other}/tokens")
    assert refused.status_code == 409
    assert "was disabled" in refused.text
    assert post(admin, f"{other}/enable").status_code == 303
    assert post(admin, f"{other}/tokens").status_code == 200
    assert admin.get("/accounts/nobody").status_code == 404


def test_codes_are_shown_once(desk: Desk, admin: TestClient) -> None:
    desk.person(Role.CHEMIST, "carla")
    where = f"/accounts/{account_of(desk, 'carla')}"
    shown = post(admin, f"{where}/codes").text
    assert "otpauth://totp/" in shown
    assert "otpauth://" not in admin.get(where).text


def test_what_an_administrator_did_stands_in_the_log(desk: Desk, admin: TestClient, browser: Browser) -> None:
    post(admin, "/accounts", name="ben", role="officer", unit="harbour")
    log = browser(Role.AUDITOR, "aud", None)
    page = log.get("/audit?actor=root&action=account.create").text
    assert len(re.findall(r'<th scope="row" class="number">', page)) == 1
    index = re.search(r'href="/audit/(\d+)"', page)
    assert index is not None
    entry = log.get(f"/audit/{index[1]}").text
    assert account_of(desk, "ben") in entry
    assert "Signed checkpoint" in entry
    assert log.get("/audit/999999").status_code == 404
    assert log.get("/audit?from=nonsense").status_code == 422
    assert "No entry fits." in log.get("/audit?case=nothing").text


def test_the_button_answers_without_scripts(desk: Desk, browser: Browser) -> None:
    log = browser(Role.AUDITOR, "aud", None)
    assert "Nobody has asked here yet." in log.get("/audit").text
    assert post(log, "/audit/verify").headers["location"] == "/audit"
    settings = desk.client.app.state.settings  # type: ignore[attr-defined]
    verification = LogVerification(desk.database, desk.services.clock, settings.data_dir)
    patience = time.monotonic() + 60.0
    while verification.is_running() and time.monotonic() < patience:
        time.sleep(0.05)
    page = log.get("/audit").text
    assert "Everything is as it was written." in page
    assert "asked by aud" in page
    assert "is being verified" not in page


def test_other_sites_change_nothing_here(admin: TestClient) -> None:
    for path in ("/accounts", "/audit/verify"):
        answer = admin.post(path, data={"name": "x", "role": "admin"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
