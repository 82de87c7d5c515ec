"""Accounts, tokens and sessions, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from reachback.accounts.models import Role
from reachback.accounts.service import AccountService
from reachback.accounts.signing_in import ATTEMPTS_PER_ADDRESS, ATTEMPTS_PER_NAME
from reachback.app import create_app
from reachback.clock import SystemChance
from reachback.db.session import Database
from reachback.problems import Conflict, NotSignedIn, Problem, Unprocessable
from reachback.settings import Settings
from tests.contracts.databases import StillClock

PASSWORD = "correct horse battery"  # noqa: S105 – nobody's
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def accounts(database: Database, clock: StillClock, tmp_path: Path) -> AccountService:
    return AccountService(database, clock, SystemChance(), Settings(data_dir=tmp_path))


@pytest.fixture
def client(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(data_dir=tmp_path), clock=clock, database=database)
    with TestClient(app, base_url="https://desk.example") as client:
        yield client


@pytest.fixture
def admin(accounts: AccountService) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.token_for(Role.ADMIN, 'root', None)}"}


@pytest.fixture
def carla(client: TestClient, admin: dict[str, str]) -> dict[str, Any]:
    body = {"name": "carla", "role": "chemist", "unit": "desk", "password": PASSWORD}
    answer = client.post("/api/v1/accounts", headers=admin, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def sign_in(client: TestClient, password: str = PASSWORD, code: str | None = None, name: str = "carla") -> Any:
    return client.post("/api/v1/session", json={"name": name, "password": password, "code": code})


# -- tokens


def test_a_token_says_who_it_is(accounts: AccountService) -> None:
    principal = accounts.principal_of_token(accounts.token_for(Role.OFFICER, "anna", "harbour"))
    assert (principal.name, principal.role, principal.unit) == ("anna", Role.OFFICER, "harbour")


def test_the_same_name_gets_a_further_token(accounts: AccountService) -> None:
    first, second = (accounts.token_for(Role.OFFICER, "anna", None) for _ in range(2))
    assert first != second
    assert accounts.principal_of_token(first) == accounts.principal_of_token(second)


def test_without_a_unit_an_account_is_one_of_its_own(accounts: AccountService) -> None:
    one, other = (accounts.principal_of_token(accounts.token_for(Role.DEVICE, name, None)) for name in ("a", "b"))
    assert one.unit != other.unit
    named = accounts.principal_of_token(accounts.token_for(Role.DEVICE, "c", "a"))
    assert named.unit not in {one.unit, other.unit}


@pytest.mark.parametrize(
    ("role", "unit", "sentence"),
    [
        (Role.CHEMIST, None, "is an account of the role officer"),
        (Role.OFFICER, "airport", "belongs to the unit harbour"),
    ],
)
def test_an_account_is_not_contradicted(accounts: AccountService, role: Role, unit: str | None, sentence: str) -> None:
    accounts.token_for(Role.OFFICER, "anna", "harbour")
    with pytest.raises(Conflict, match=sentence):
        accounts.token_for(role, "anna", unit)


@pytest.mark.parametrize("name", ["", " anna", "anna ", "an\nna", "x" * 201, "\ud800"])
def test_a_name_can_be_read(accounts: AccountService, name: str) -> None:
    with pytest.raises(Unprocessable, match="printable"):
        accounts.token_for(Role.OFFICER, name, None)


def test_one_account_for_many_at_once(accounts: AccountService) -> None:
    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda _: accounts.token_for(Role.OFFICER, "anna", None), range(6)))
    assert len({accounts.principal_of_token(token).account_id for token in tokens}) == 1
    assert len(set(tokens)) == 6


def test_no_secret_is_stored(
    accounts: AccountService, client: TestClient, carla: dict[str, Any], database: Database
) -> None:
    token = accounts.token_for(Role.OFFICER, "anna", None)
    cookie = sign_in(client).cookies["reachback_session"]
    with database.reading() as session:
        stored = "\n".join(
            str(tuple(row))
            for table in ("accounts", "tokens", "browser_sessions", "sign_in_attempts")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        )
    assert "anna" in stored
    assert [secret for secret in (token, cookie, PASSWORD) if secret in stored] == []
    assert "$argon2id$" in stored


def test_a_revoked_token_lets_nobody_in(client: TestClient, admin: dict[str, str], carla: dict[str, Any]) -> None:
    made = client.post("/api/v1/tokens", headers=admin, json={"account_id": carla["account_id"]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/v1/session", headers=bearer).json()["name"] == "carla"
    listed = client.get("/api/v1/tokens", headers=admin, params={"account_id": carla["account_id"]}).json()["items"]
    assert [each["token_id"] for each in listed] == [made["token_id"]]
    assert "token" not in listed[0]
    for _ in range(2):
        revoked = client.post(f"/api/v1/tokens/{made['token_id']}/revoke", headers=admin)
        assert revoked.json()["revoked_at"].startswith("2030-01-02T03:04:05")
    assert client.get("/api/v1/session", headers=bearer).status_code == 401


def test_a_disabled_account_is_out_at_once_and_may_come_back(
    client: TestClient, admin: dict[str, str], carla: dict[str, Any]
) -> None:
    made = client.post("/api/v1/tokens", headers=admin, json={"account_id": carla["account_id"]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert sign_in(client).status_code == 200
    where = f"/api/v1/accounts/{carla['account_id']}"
    assert client.post(f"{where}/disable", headers=admin).json()["disabled_at"] is not None
    assert client.get("/api/v1/session", headers=bearer).status_code == 401
    assert client.get("/api/v1/session").status_code == 401
    assert sign_in(client).status_code == 401
    assert client.post("/api/v1/tokens", headers=admin, json={"account_id": carla["account_id"]}).status_code == 409
    client.post(f"{where}/enable", headers=admin)
    assert client.get("/api/v1/session", headers=bearer).status_code == 200


def test_nobody_disables_himself(client: TestClient, admin: dict[str, str]) -> None:
    me = client.get("/api/v1/session", headers=admin).json()["account_id"]
    assert client.post(f"/api/v1/accounts/{me}/disable", headers=admin).status_code == 409


@pytest.mark.parametrize("path", ["accounts/nobody", "accounts/nobody/disable", "tokens/none/revoke"])
def test_what_is_not_there(client: TestClient, admin: dict[str, str], path: str) -> None:
    call = client.get if path == "accounts/nobody" else client.post
    assert call(f"/api/v1/{path}", headers=admin).status_code == 404


def test_a_name_is_given_once(client: TestClient, admin: dict[str, str], carla: dict[str, Any]) -> None:
    body = {"name": "carla", "role": "officer"}
    assert client.post("/api/v1/accounts", headers=admin, json=body).status_code == 409


# -- sessions


def test_a_session_lives_in_a_cookie_that_scripts_and_other_sites_do_not_get(
    client: TestClient, carla: dict[str, Any]
) -> None:
    answer = sign_in(client)
    assert answer.status_code == 200
    assert answer.json()["name"] == "carla"
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    assert client.get("/api/v1/session").json()["account_id"] == carla["account_id"]


def test_the_cookie_is_for_tls_only_where_the_desk_is_reached_by_tls(
    database: Database, clock: StillClock, tmp_path: Path, carla: dict[str, Any]
) -> None:
    settings = Settings(data_dir=tmp_path, public_url="https://desk.example")
    with TestClient(create_app(settings, clock=clock, database=database)) as client:
        assert "secure" in sign_in(client).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://desk.example"}, 204),
        (SAME_SITE, 204),
    ],
)
def test_a_cookie_changes_something_from_our_own_pages_only(
    client: TestClient, carla: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    sign_in(client)
    assert client.delete("/api/v1/session", headers=headers).status_code == status


def test_no_other_site_signs_a_user_in(client: TestClient, carla: dict[str, Any]) -> None:
    body = {"name": "carla", "password": PASSWORD}
    headers = {"Origin": "https://evil.example"}
    assert client.post("/api/v1/session", json=body, headers=headers).status_code == 403


def test_signing_out_ends_it_on_the_server(client: TestClient, carla: dict[str, Any]) -> None:
    cookie = sign_in(client).cookies["reachback_session"]
    assert client.delete("/api/v1/session", headers=SAME_SITE).status_code == 204
    client.cookies.set("reachback_session", cookie)
    assert client.get("/api/v1/session").status_code == 401


def test_inactivity_ends_a_session_and_activity_keeps_it(
    client: TestClient, clock: StillClock, carla: dict[str, Any]
) -> None:
    sign_in(client)
    for _ in range(3):
        clock.pass_time(minutes=29)
        assert client.get("/api/v1/session").status_code == 200
    clock.pass_time(minutes=30)
    assert client.get("/api/v1/session").status_code == 401


def test_age_ends_a_session_in_any_case(client: TestClient, clock: StillClock, carla: dict[str, Any]) -> None:
    sign_in(client)
    for _ in range(24 * 2 - 25):
        clock.pass_time(minutes=29)
        assert client.get("/api/v1/session").status_code == 200
    clock.pass_time(minutes=29 * 2)
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(("name", "password"), [("carla", "wrong"), ("nobody", PASSWORD), ("root", PASSWORD)])
def test_every_refusal_says_the_same(client: TestClient, carla: dict[str, Any], name: str, password: str) -> None:
    answer = sign_in(client, password, name=name)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "name, password or one-time code are not right"


def test_guessing_at_one_name_is_slowed_down(client: TestClient, clock: StillClock, carla: dict[str, Any]) -> None:
    assert {sign_in(client, "wrong").status_code for _ in range(ATTEMPTS_PER_NAME)} == {401}
    answer = sign_in(client)
    assert answer.status_code == 429
    clock.pass_time(seconds=int(answer.headers["retry-after"]))
    assert sign_in(client).status_code == 200


@pytest.fixture
def quick_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching passwords is slow on purpose; these tests count."""
    monkeypatch.setattr("reachback.accounts.signing_in.is_password", lambda password, _: password == PASSWORD)


