"""What the library in use holds of what it should: watched substances, and what laboratories found beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from library.model import OpenLibrary
from reachback.adjudication.substances import folded
from reachback.insight.repository import ReportedWords
from reachback.insight.shares import Share
from spectra.reference import Grade
from spectra.spectrum import Technique

__all__ = ["Coverage", "Held", "NotHeld", "WatchedSubstance", "not_held", "watched_substances"]


@dataclass(frozen=True, slots=True)
class Held:
    """References of one substance by one technique, by their grade."""

    technique: str
    n_measured: int
    n_band_tables: int


@dataclass(frozen=True, slots=True)
class WatchedSubstance:
    """A substance of the watch list, and what the library holds of it by each technique."""

    substance: str
    substance_class: str | None
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A substance that laboratories reported and no reference shows; the newest cases first."""

    substance: str
    n_results: int
    last_entered_at: datetime
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The library in use against its watch list and against laboratories' results."""

    library: str
    release: str
    watched: tuple[WatchedSubstance, ...]
    covered: Mapping[str, Share]  # by technique: watched substances with any reference
    measured: Mapping[str, Share]  # by technique: with a measured one
    not_held: tuple[NotHeld, ...]
    results_beyond: Share  # laboratories' results that name something the library does not hold


_CASES_SHOWN = 10


def watched_substances(library: OpenLibrary) -> list[WatchedSubstance]:
    """The watch list by class and name; a substance is watched where any reference of it says so."""
    count: dict[str, dict[tuple[Technique, Grade], int]] = {}
    names: dict[str, tuple[str, str | None]] = {}
    watched: set[str] = set()
    for technique, references in library.sets.items():
        for entry in references.entries:
            key = folded(entry.substance)
            name, known_class = names.setdefault(key, (entry.substance, entry.substance_class))
            names[key] = (name, known_class or entry.substance_class)
            of_entry = count.setdefault(key, {})
            of_entry[technique, entry.grade] = of_entry.get((technique, entry.grade), 0) + 1
            if entry.watch:
                watched.add(key)
    found = [
        WatchedSubstance(
            *names[key],
            tuple(
                Held(
                    technique.value,
                    count[key].get((technique, Grade.MEASURED), 0),
                    count[key].get((technique, Grade.BAND_TABLE), 0),
                )
                for technique in Technique
            ),
        )
        for key in watched
    ]
    return sorted(found, key=lambda each: (each.substance_class or "", each.substance.casefold()))


def not_held(library: OpenLibrary, results: Iterable[ReportedWords]) -> tuple[list[NotHeld], Share]:
    """What results name that no reference shows, most often reported first; and the share of such results."""
    entries = [entry for references in library.sets.values() for entry in references.entries]
    # A result that names a family as a whole names nothing that a reference could be missing of.
    held = {folded(name) for entry in entries for name in (entry.substance, entry.substance_class)}
    found: dict[str, list[tuple[ReportedWords, str]]] = {}
    n_results = n_beyond = 0
    for result in results:
        strange = {folded(part["substance"]): str(part["substance"]) for part in result.components}
        strange = {key: name for key, name in strange.items() if key not in held}
        n_results, n_beyond = n_results + 1, n_beyond + bool(strange)
        for key, name in strange.items():
            found.setdefault(key, []).append((result, name))
    rows = [
        NotHeld(
            substance=reports[-1][1],
            n_results=len(reports),
            last_entered_at=reports[-1][0].entered_at,
            case_ids=tuple(dict.fromkeys(report.case_id for report, _ in reversed(reports)))[:_CASES_SHOWN],
        )
        for reports in found.values()
    ]
    rows.sort(key=lambda each: (-each.n_results, each.substance.casefold()))
    return rows, Share.counted(n_beyond, n_results)
