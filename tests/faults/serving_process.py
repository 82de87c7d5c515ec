"""The real service as a process, and a client that keeps count of what it was promised."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Serving:
    """A running ``reachback serve``."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(data_dir: Path, library: Path, cache: Path, **environment: str) -> Iterator[Serving]:
    """Start the service, and wait until it can identify."""
    log = data_dir.parent / "serve.log"
    options = ("--data-dir", str(data_dir), "--library", str(library), "--port", "0")
    with log.open("a", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "reachback", "serve", *options],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, "REACHBACK_CACHE_DIR": str(cache), "REACHBACK_WORKERS": "2", **environment},
        )
    assert process.stdout is not None
    try:
        found = next(filter(None, (re.search(r"http://\S+", line) for line in process.stdout)), None)
        assert found, log.read_text(encoding="utf-8")[-2000:]
        _wait_until_healthy(found[0])
        yield Serving(process, found[0])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _wait_until_healthy(url: str) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("the service did not become healthy within two minutes")


def make_token(data_dir: Path, role: str, name: str, unit: str = "harbour") -> str:
    """A bearer token, as the command line gives it."""
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "reachback", "token", "--role", role, "--name", name, "--unit", unit),
            *("--data-dir", str(data_dir)),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()[-1]
