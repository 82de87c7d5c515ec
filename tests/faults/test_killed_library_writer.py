"""A laboratory's step is killed at every file operation: the store shows the state before it or the state after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from library.ledger import State
from library.proposals import propose_folder
from library.store import LibraryStore, review
from tests.library.made_store import ANN, AT, BOB, made_folder, made_store

PROGRAM = Path(__file__).with_name("library_writer.py")
MOST = 80  # operations of the longest step


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


def killed_everywhere(step: str, store: LibraryStore, folder: Path, repository: Path) -> list[dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, str(PROGRAM), step, str(store.path), str(folder), str(MOST)],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.parametrize("step", ["propose", "review", "release"])
def test_a_kill_leaves_the_state_before_or_the_state_after(step: str, tmp_path: Path) -> None:
    folder, store = made_folder(tmp_path / "made"), made_store(tmp_path / "store")
    if step != "propose":
        ids = propose_folder(store, folder, ANN, AT).proposed
        if step == "release":
            review(store, ids, BOB, AT)
    old = {"propose": [], "review": ["proposed"] * 9, "release": ["reviewed"] * 9}[step]
    new = {"propose": ["proposed"] * 9, "review": ["reviewed"] * 9, "release": ["released"] * 9}[step]
    found = killed_everywhere(step, store, folder, Path(__file__).parents[2])
    assert not found[-1]["killed"], "the step has more operations than were tried"
    kills = [each for each in found if each["killed"]]
    assert len(kills) >= 3
    assert {tuple(each["found"]["states"]) for each in kills} <= {tuple(old), tuple(new)}
    # Whatever was found, doing the step again ends where an undisturbed one ends.
    assert {json.dumps(each["after"]) for each in found} == {json.dumps(found[-1]["after"])}
    assert found[-1]["after"]["states"] == new


def test_writers_at_once_wait_for_each_other(tmp_path: Path) -> None:
    store = made_store(tmp_path / "store")
    folders = []
    for number in range(3):
        folder = made_folder(tmp_path / f"made-{number}")
        for file in folder.glob("*.jdx"):  # other bytes, so that nothing is known already
            file.write_text(file.read_text(encoding="utf-8") + f"$$ copy {number}\n", encoding="utf-8")
        folders.append(folder)
    writers = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), "propose", str(store.path), str(folder), "-"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for folder in folders
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    ledger = store.ledger()
    # The matrices are the same bytes in all three folders: 6 references once, and 3 files each.
    assert list(ledger.standings) == [f"R{number:06d}" for number in range(1, 16)]
    assert {each.state for each in ledger.standings.values()} == {State.PROPOSED}
    assert len(store.journal.paths("proposed")) == 3
