"""Logs: JSON lines on standard error, and no secret in any of them."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from reachback.observability import SECRET_NAMES, log_to_stderr, strike_out_secrets

PASSWORD = "a password nobody guesses"  # noqa: S105 – it is looked for in the log


@pytest.fixture
def own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("name", sorted(SECRET_NAMES))
def test_values_under_the_names_of_secrets_are_struck_out(name: str) -> None:
    assert strike_out_secrets(None, "info", {name.upper(): "hush"}) == {name.upper(): "…"}


@pytest.mark.parametrize(
    "text", ["Authorization: Bearer hush", "cookie reachback_session=hush; path=/", "postgresql://anna:hush@host/db"]
)
def test_what_looks_like_a_secret_is_struck_out(text: str) -> None:
    assert "hush" not in strike_out_secrets(None, "info", {"event": text})["event"]


@pytest.mark.usefixtures("own_logging")
def test_every_log_is_a_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    structlog.get_logger("reachback").info("scan.received", scan_id="s1", token="hush")  # noqa: S106
    logging.getLogger("some.library").warning("%s went wrong", "it", extra={"cookie": "hush"})
    try:
        raise RuntimeError("the inside")
    except RuntimeError:
        structlog.get_logger("reachback").exception("request.failed")
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["scan.received", "it went wrong", "request.failed"]
    assert lines[0]["level"] == "info"
    assert lines[0]["timestamp"].endswith("Z")
    assert "RuntimeError: the inside" in lines[2]["exception"]
    assert "hush" not in written


def test_a_service_at_work_writes_no_secret(tmp_path: Path) -> None:
    """Sign in, fail to, use tokens and cookies; then look for each of them in everything that was written."""
    command = [sys.executable, "-m", "reachback"]
    environment = {**os.environ, "REACHBACK_WORKERS": "1"}

    def token(role: str) -> str:
        arguments = ["token", "--role", role, "--name", role, "--data-dir", str(tmp_path)]
        made = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, check=True)
        return made.stdout.splitlines()[-1]

    admin = token("admin")
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        service = subprocess.Popen(
            [*command, "serve", "--data-dir", str(tmp_path), "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert service.stdout is not None
        with service.stdout:
            where = service.stdout.readline().split()[-1]
            with httpx.Client(base_url=where, timeout=60) as client:
                bearer = {"Authorization": f"Bearer {admin}"}
                body = {"name": "carla", "role": "chemist", "password": PASSWORD}
                made = client.post("/api/v1/accounts", json=body, headers=bearer)
                assert made.status_code == 201
                account = made.json()["account_id"]
                fresh = client.post("/api/v1/tokens", json={"account_id": account}, headers=bearer).json()["token"]
                client.get("/api/v1/session", headers={"Authorization": f"Bearer {fresh}"})
                opened = client.post("/api/v1/session", json={"name": "carla", "password": PASSWORD})
                cookie = opened.cookies["reachback_session"]
                client.post("/api/v1/session", json={"name": "carla", "password": PASSWORD + "!"})
                client.get("/api/v1/session", headers={"Authorization": "Bearer not-a-token-of-ours"})
                client.get("/healthz", params={"token": "in-the-query"})
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0
        log.seek(0)
        written = log.read()
    lines = [json.loads(line) for line in written.splitlines()]
    assert sum(line["event"] == "request" for line in lines) == 7
    secrets = (admin, fresh, cookie, PASSWORD, "not-a-token-of-ours", "in-the-query")
    assert [secret for secret in secrets if secret in written] == []
