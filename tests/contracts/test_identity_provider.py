"""Signing in by an identity provider: a real one over HTTP, and every way in which its answer may not hold."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from reachback.accounts.identity_provider import ProviderRefused, check_provider
from reachback.accounts.models import ExternalIdentity, Role
from reachback.app import create_app
from reachback.audit.desk_check import verify_desk
from reachback.db.session import Database
from reachback.settings import Settings
from tests.contracts.databases import StillClock
from tests.contracts.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Provider,
    changed_after_signing,
    running,
    signed_by_a_stranger,
    signed_with_the_shared_secret,
    unsigned,
)

pytest.importorskip("authlib", reason="the extra 'oidc' is not installed")

ROLES = {"readers": "chemist", "bosses": "supervisor", "patrol": "officer"}


def settings_for(provider: Provider, folder: Path, **more: Any) -> Settings:
    named = {"oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET, "oidc_roles": ROLES}
    values: dict[str, Any] = {"oidc_issuer": provider.url, "public_url": "http://testserver", **named, **more}
    return Settings(data_dir=folder, **values)


@contextmanager
def desk_of(
    provider: Provider, database: Database, clock: StillClock, folder: Path, **more: Any
) -> Iterator[TestClient]:
    app = create_app(settings_for(provider, folder, **more), clock=clock, database=database)
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def provider(clock: StillClock) -> Iterator[Provider]:
    with running(clock) as made:
        yield made


@pytest.fixture
def client(provider: Provider, database: Database, clock: StillClock, tmp_path: Path) -> Iterator[TestClient]:
    with desk_of(provider, database, clock, tmp_path) as made:
        yield made


@pytest.fixture
def embedded(provider: Provider, sqlite_database: Database, clock: StillClock, tmp_path: Path) -> Iterator[TestClient]:
    with desk_of(provider, sqlite_database, clock, tmp_path) as made:
        yield made


def go_there(client: TestClient) -> str:
    """To the provider and signed in there; the address it sends the browser back to."""
    begun = client.get("/api/v1/oidc/sign-in")
    assert begun.status_code == 303, begun.text
    back = httpx.get(begun.headers["location"])
    assert back.status_code == 302
    parts = urlsplit(back.headers["location"])
    assert parts.path == "/api/v1/oidc/callback"
    return f"{parts.path}?{parts.query}"


def sign_in(client: TestClient) -> Any:
    return client.get(go_there(client))


def whoami(client: TestClient) -> Any:
    return client.get("/api/v1/session")


def test_a_person_is_let_in_with_the_role_of_his_group(client: TestClient) -> None:
    answer = sign_in(client)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    who = whoami(client).json()
    assert (who["name"], who["role"], who["unit"]) == ("carla", "chemist", who["account_id"])
    again = client.get("/api/v1/cases")
    assert again.status_code == 200


def test_the_same_person_is_the_same_account_whatever_he_is_called(client: TestClient, provider: Provider) -> None:
    sign_in(client)
    first = whoami(client).json()["account_id"]
    provider.person["preferred_username"] = "carla-married"
    client.cookies.clear()
    sign_in(client)
    assert whoami(client).json()["account_id"] == first
    provider.person["sub"] = "u-2"
    client.cookies.clear()
    sign_in(client)
    assert whoami(client).json()["account_id"] != first


def test_a_name_gives_nobody_anothers_account(client: TestClient, provider: Provider) -> None:
    accounts = client.app.state.services.accounts  # type: ignore[attr-defined]
    accounts.token_for(Role.CHEMIST, "carla", None)
    sign_in(client)
    assert whoami(client).json()["name"] == "carla (u-1)"


def test_a_disabled_account_stays_out(client: TestClient) -> None:
    sign_in(client)
    accounts = client.app.state.services.accounts  # type: ignore[attr-defined]
    admin = accounts.principal_of_token(accounts.token_for(Role.ADMIN, "root", None))
    accounts.set_disabled(admin, whoami(client).json()["account_id"], True)
    assert whoami(client).status_code == 401
    refused = sign_in(client)
    assert refused.status_code == 403
    assert "disabled" in refused.json()["detail"]


def test_who_is_in_no_mapped_group_is_not_let_in(embedded: TestClient, provider: Provider) -> None:
    for groups in (None, [], ["strangers"], "strangers", {"readers": True}, [["readers"]], [1]):
        provider.person["groups"] = groups
        refused = sign_in(embedded)
        assert refused.status_code == 403, groups
        assert "none of your groups has a role here" in refused.json()["detail"]
        assert whoami(embedded).status_code == 401
    assert embedded.app.state.services.accounts.accounts() == []  # type: ignore[attr-defined]


def test_two_roles_are_none(embedded: TestClient, provider: Provider) -> None:
    provider.person["groups"] = ["readers", "bosses", "strangers"]
    assert "several roles" in sign_in(embedded).json()["detail"]


def test_a_role_is_never_changed(embedded: TestClient, provider: Provider) -> None:
    sign_in(embedded)
    provider.person["groups"] = ["bosses"]
    refused = sign_in(embedded)
    assert refused.status_code == 403
    assert "never changed" in refused.json()["detail"]


def test_an_account_from_elsewhere_is_audited(embedded: TestClient, sqlite_database: Database, tmp_path: Path) -> None:
    sign_in(embedded)
    assert verify_desk(sqlite_database, tmp_path).broken == []
    with sqlite_database.reading() as session:
        identity = session.query(ExternalIdentity).one()
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE external_identities SET subject = 'u-9'")
    (broken,) = verify_desk(sqlite_database, tmp_path).broken
    assert (broken.table, broken.id) == ("external_identities", identity.id)


def test_unit_and_nested_roles_come_from_their_claims(
    provider: Provider, sqlite_database: Database, clock: StillClock, tmp_path: Path
) -> None:
    provider.person.update({"groups": None, "realm_access": {"roles": ["patrol"]}, "post": "harbour"})
    claims = {"oidc_role_claim": "realm_access.roles", "oidc_unit_claim": "post"}
    with desk_of(provider, sqlite_database, clock, tmp_path, **claims) as client:
        sign_in(client)
        assert (whoami(client).json()["role"], whoami(client).json()["unit"]) == ("officer", "harbour")
        provider.person["post"] = "airport"
        assert "belongs to the unit harbour" in sign_in(client).json()["detail"]
        provider.person.update({"post": None, "sub": "u-2"})
        assert "exactly one unit" in sign_in(client).json()["detail"]


# All in one test: what takes long is the service's start, not the question.
WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://elsewhere.example"},
    {"iss": None},
    {"aud": "another service"},
    {"aud": ["another service", CLIENT_ID]},  # several audiences need to say for whom it was issued
    {"aud": ["another service", CLIENT_ID], "azp": "another service"},
    {"azp": "another service"},
    {"exp": 0},
    {"exp": None},
    {"iat": None},
    {"iat": 2**40},
    {"nbf": 2**40},
    {"nonce": "of another attempt"},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
]


def test_a_token_that_says_anything_wrong_lets_nobody_in(embedded: TestClient, provider: Provider) -> None:
    for changes in WRONG_CLAIMS:
        provider.changes = changes
        refused = sign_in(embedded)
        assert refused.status_code == 401, f"{changes}: {refused.text}"
        assert whoami(embedded).status_code == 401, changes
    assert embedded.app.state.services.accounts.accounts() == []  # type: ignore[attr-defined]
    provider.changes = {}
    assert sign_in(embedded).status_code == 200


def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(embedded: TestClient, provider: Provider) -> None:
    for signer in (unsigned, signed_by_a_stranger, signed_with_the_shared_secret, changed_after_signing):
        provider.signer = signer
        assert sign_in(embedded).status_code == 401, signer
        assert whoami(embedded).status_code == 401, signer


def test_a_key_that_was_changed_is_fetched_once_a_minute_at_most(
    embedded: TestClient, provider: Provider, clock: StillClock
) -> None:
    assert sign_in(embedded).status_code == 200
    provider.rotate()
    assert sign_in(embedded).status_code == 401, "forged tokens must not make us ask each time"
    asked = provider.asked.count("/keys")
    clock.pass_time(seconds=61)
    assert sign_in(embedded).status_code == 200
    assert provider.asked.count("/keys") == asked + 1


def test_the_answer_belongs_to_the_browser_that_began(embedded: TestClient) -> None:
    address = go_there(embedded)
    embedded.cookies.clear()
    assert embedded.get(address).status_code == 401
    go_there(embedded)  # another attempt in this browser
    assert embedded.get(address).status_code == 403


def test_an_attempt_ends_after_ten_minutes(embedded: TestClient, clock: StillClock) -> None:
    address = go_there(embedded)
    clock.pass_time(minutes=11)
    assert embedded.get(address).status_code == 401


def test_a_code_counts_once(embedded: TestClient) -> None:
    address = go_there(embedded)
    cookie = embedded.cookies["reachback_oidc"]
    assert embedded.get(address).status_code == 200
    embedded.cookies.clear()
    assert embedded.get(address, headers={"Cookie": f"reachback_oidc={cookie}"}).status_code == 401
    assert whoami(embedded).status_code == 401


def test_a_provider_that_refuses_is_said(embedded: TestClient) -> None:
    embedded.get("/api/v1/oidc/sign-in")
    refused = embedded.get("/api/v1/oidc/callback?error=access_denied&state=x")
    assert (refused.status_code, "did not sign you in" in refused.json()["detail"]) == (401, True)
    assert embedded.get("/api/v1/oidc/callback").status_code == 401


def test_a_browser_that_is_refused_gets_a_page_that_says_what_to_do(embedded: TestClient, provider: Provider) -> None:
    page = {"Accept": "text/html"}
    provider.person["groups"] = []
    refused = embedded.get(go_there(embedded), headers=page)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "Show this sentence to your administrator" in refused.text
    assert 'href="/api/v1/oidc/sign-in"' in refused.text, "he may begin again at once"


def test_a_browser_is_told_when_the_provider_is_not_there(embedded: TestClient, provider: Provider) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example"}
    refused = embedded.get("/api/v1/oidc/sign-in", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "retry-after" in refused.headers
    assert "Wait a minute and begin again" in refused.text
    assert embedded.get("/api/v1/oidc/sign-in").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_not_what_it_should_be_is_not_asked(
    embedded: TestClient, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert embedded.get("/api/v1/oidc/sign-in").status_code == 503
    assert set(provider.asked) == {"/.well-known/openid-configuration"}


def test_the_cookies_are_for_this_service_only(embedded: TestClient) -> None:
    begun = embedded.get("/api/v1/oidc/sign-in").headers["set-cookie"].lower()
    assert all(part in begun for part in ("httponly", "samesite=lax", "path=/api/v1/oidc"))
    opened = sign_in(embedded).headers.get_list("set-cookie")
    (session,) = [cookie.lower() for cookie in opened if cookie.startswith("reachback_session")]
    assert all(part in session for part in ("httponly", "samesite=strict"))


def test_without_a_provider_there_is_nothing(sqlite_database: Database, clock: StillClock, tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path), clock=clock, database=sqlite_database)
    with TestClient(app, follow_redirects=False) as client:
        assert client.get("/api/v1/oidc/sign-in").status_code == 404
        assert client.get("/api/v1/oidc/callback?code=x&state=x").status_code in (401, 404)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_client_id": None}, "REACHBACK_OIDC_CLIENT_ID"),
        ({"oidc_client_secret": None}, "REACHBACK_OIDC_CLIENT_SECRET"),
        ({"oidc_roles": {}}, "REACHBACK_OIDC_ROLES"),
        ({"oidc_issuer": "http://elsewhere.example"}, "https"),
        ({"oidc_issuer": "nonsense"}, "https"),
    ],
)
def test_settings_that_would_let_in_nobody_or_anybody_are_refused(
    provider: Provider, tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(ProviderRefused, match=named):
        check_provider(settings_for(provider, tmp_path, **changes))


def test_without_the_extra_one_sentence_says_what_to_install(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "reachback.accounts.identity_provider.find_spec",
        lambda name: None if name == "authlib" else found(name),
    )
    with pytest.raises(ProviderRefused, match=r"pip install 'reachback\[oidc\]'"):
        check_provider(settings_for(provider, tmp_path))
    check_provider(Settings(data_dir=tmp_path))


def test_a_role_that_there_is_not_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="oidc_roles"):
        Settings(data_dir=tmp_path, oidc_roles={"x": "emperor"})  # type: ignore[dict-item]
