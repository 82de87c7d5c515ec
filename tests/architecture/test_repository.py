"""The repository stands alone: it names no machine, and its links lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEXT = {".md", ".py", ".toml", ".txt", ".csv", ".jdx", ".yaml", ".svg", ".lock", ""}
LEFT_BEHIND = {".git", ".hypothesis", ".venv", "build", "dist", "htmlcov"}
# Put together here so that this file does not find itself.
MACHINE_PATHS = [re.compile(rf"(?<![\w.])/{root}/\w") for root in ("work", "root", "home", "opt", "tmp")]
REGISTRIES = [
    re.compile(re.escape(".".join(host))) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))
]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")
DECISION = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")


def texts(repository: Path) -> Iterator[tuple[Path, str]]:
    """Every text file of the repository."""
    for folder, folders, files in os.walk(repository):
        folders[:] = [name for name in folders if name not in LEFT_BEHIND and not name.endswith(("_cache", "__"))]
        for name in files:
            path = Path(folder, name)
            if path.suffix in TEXT and not name.startswith(".coverage"):
                yield path.relative_to(repository), path.read_text(encoding="utf-8", errors="replace")


def test_no_file_names_a_machine_or_a_registry(repository: Path) -> None:
    # Where packages come from is the business of the machine they are installed on.
    found = [
        (str(path), text[hit.start() : hit.start() + 40].splitlines()[0])
        for path, text in texts(repository)
        for pattern in (*MACHINE_PATHS, *REGISTRIES)
        for hit in pattern.finditer(text)
    ]
    assert found == []


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    broken = [
        (str(path), target)
        for path, text in texts(repository)
        if path.suffix == ".md"
        for target in LINK.findall(text)
        if not (repository / path.parent / target).exists()
    ]
    assert broken == []


def test_the_top_level_is_the_agreed_one(repository: Path) -> None:
    agreed = {
        *("pyproject.toml", "README.md", "spectra", "library", "reachback", "device_adapters", "tests"),
        *("reference_spectra", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "scripts", "requirements.lock"),
    }
    present = {path.name for path in repository.iterdir() if not path.name.startswith(".")} - LEFT_BEHIND
    assert present == agreed


def test_every_decision_is_numbered_once_and_listed(repository: Path) -> None:
    folder = repository / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    numbers = [found[1] for name in pages if (found := DECISION.match(name))]
    assert numbers == [f"{number:04}" for number in range(1, len(pages) + 1)]
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [name for name in pages if f"({name})" not in index] == []
    for name in pages:
        page = (folder / name).read_text(encoding="utf-8")
        assert page.startswith(f"# {int(name[:4])}. "), name
        assert all(f"\n## {part}\n" in page for part in ("Context", "Decision", "Consequences")), name


@pytest.mark.parametrize("script", ["scripts/demo", "scripts/test", "scripts/lock", ".ci/run"])
def test_scripts_can_be_started(repository: Path, script: str) -> None:
    assert os.access(repository / script, os.X_OK)
    assert (repository / script).read_text(encoding="utf-8").startswith("#!/bin/sh\n")
