"""A release is served by its name: every process of the service finds the store in the data folder."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.faults.serving_process import make_token, serving
from tests.library.made_store import made_folder, made_store, released


def test_a_release_of_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REACHBACK_DATA_DIR", "REACHBACK_LIBRARY_STORE"):
        monkeypatch.delenv(name, raising=False)
    made, data = made_folder(tmp_path / "made"), tmp_path / "data"
    released(made_store(data / "library"), made)
    with serving(data, Path("lab-1"), tmp_path / "cache") as served:
        answer = httpx.post(
            f"{served.url}/api/v1/scans",
            files={"file": ("alpha.jdx", (made / "alpha.jdx").read_bytes())},
            headers={"Authorization": f"Bearer {make_token(data, 'officer', 'anna')}", "Idempotency-Key": "one"},
            timeout=60,
        )
    assert answer.status_code == 201, answer.text
    named = answer.json()["identification"]["library"]
    assert (named["name"], named["release"]) == ("lab", "1")
