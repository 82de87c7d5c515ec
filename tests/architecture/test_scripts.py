"""The scripts a person starts first: what they say on a machine that lacks something, and that a failure counts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are for sh")

NEEDED = ("cat", "dirname", "flock", "grep", "rm", "sh")


def write_command(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def place(tmp_path: Path, repository: Path) -> Path:
    """A repository of scripts only, and a folder of the few system commands that they may count on."""
    shutil.copytree(repository / "scripts", tmp_path / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "system").mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        if found:
            (tmp_path / "system" / name).symlink_to(found)
    return tmp_path


def start(place: Path, script: str, python: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [place / "scripts" / script],
        env={"PATH": str(place / "system"), "REACHBACK_PYTHON": str(python), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("script", ["demo", "test"])
def test_an_old_python_is_named_in_one_sentence(place: Path, script: str) -> None:
    old = write_command(place / "old-python", "exit 1")
    refused = start(place, script, old)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "Python 3.11 or newer" in refused.stderr
    assert not (place / ".venv").exists()


def test_a_python_without_venv_is_told_the_package_to_install(place: Path) -> None:
    bare = write_command(place / "bare-python", f'case "$*" in *venv*) exit 1 ;; esac\nexec "{sys.executable}" "$@"')
    refused = start(place, "demo", bare)
    assert refused.returncode == 2
    assert "apt-get install python3-venv" in refused.stderr.splitlines()[-1]
    assert not (place / ".venv" / "made-from").exists()


def make_environment_of_dummies(place: Path) -> None:
    """An environment that counts as finished, whose tools end with the code that their variable holds."""
    tools = place / ".venv" / "bin"
    write_command(tools / "python", f'[ "$2" = pytest ] && exit "${{TESTS:-0}}"\nexec "{sys.executable}" "$@"')
    write_command(tools / "ruff", '[ "$1" = check ] && exit "${LINT:-0}"\nexit "${FORMAT:-0}"')
    write_command(tools / "mypy", 'exit "${TYPES:-0}"')
    write_command(tools / "lint-imports", 'exit "${IMPORTS:-0}"')
    write_command(tools / "reachback", 'echo "reachback $*"')
    stamp = subprocess.run(
        ["sh", "-c", f'. scripts/_environment && environment_stamp "{sys.executable}"'],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    (place / ".venv" / "made-from").write_text(stamp.stdout, encoding="utf-8")


def test_all_checks_passing_is_a_success(place: Path) -> None:
    make_environment_of_dummies(place)
    assert start(place, "test", sys.executable).returncode == 0


@pytest.mark.parametrize("check", ["lint", "format", "types", "imports", "tests"])
def test_one_failing_check_fails_the_whole_and_hides_no_other(place: Path, check: str) -> None:
    make_environment_of_dummies(place)
    ran = start(place, "test", sys.executable, **{check.upper(): "1"})
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1] == f"Failed: {check}"
    assert ran.stdout.count("── ") == 5


def test_without_a_browser_the_tests_run_and_it_is_said(place: Path) -> None:
    make_environment_of_dummies(place)
    write_command(place / "system" / "id", "echo 1000")
    ran = start(place, "test", sys.executable)
    assert ran.returncode == 0
    assert "only root may install it (apt-get install chromium)" in ran.stderr


def test_root_gets_the_browser_installed(place: Path) -> None:
    make_environment_of_dummies(place)
    write_command(place / "system" / "id", "echo 0")
    write_command(place / "system" / "apt-get", f'echo "$*" >>{place}/asked; [ "$1" = update ]')
    ran = start(place, "test", sys.executable)
    assert ran.returncode == 0
    assert "Chromium could not be installed" in ran.stderr
    first, second, third = (place / "asked").read_text(encoding="utf-8").splitlines()
    assert first == third
    assert first.startswith("install -y --no-install-recommends chromium")
    assert second == "update"


def test_a_browser_that_is_there_is_left_alone(place: Path) -> None:
    make_environment_of_dummies(place)
    write_command(place / "system" / "chromium", "exit 1")
    ran = start(place, "test", sys.executable)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_finished_environment_is_kept(place: Path) -> None:
    make_environment_of_dummies(place)
    ran = start(place, "demo", sys.executable)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "reachback demo\n", "")


def test_a_changed_lock_makes_the_environment_anew(place: Path) -> None:
    make_environment_of_dummies(place)
    (place / "requirements.lock").write_text("no-such-option==\n", encoding="utf-8")
    ran = start(place, "demo", sys.executable)
    assert ran.returncode == 2
    assert "Making the environment" in ran.stderr
    assert not (place / ".venv" / "made-from").exists()
