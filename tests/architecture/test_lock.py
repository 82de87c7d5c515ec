"""requirements.lock pins everything with hashes, says nothing of where from, and fits pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# With its extras, so that pip takes the pin for them too.
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)(?:\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.fixture(scope="module")
def lines(repository: Path) -> list[str]:
    return (repository / "requirements.lock").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def locked(lines: list[str]) -> dict[str, Version]:
    """Every package of the lock with its version."""
    return {found["name"]: Version(found["version"]) for line in lines if (found := PINNED.match(line))}


def test_every_line_is_a_pin_or_a_hash(lines: list[str]) -> None:
    # So there is no room for an address, an option or a file of some machine either.
    assert [line for line in lines if not PINNED.match(line) and not HASH.match(line)] == []


def test_every_pin_is_followed_by_a_hash(lines: list[str]) -> None:
    pins = [number for number, line in enumerate(lines) if PINNED.match(line)]
    assert len(pins) > 30
    assert [lines[number] for number in pins if not HASH.match(lines[number + 1])] == []


def test_it_fits_what_the_project_asks_for(locked: dict[str, Version], repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
    ]
    unmet = []
    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        if version is None or version not in requirement.specifier:
            unmet.append(str(requirement))
    assert unmet == [], "run scripts/lock"
