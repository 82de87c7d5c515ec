"""References looked at: what the checks find on them, and their pictures.

Checks are pure on numbers that never change, so what was found stays until another reference joins or leaves the
library; decisions about findings are laid over them as they stand now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from threading import RLock
from typing import Any, TypeVar

import numpy as np

from library.errors import LibraryError
from library.fresh_checks import LIVING, shipped_standards
from library.ledger import State
from library.qc.findings import Finding, worst
from library.qc.whole import check_sets, check_spectra
from library.releases import as_folder
from library.stored_reference import StoredReference
from reachback.curation.living_sets import LivingSets, Sets, begun
from reachback.curation.reference_catalogue import Known, ReferenceCatalogue
from reachback.library_report.reference_drawing import draw_reference, draw_together
from reachback.problems import Busy, Conflict, Unprocessable
from spectra.errors import SpectraError
from spectra.reference import Reference
from spectra.spectrum import Technique

__all__ = ["MOST_CHECKED", "PENDING", "ReferenceBench", "finding_as_json"]

MOST_CHECKED = 300  # references that wait and are looked at in one go; more are the command line's work
PENDING = (State.PROPOSED, State.REVIEWED)
PATIENCE = 8.0  # [s] that a page waits for the checks to be prepared
_KEPT_PICTURES = 200
Made = TypeVar("Made")


class ReferenceBench:
    """Checks and draws the references of one store."""

    def __init__(self, catalogue: ReferenceCatalogue, patience: float = PATIENCE) -> None:
        self.catalogue = catalogue
        self._patience = patience
        self._lock = RLock()  # the second who asks waits for what the first has begun to work out
        self._living: frozenset[str] = frozenset()
        self._ready: Future[Sets] | None = None
        self._compiler = LivingSets()
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._drawn: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def findings(self, reference_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """What the checks find on each of them, alone and beside everything that lives in the library."""
        known = self.catalogue.now()
        standings = [known.standing(each) for each in reference_ids]
        found = self._looked_at(known, [each.reference for each in standings])
        return {name: [finding_as_json(each, known) for each in found[name]] for name in reference_ids}

    def open_conflicts(self) -> tuple[list[dict[str, Any]], int]:
        """Conflicts that a release would wait for, and how many waiting references were too many to be looked at."""
        known = self.catalogue.now()
        pending = [each.reference for each in known.ledger.of_state(*PENDING)]
        found = self._looked_at(known, pending[:MOST_CHECKED])
        blocking = {each.key: each for findings in found.values() for each in findings if each.is_blocking}
        # What fails by itself was proposed with a reason, and its reviewer answers for it; only pairs keep a release.
        paired = [each for each in worst(blocking.values()) if len(each.references) > 1]
        waiting = [finding_as_json(each, known) for each in paired if each.key not in known.ledger.decisions]
        return waiting, max(0, len(pending) - MOST_CHECKED)

    def picture(self, reference_id: str, other_id: str | None = None) -> bytes:
        """The curve as measured, or two curves of one technique as they are compared; SVG."""
        asked = (reference_id,) if other_id is None else (reference_id, other_id)
        known = self.catalogue.now()
        stored = [known.standing(each).reference for each in asked]
        with self._lock:
            if asked in self._drawn:
                self._drawn.move_to_end(asked)
                return self._drawn[asked]
        drawn = _refused_plainly(lambda: _draw(known, stored))
        with self._lock:
            self._drawn[asked] = drawn
            while len(self._drawn) > _KEPT_PICTURES:
                self._drawn.popitem(last=False)
        return drawn

    # -- parts -------------------------------------------------------------------------------------------------------

    def _looked_at(self, known: Known, asked: Sequence[StoredReference]) -> dict[str, tuple[Finding, ...]]:
        living = frozenset(each.reference.id for each in known.ledger.of_state(*LIVING))
        with self._lock:
            if living != self._living:
                self._living, self._ready, self._found = living, None, {}
            if all(each.id in self._found for each in asked):
                return {each.id: self._found[each.id] for each in asked}
            if self._ready is None:
                self._ready = begun(lambda: self._compiler.of(known))
            ready = self._ready
        sets = self._waited_for(ready)
        with self._lock:
            unseen = [each for each in asked if each.id not in self._found]
            found = _refused_plainly(lambda: _check(known, unseen, sets)) if unseen else {}
            if living == self._living:
                self._found |= found
            return {each.id: found.get(each.id) or self._found.get(each.id, ()) for each in asked}

    def _waited_for(self, ready: Future[Sets]) -> Sets:
        """Preparing thousands of new references takes longer than a page may; meanwhile it says so."""
        try:
            return _refused_plainly(lambda: ready.result(self._patience))
        except TimeoutError:
            words = "the checks are being prepared, as much is new in the library; look again in a minute"
            raise Busy(words, retry_after=30) from None
        finally:
            if ready.done() and ready.exception() is not None:
                self._ready = None  # whoever asks next tries again


def _check(known: Known, asked: Sequence[StoredReference], sets: Sets) -> dict[str, tuple[Finding, ...]]:
    resolutions = {each.id: float(said) for each in asked if (said := each.row.detail("resolution"))}
    alone = [
        finding
        for references in as_folder(known.store, asked).references().values()
        for finding in check_spectra(references, resolutions, shipped_standards())
    ]
    names = {each.id for each in asked}
    rows = {
        technique: np.array([row for row, entry in enumerate(one.entries) if entry.id in names], dtype=np.int64)
        for technique, one in sets.items()
    }
    findings = check_sets(sets, alone, only=rows).findings
    return {each.id: tuple(_about(each.id, findings)) for each in asked}


def finding_as_json(finding: Finding, known: Known) -> dict[str, Any]:
    """A finding, and the decision about it where there is one."""
    decision = known.ledger.decisions.get(finding.key) if finding.is_blocking else None
    rows = [known.ledger.standings[each].reference.row for each in finding.references]
    return {
        "key": finding.key,
        "check": finding.check,
        "level": finding.level.value,
        "references": list(finding.references),
        "substances": [row.substance for row in rows],
        "words": finding.words,
        "figures": dict(finding.figures),
        "settled": None if decision is None else {"by": decision.by, "at": decision.at, "reason": decision.reason},
    }


def _about(reference_id: str, findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if reference_id in each.references]


def _draw(known: Known, stored: Sequence[StoredReference]) -> bytes:
    techniques: Collection[Technique] = {each.row.technique for each in stored}
    if len(techniques) > 1:
        raise Unprocessable("a Raman and an infrared spectrum are not compared; choose two of one technique")
    (read,) = as_folder(known.store, stored).references().values()
    references: list[Reference] = [read[row] for row in range(len(read))]
    return draw_reference(references[0]) if len(references) == 1 else draw_together(references)


def _refused_plainly(work: Callable[[], Made]) -> Made:
    try:
        return work()
    except (LibraryError, SpectraError) as error:
        raise Conflict(f"the library's store cannot be read as it should: {error}") from None
