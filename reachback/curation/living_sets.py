"""Everything that lives in a store, compiled for its checks; what was compiled before is not compiled again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TypeVar

from library.compile_chunks import compile_on_all_cores
from library.fresh_checks import LIVING, chosen_rows, joined
from library.releases import as_folder, open_release
from library.stored_reference import StoredReference
from reachback.curation.reference_catalogue import Known
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique

__all__ = ["LivingSets", "Sets", "begun"]

Sets = Mapping[Technique, ReferenceSet]
Made = TypeVar("Made")


class LivingSets:
    """Keeps what is not released yet; what is released lies compiled in the cache."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fresh: dict[Technique, ReferenceSet] = {}

    def of(self, known: Known) -> Sets:
        """References that were proposed, reviewed or released, by technique."""
        with self._lock:
            made = {technique: self._compiled(known, technique) for technique in Technique}
        return {technique: found for technique, found in made.items() if found is not None}

    def _compiled(self, known: Known, technique: Technique) -> ReferenceSet | None:
        wanted = {
            each.reference.id: each.reference
            for each in known.ledger.of_state(*LIVING)
            if each.reference.row.technique is technique
        }
        parts = []
        if wanted and known.ledger.releases:
            released = open_release(known.store, known.ledger.releases[-1]).sets.get(technique)
            parts += _taken(released, wanted)
        if wanted:
            fresh = _taken(self._fresh.get(technique), wanted)
            if wanted:
                found = as_folder(known.store, tuple(wanted.values())).references()
                fresh.append(compile_on_all_cores(found[technique], lambda done: None))
            self._fresh[technique] = joined(fresh)
            parts.append(self._fresh[technique])
        return joined(parts) if parts else None


def begun(work: Callable[[], Made]) -> Future[Made]:
    """Work that goes on beside the requests, and ends with the process."""
    future: Future[Made] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 – whoever waits for the result is told
            future.set_exception(error)

    Thread(target=run, daemon=True, name="reference-checks").start()
    return future


def _taken(made: ReferenceSet | None, wanted: dict[str, StoredReference]) -> list[ReferenceSet]:
    """Rows of a set that are wanted, which are then no longer missing."""
    if made is None:
        return []
    rows = [row for row, entry in enumerate(made.entries) if wanted.pop(entry.id, None)]
    return [chosen_rows(made, rows)] if rows else []
