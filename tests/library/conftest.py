"""A small folder library that tests may spoil."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.library.made_library import make_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "lab")


@pytest.fixture
def spoil(folder: Path) -> Callable[[str, str], Path]:
    """Replace one text in the manifest."""

    def replace(old: str, new: str) -> Path:
        manifest = folder / "manifest.csv"
        text = manifest.read_text(encoding="utf-8")
        assert old in text
        manifest.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, and a day that does not end during the test."""
    monkeypatch.setattr("library.compile.today", lambda: "2026-01-01")
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"
