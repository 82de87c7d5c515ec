"""What a process does with a chunk of old scans: a pure function of what it is given, so that any executor may run it.

Everything in a chunk can be pickled and belongs to us; a scan's bytes go through the same readers, bounds and cage as
on the day they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from device_adapters.errors import AdapterError
from device_adapters.reading import read
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.model import OpenLibrary
from library.opening import open_library
from reachback.identification_json import identification_as_json
from reachback.last_resort import Mishap, attempt
from reachback.rescreening.screening import (
    PROMISING,
    NewReferences,
    Query,
    highest_gains,
    likeliest,
    named_rows,
    prepare_query,
)
from spectra.errors import SpectraError
from spectra.identify import identify
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import Identification, Outcome

__all__ = ["Chunk", "ChunkAnswer", "Hit", "OldScan", "OtherLibrary", "look_through", "reasons_of"]

Json = Mapping[str, Any]


class OtherLibrary(Exception):
    """This process finds another library under the name than the run was begun with."""


@dataclass(frozen=True, slots=True)
class OldScan:
    """A scan of the archive: its bytes, what its sender stated, and what was answered for each of its spectra."""

    scan_id: str
    file_name: str
    content: bytes
    stated: Json
    identifications: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Scans, and the library under which they are looked at again.

    ``digest`` is the library's as the run knows it; ``added`` technique → ids of new references; ``gone`` ids that mean
    nothing any more.
    """

    library: str | None
    digest: str
    added: Mapping[str, tuple[str, ...]]
    gone: frozenset[str]
    scans: tuple[OldScan, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A scan that is answered otherwise now: why, and the new answer as ``results`` has it."""

    scan_id: str
    reasons: tuple[str, ...]
    identification: Json


@dataclass(frozen=True, slots=True)
class ChunkAnswer:
    """What came of a chunk; counts are of spectra, ``faults`` says which could not be looked at."""

    n_looked: int
    n_identified: int
    hits: tuple[Hit, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A spectrum that is being looked at."""

    scan: OldScan
    spectrum: Spectrum
    old: Json | None
    query: Query | None
    named: tuple[int, ...]


def look_through(chunk: Chunk) -> ChunkAnswer:
    """Look at every spectrum of a chunk, identify the promising ones, and say which are answered otherwise now.

    Raises
    ------
    OtherLibrary
        The library under the chunk's name is not the one the run was begun with.
    """
    library = _opened(chunk.library)
    if library.digest != chunk.digest:
        raise OtherLibrary(
            f"the library is {library.digest[:12]} here, the run needs {chunk.digest[:12]}; give every worker the same"
        )
    faults: list[str] = []
    looks = [look for scan in chunk.scans for look in _looks(scan, library, chunk, faults)]
    promising = [look for technique in library.sets for look in _promising(looks, technique, chunk)]
    hits: dict[str, Hit] = {}
    for look in promising:
        hit = attempt(lambda look=look: _identified(look, library, chunk))  # type: ignore[misc]
        if isinstance(hit, Mishap):
            faults.append(f"{look.scan.scan_id}: {hit.sentence}")
        elif hit is not None:
            hits.setdefault(hit.scan_id, hit)
    return ChunkAnswer(len(looks), len(promising), tuple(hits.values()), tuple(faults))


def reasons_of(
    old: Json | None, new: Identification, added: Mapping[str, str], gone: frozenset[str]
) -> tuple[str, ...]:
    """Why a new answer is worth a chemist's time: it rests on new references, or the old one on what has gone.

    Parameters
    ----------
    added : mapping of str to str
        Id of each new reference → its substance.
    """
    before = _named(old)
    now = {part.substance for part in new.components}
    fresh = [part.substance for part in new.components if part.reference in added and part.substance not in before]
    reasons = [f"a new reference names {name}" for name in dict.fromkeys(fresh)]
    alerted = {alert["substance"] for alert in (old or {}).get("alerts", ())}
    for alert in new.alerts:
        if alert.substance in set(added.values()) - alerted and alert.substance not in fresh:
            reasons.append(f"a new reference raises an alert for {alert.substance}")
    hint = (old or {}).get("class_hint")
    is_like_new = any(candidate.reference in added for candidate in new.candidates)
    if new.outcome is Outcome.CLASS and new.class_hint != hint and is_like_new:
        reasons.append(f"with the new references it looks like {new.class_hint}")
    if _rests_on(old, gone) and before != now:
        reasons.append(f"the answer rested on a reference that was withdrawn or corrected: {', '.join(sorted(before))}")
    return tuple(reasons)


@lru_cache(maxsize=1)
def _opened(library: str | None) -> OpenLibrary:
    return open_library(library)


@lru_cache(maxsize=4)
def _added(library: str | None, technique: Technique, ids: tuple[str, ...]) -> tuple[tuple[int, ...], Json]:
    """Rows of the new references, and the substance of each id."""
    entries = _opened(library).sets[technique].entries
    wanted = set(ids)
    rows = tuple(row for row, entry in enumerate(entries) if entry.id in wanted)
    return rows, {entries[row].id: entries[row].substance for row in rows}


@lru_cache(maxsize=4)
def _new_references(library: str | None, technique: Technique, ids: tuple[str, ...]) -> NewReferences:
    rows, _ = _added(library, technique, ids)
    return NewReferences.of(_opened(library).sets[technique], rows)


def _looks(scan: OldScan, library: OpenLibrary, chunk: Chunk, faults: list[str]) -> list[_Look]:
    found = attempt(lambda: _spectra(scan, library, chunk))
    if isinstance(found, Mishap):
        faults.append(f"{scan.scan_id}: {found.sentence}")
        return []
    return found


def _spectra(scan: OldScan, library: OpenLibrary, chunk: Chunk) -> list[_Look]:
    """Spectra that were not identified with this very library yet, and could be judged."""
    answered = {each["scan"]["index"]: each for each in scan.identifications}
    try:
        recordings = read(scan.content, Path(scan.file_name).name)
        stated = Stated(**scan.stated)
    except (AdapterError, ValueError):
        return []
    looks = []
    for recording in recordings:
        old = answered.get(recording.index)
        if old is not None and (old["library"]["digest"] == chunk.digest or not old["quality"]["usable"]):
            continue
        try:
            spectrum = as_spectrum(recording, stated, file=scan.file_name)
        except (AdapterError, SpectraError):
            continue
        references = library.sets.get(spectrum.technique)
        if references is None:
            continue
        parts = [(part["reference"], part["substance"]) for part in (old or {}).get("components", ())]
        named = named_rows(parts, references)
        looks.append(_Look(scan, spectrum, old, prepare_query(spectrum, named, references), tuple(named)))
    return looks


def _promising(looks: Sequence[_Look], technique: Technique, chunk: Chunk) -> list[_Look]:
    mine = [look for look in looks if look.spectrum.technique is technique]
    ids = chunk.added.get(technique.value, ())
    ready = [look for look in mine if look.query is not None]
    chosen = {id(look) for look in mine if _rests_on(look.old, chunk.gone)}
    if ids and ready:
        new = _new_references(chunk.library, technique, tuple(ids))
        gains = highest_gains([look.query for look in ready if look.query is not None], new)
        chosen |= {id(look) for look, gain in zip(ready, gains, strict=True) if gain >= PROMISING}
    return [look for look in mine if id(look) in chosen]


def _identified(look: _Look, library: OpenLibrary, chunk: Chunk) -> Hit | None:
    technique = look.spectrum.technique
    references = library.sets[technique]
    rows, added = _added(chunk.library, technique, tuple(chunk.added.get(technique.value, ())))
    try:
        if look.query is not None and not _rests_on(look.old, chunk.gone):
            first = identify(look.spectrum, likeliest(look.query, look.named, rows, references))
            if not reasons_of(look.old, first, added, chunk.gone):
                return None
        answer = identify(look.spectrum, references, library.calibrations[technique])
    except SpectraError:
        return None
    reasons = reasons_of(look.old, answer, added, chunk.gone)
    return Hit(look.scan.scan_id, reasons, identification_as_json(answer, library)) if reasons else None


def _named(old: Json | None) -> set[str]:
    return {part["substance"] for part in (old or {}).get("components", ())}


def _rests_on(old: Json | None, gone: frozenset[str]) -> bool:
    return any(part["reference"] in gone for part in (old or {}).get("components", ()))
