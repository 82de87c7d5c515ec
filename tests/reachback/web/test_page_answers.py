"""What a browser gets: pages instead of problem documents, headers that bind them, a way back after signing in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from reachback.accounts.models import Role
from reachback.accounts.routes_rights import SESSION_COOKIE
from reachback.web.page_answers import CONTENT_POLICY, safe_next
from tests.contracts.desk import Desk
from tests.reachback.web.conftest import OURS, PASSWORD

Browser = Callable[..., TestClient]


def test_a_browser_gets_a_page_and_a_program_a_document(desk: Desk, browser: Browser) -> None:
    page = browser().get("/nowhere")
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "there is nothing at /nowhere" in page.text
    document = desk.client.get("/nowhere")
    assert document.headers["content-type"] == "application/problem+json"
    below = browser().get("/api/v1/nowhere")
    assert below.headers["content-type"] == "application/problem+json"


def test_every_page_is_bound(browser: Browser) -> None:
    for path in ("/nowhere", "/sign-in", "/scans"):
        headers = browser().get(path).headers
        assert headers["content-security-policy"] == CONTENT_POLICY
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, no-store"


def test_who_is_not_signed_in_is_asked_and_led_back(browser: Browser) -> None:
    page = browser().get("/scans?q=a%20b&show=open")
    assert page.status_code == 401
    assert 'name="next" value="/scans?q=a%20b&amp;show=open"' in page.text
    assert "Your session has ended" not in page.text
    stale = browser()
    stale.cookies.set(SESSION_COOKIE, "gone")
    assert "Your session has ended" in stale.get("/scans").text
    sent = stale.post("/scans/x/review", headers={"Referer": "http://testserver/scans/x"})
    assert sent.status_code == 401
    assert "what you sent was not taken" in sent.text
    assert 'name="next" value="/scans/x"' in sent.text


def test_a_link_in_a_mail_comes_round_once(browser: Browser) -> None:
    page = browser().get("/cases/x", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0">' in page.text


def test_a_fragment_is_refused_in_the_place_of_notices(browser: Browser) -> None:
    answer = browser(Role.OFFICER).get("/scans/none/now", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("#notices", "innerHTML")
    assert "<html" not in answer.text
    assert "there is no such scan" in answer.text


def test_signing_in_and_out(browser: Browser, desk: Desk) -> None:
    root = desk.principal(Role.ADMIN, "root")
    desk.services.accounts.create(root, name="anna", role=Role.OFFICER, unit="harbour", password=PASSWORD)
    client = browser()
    refused = client.post("/sign-in", data={"name": "anna", "password": "wrong", "next": "/scans"})
    assert refused.status_code == 401
    assert 'value="anna"' in refused.text
    assert "wrong" not in refused.text
    opened = client.post("/sign-in", data={"name": "anna", "password": PASSWORD, "next": "/scans"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/scans")
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/scans").status_code == 200
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/scans").status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language", "/scans", "/scans/x/review", "/scans/x/answer"])
def test_other_sites_change_nothing(browser: Browser, path: str) -> None:
    client = browser(Role.OFFICER)
    fields = {"name": "anna", "password": PASSWORD, "language": "es", "answer": "x"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(path, data=fields, headers={**OURS, **headers})
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers


def test_the_language_is_chosen_by_hand_or_by_the_browser(browser: Browser) -> None:
    client = browser()
    assert '<html lang="es">' in client.get("/sign-in", headers={"Accept-Language": "es-ES"}).text
    chosen = client.post("/language", data={"language": "es", "back": "/sign-in"})
    assert chosen.headers["location"] == "/"  # never back to the sign-in page from itself
    assert "Contraseña" in client.get("/sign-in").text
    client.post("/language", data={"language": "tlh"})
    assert "Contraseña" in client.get("/sign-in").text


@pytest.mark.parametrize("role", list(Role))
def test_everybody_begins_somewhere(browser: Browser, role: Role) -> None:
    client = browser(role, f"a {role}", None)
    where = client.get("/").headers["location"]
    assert client.get(where).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/scans?q=x", "/scans?q=x"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("/sign-out", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(wanted: str, goes: str) -> None:
    assert safe_next(wanted) == goes


def test_who_comes_back_from_the_identity_provider_without_luck_may_try_again(browser: Browser) -> None:
    page = browser().get("/api/v1/oidc/callback?error=access_denied")
    assert page.status_code == 401
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "the identity provider did not sign you in; begin again" in page.text
    assert 'name="next" value="/"' in page.text
