from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from library import cache as cache_module
from library.cache import cache_folder
from library.compile import compile_folder
from library.model import OpenLibrary
from library.opening import open_library

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digest of each folder that really is compiled."""
    counted: list[str] = []

    def counting(*arguments: object, **named: object) -> OpenLibrary:
        library = compile_folder(*arguments, **named)  # type: ignore[arg-type]
        counted.append(library.digest)
        return library

    monkeypatch.setattr("library.opening.compile_folder", counting)
    return counted


def entries(cache: Path) -> list[Path]:
    return [path for path in (cache / "libraries").iterdir() if not path.name.startswith(".")]


def test_the_second_opening_is_from_the_cache(folder: Path, cache: Path, builds: list[str]) -> None:
    first, second = open_library(folder), open_library(folder)
    assert len(builds) == 1
    assert first.digest == second.digest
    assert [path.name for path in (cache / "libraries").iterdir()] == [path.name for path in entries(cache)]


def test_a_changed_file_is_compiled_again(folder: Path, builds: list[str]) -> None:
    open_library(folder)
    shutil.copy(folder / "alpha.jdx", folder / "beta.jdx")
    open_library(folder)
    assert len(set(builds)) == 2


def test_another_engine_compiles_again(folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    open_library(folder)
    monkeypatch.setattr(cache_module, "engine_fingerprint", lambda: "of tomorrow")
    open_library(folder)
    assert len(builds) == 2


@pytest.mark.parametrize("file", ["library.json", "ftir.curves.npy", "raman.entries.json"])
def test_a_spoilt_entry_is_made_again(folder: Path, cache: Path, builds: list[str], file: str) -> None:
    open_library(folder)
    (entry,) = entries(cache)
    (entry / file).write_bytes(b"spoilt")
    assert not open_library(folder).warnings
    open_library(folder)
    assert len(builds) == 2


@pytest.mark.parametrize("place", ["file", "below a file"])
def test_without_a_place_for_the_cache_it_works_and_says_so(
    folder: Path, tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "file" if place == "file" else tmp_path / "file" / "x"))
    library = open_library(folder)
    assert library.n_refs == 9
    (warning,) = library.warnings
    assert "could not be kept" in warning


def test_builders_at_the_same_time_leave_one_whole_entry(folder: Path, cache: Path) -> None:
    code = "import sys; from library.opening import open_library; print(open_library(sys.argv[1]).digest)"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            cwd=REPOSITORY,
            env={**os.environ, "REACHBACK_CACHE_DIR": str(cache), "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=120) for process in running]
    assert [error for _, error in told] == ["", "", ""]
    assert len({out for out, _ in told}) == 1
    assert [path.name for path in (cache / "libraries").iterdir()] == [path.name for path in entries(cache)]
    assert len(entries(cache)) == 1


def test_old_entries_and_half_written_ones_are_thrown_away(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 2)
    place = cache / "libraries"
    for name, age in (("old", 300.0), ("older", 400.0), (".x.new-1", 200_000.0), (".y.new-2", 60.0)):
        (place / name).mkdir(parents=True)
        os.utime(place / name, (time.time() - age,) * 2)
    open_library(folder)
    left = {path.name for path in place.iterdir()}
    assert {"old", ".y.new-2"} < left
    assert not {"older", ".x.new-1"} & left
    assert len(left) == 3


def test_the_cache_lies_where_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("REACHBACK_CACHE_DIR")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "reachback"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "reachback"
