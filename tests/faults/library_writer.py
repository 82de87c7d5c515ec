"""Writes into a library store and ends itself by SIGKILL at a given file operation. A program, no test.

    python library_writer.py STEP STORE FOLDER KILLS     every kill in a child of its own, on a copy of the store
    python library_writer.py propose STORE FOLDER -      once, without a kill

Prints one JSON line for each kill: how the child ended, and what the store says afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from library.ledger import State
from library.opening import open_library
from library.proposals import propose_folder
from library.releases import make_release
from library.store import LibraryStore, review

ANN, BOB, AT = "Ann", "Bob", "2026-03-01T10:00:00Z"


def step_named(name: str, store: LibraryStore, folder: Path) -> Callable[[], object]:
    """What is to be interrupted."""

    def review_all() -> object:
        proposed = [each.reference.id for each in store.ledger().of_state(State.PROPOSED)]
        return review(store, proposed, BOB, AT)

    return {
        "propose": lambda: propose_folder(store, folder, ANN, AT),
        "review": review_all,
        "release": lambda: make_release(store, ANN, AT),
    }[name]


def kill_at(number: int) -> None:
    """End this process without warning before its ``number``-th operation on a file that has to last."""
    count = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    for name in ("fsync", "link", "replace", "rename"):
        setattr(os, name, counted(getattr(os, name)))


def state_of(store: LibraryStore) -> dict[str, Any]:
    """What the store says of itself, and whether its newest release opens."""
    ledger = store.ledger()
    states = sorted(each.state.value for each in ledger.standings.values())
    released = open_library(str(store.path / store.name)).n_refs if ledger.releases else None
    return {"states": states, "releases": len(ledger.releases), "opens": released}


def main() -> None:
    """Run one step, or kill it at every operation in turn until it comes through."""
    name, place, folder, kills = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    if kills == "-":
        step_named(name, LibraryStore.at(place), folder)()
        return
    for number in range(1, int(kills) + 1):
        copy = place.with_name(f"{place.name}-{number}")
        shutil.copytree(place, copy)
        child = os.fork()
        if child == 0:
            kill_at(number)
            step_named(name, LibraryStore.at(copy), folder)()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        store = LibraryStore.at(copy)
        before = state_of(store)
        if killed:
            step_named(name, store, folder)() if before == state_of(LibraryStore.at(place)) else None
        sys.stdout.write(json.dumps({"killed": killed, "found": before, "after": state_of(store)}) + "\n")
        sys.stdout.flush()
        shutil.rmtree(copy)
        if not killed:
            return


if __name__ == "__main__":
    main()