@pytest.mark.usefixtures("quick_to_refuse")
def test_guessing_from_one_address_is_slowed_down(client: TestClient, carla: dict[str, Any]) -> None:
    answers = [sign_in(client, "wrong", name=f"name {number}").status_code for number in range(ATTEMPTS_PER_ADDRESS)]
    assert set(answers) == {401}
    assert sign_in(client).status_code == 429


@pytest.mark.usefixtures("quick_to_refuse")
def test_many_guesses_at_once_do_not_slip_past(accounts: AccountService) -> None:
    def guess(_: int) -> str:
        try:
            accounts.sign_in("anna", "wrong", None, "10.0.0.1")
        except Problem as refused:
            return type(refused).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(guess, range(2 * ATTEMPTS_PER_NAME)))
    assert refused.count("NotSignedIn") == ATTEMPTS_PER_NAME
    assert refused.count("TooManyAttempts") == ATTEMPTS_PER_NAME


def test_one_time_codes(client: TestClient, admin: dict[str, str], clock: StillClock, carla: dict[str, Any]) -> None:
    shown = client.post(f"/api/v1/accounts/{carla['account_id']}/codes", headers=admin).json()
    assert shown["provisioning_uri"].startswith("otpauth://totp/")
    totp = pyotp.TOTP(shown["secret"])
    assert sign_in(client).status_code == 401
    assert sign_in(client, code="000000").status_code == 401
    code = totp.at(clock.now())
    assert sign_in(client, code=code).status_code == 200
    assert sign_in(client, code=code).status_code == 401  # whoever saw it typed cannot use it too
    assert sign_in(client, code=totp.at(clock.now() - timedelta(minutes=5))).status_code == 401
    clock.pass_time(seconds=30)
    assert sign_in(client, code=totp.at(clock.now())).status_code == 200


def test_a_new_password_signs_everybody_out(client: TestClient, admin: dict[str, str], carla: dict[str, Any]) -> None:
    sign_in(client)
    where = f"/api/v1/accounts/{carla['account_id']}/password"
    assert client.post(where, headers=admin, json={"password": "short"}).status_code == 422
    assert client.post(where, headers=admin, json={"password": "another horse battery"}).status_code == 200
    assert client.get("/api/v1/session").status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, "another horse battery").status_code == 200


def test_a_session_that_never_was(accounts: AccountService) -> None:
    with pytest.raises(NotSignedIn, match="ended"):
        accounts.principal_of_session("nothing")
