"""The service is killed in the middle of uploads: what it acknowledged stays, and what it had reserved is finished."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from reachback.db.session import connect, sqlite_url
from tests.contracts.databases import DIALECTS, PostgresServer
from tests.faults.serving_process import make_token, serving
from tests.library.made_library import curve, jcamp, make_folder

UPLOADERS = 6
KILLS = {"sqlite": 3, "postgresql": 1}  # what differs between the two is the reservation alone
AXIS = np.arange(500.0, 3500.1, 4.0)


def scan(number: int) -> bytes:
    noise = np.random.default_rng(number).normal(0.0, 0.002, AXIS.size)
    return jcamp(AXIS, curve(number % 3 * 10, AXIS) + noise).encode()


class Uploader:
    """Sends scans one after another, and remembers every answer and every try."""

    def __init__(self, url: str, token: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def __enter__(self) -> Uploader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()

    def send(self, key: str, content: bytes) -> httpx.Response:
        return self.client.post(
            "/api/v1/scans", files={"file": (f"{key}.jdx", content)}, headers={"Idempotency-Key": key}
        )


@dataclass(frozen=True)
class Ledger:
    """What was sent, and what was acknowledged."""

    tried: dict[str, bytes] = field(default_factory=dict)
    got: dict[str, dict[str, object]] = field(default_factory=dict)


def keep_sending(url: str, token: str, name: str, stop: threading.Event, ledger: Ledger) -> None:
    with Uploader(url, token) as uploader:
        for number in itertools.count():
            if stop.is_set():
                return
            key = f"{name}-{number}"
            content = ledger.tried[key] = scan(hash_of(key))
            try:
                answer = uploader.send(key, content)
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                ledger.got[key] = answer.json()


def hash_of(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")


@pytest.fixture(params=DIALECTS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """Where the service under test keeps its rows."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "data")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh() as url:
        yield url


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_service_is_killed(
    tmp_path: Path, address: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = address.get_backend_name()
    if kind == "postgresql":
        monkeypatch.setenv("REACHBACK_DATABASE_URL", address.render_as_string(hide_password=False))
    data_dir, library = tmp_path / "data", make_folder(tmp_path / "library")
    data_dir.mkdir()
    token = make_token(data_dir, "officer", "anna")
    ledger = Ledger()
    for kill in range(KILLS[kind]):
        with serving(data_dir, library, tmp_path / "cache") as service:
            stop = threading.Event()
            threads = [
                threading.Thread(target=keep_sending, args=(service.url, token, f"{kill}-{number}", stop, ledger))
                for number in range(UPLOADERS)
            ]
            for thread in threads:
                thread.start()
            _wait_for_answers(ledger, len(ledger.got) + 15)
            service.kill()
            stop.set()
            for thread in threads:
                thread.join()
    assert len(ledger.tried) > len(ledger.got), "some were under way when the service was killed"
    reserved = {key: scan_id for key, scan_id, _ in _reservations(address)}
    with serving(data_dir, library, tmp_path / "cache") as service, Uploader(service.url, token) as uploader:
        for key, content in ledger.tried.items():
            started = time.monotonic()
            answer = uploader.send(key, content)
            assert time.monotonic() - started < 20
            if key in ledger.got:
                assert (answer.status_code, answer.json()) == (200, ledger.got[key])
            elif key in reserved:
                assert (answer.status_code, answer.json()["scan_id"]) == (200, reserved[key])
            else:
                assert answer.status_code == 201
            file = uploader.client.get(f"/api/v1/scans/{answer.json()['scan_id']}/file")
            assert file.content == content
    rows = _reservations(address)
    assert sorted(key for key, _, _ in rows) == sorted(ledger.tried)
    assert {state for _, _, state in rows} == {"identified"}


def _wait_for_answers(ledger: Ledger, n_answers: int) -> None:
    ends = time.monotonic() + 60
    while len(ledger.got) < n_answers:
        assert time.monotonic() < ends, "too few uploads were answered"
        time.sleep(0.01)


def _reservations(address: URL) -> list[tuple[str, str, str]]:
    """Key, scan and state of everything that was reserved."""
    database = connect(address)
    joined = "SELECT reservations.key, scans.id, scans.state FROM scans JOIN reservations ON scan_id = scans.id"
    try:
        with database.reading() as session:
            return [(key, scan_id, state) for key, scan_id, state in session.execute(text(joined))]
    finally:
        database.close()
