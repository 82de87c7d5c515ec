from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, made_library
from tests.reachback.conftest import Command


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_library(tmp_path_factory.mktemp("lib") / "earlier", OLD_NAMES)


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_library(tmp_path_factory.mktemp("lib") / "present", [*OLD_NAMES, NEW_NAME])


def test_an_empty_archive_is_soon_looked_through(
    reachback: Command, earlier: Path, present: Path, tmp_path: Path
) -> None:
    options = ("--library", present, "--data-dir", tmp_path / "data", "--workers", "1")
    ended = reachback("rescreen", "--since", earlier, *options)
    assert (ended.code, ended.err) == (0, "")
    assert "1 new references, 0 gone since earlier unreleased: 0 of 0 chunks" in ended.out
    # A day: the library is a folder, nobody wrote down when its references came, so that all of them count.
    ended = reachback("rescreen", "--since", "2030-01-31", *options)
    assert ended.code == 0
    assert "7 new references, 0 gone since 2030-01-31, before any release" in ended.out


def test_a_library_without_news_is_said(reachback: Command, earlier: Path, tmp_path: Path) -> None:
    ended = reachback("rescreen", "--since", earlier, "--library", earlier, "--data-dir", tmp_path / "data")
    assert (ended.code, ended.err) == (0, "")
    assert "has nothing that earlier unreleased had not" in ended.out
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("no-such-release", "neither a release, nor a library, nor a day written as 2030-01-31"),
        ("2030-13-45", "is no day there is"),
    ],
)
def test_an_earlier_library_that_is_none_is_one_sentence(
    reachback: Command, present: Path, tmp_path: Path, since: str, words: str
) -> None:
    ended = reachback("rescreen", "--since", since, "--library", present, "--data-dir", tmp_path / "data")
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_scheduler_that_is_not_there_is_one_sentence(
    reachback: Command, earlier: Path, present: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="Dask comes with the extra `cluster`")
    monkeypatch.setattr("reachback.rescreening.executors._CONNECT_SECONDS", 1)
    options = ("--since", earlier, "--library", present, "--data-dir", tmp_path / "data")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ended = reachback("rescreen", *options, "--scheduler", "tcp://127.0.0.1:9")
    assert (ended.code, ended.out) == (2, "")
    assert "no Dask scheduler can be reached at tcp://127.0.0.1:9" in ended.err
    assert len(ended.err.splitlines()) == 1
