"""A library, scans and the command line for tests of the service's faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from reachback.commands.app import run
from tests.contracts.databases import clock, database, postgres, sqlite_database, sqlite_template
from tests.library.made_library import curve, jcamp, make_folder

__all__ = ["clock", "database", "postgres", "sqlite_database", "sqlite_template"]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder library; its cache is shared by all tests of the session."""
    return make_folder(tmp_path_factory.mktemp("library") / "lab")


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def reachback(session_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(session_cache))
    monkeypatch.delenv("REACHBACK_LIBRARY", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("sys.warnoptions", ["error"])  # a warning is a failure here, as in every other test

    def command(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        assert "Traceback" not in written.err + written.out
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, written.out, written.err)

    return command


@pytest.fixture(scope="session")
def scan(lab: Path) -> Path:
    """A scan of alpha, noisy, as an infrared spectrometer would write it."""
    axis = np.arange(500.0, 3500.1, 4.0)
    values = curve(0, axis) + np.random.default_rng(5).normal(0.0, 0.002, axis.size)
    path = lab.parent / "scan.jdx"
    path.write_text(jcamp(axis, values), encoding="utf-8")
    return path
