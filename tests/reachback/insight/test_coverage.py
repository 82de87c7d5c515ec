"""What the library holds of its watch list, and what it should hold besides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from library.model import OpenLibrary
from reachback.insight.coverage import not_held, watched_substances
from reachback.insight.repository import ReportedWords
from spectra.reference import Grade, ReferenceEntry
from spectra.spectrum import Technique

AT = datetime(2030, 1, 1, tzinfo=UTC)


def entry(substance: str, *, watch: bool, grade: Grade, of_class: str | None = None) -> ReferenceEntry:
    return ReferenceEntry(
        id=f"{substance}.jdx",
        substance=substance,
        form=None,
        cas=None,
        inchikey=None,
        substance_class=of_class,
        controlled=watch,
        watch=watch,
        mode=None,
        grade=grade,
        source="made",
        licence="CC0-1.0",
    )


def made_library() -> OpenLibrary:
    """Only what coverage looks at: entries by technique."""
    raman = [
        entry("Fentanyl", watch=True, grade=Grade.BAND_TABLE),
        entry("caffeine", watch=False, grade=Grade.MEASURED),
    ]
    ftir = [
        entry("fentanyl", watch=True, grade=Grade.MEASURED, of_class="fentanyl-related"),
        entry("fentanyl", watch=True, grade=Grade.BAND_TABLE, of_class="fentanyl-related"),
        entry("xylazine", watch=True, grade=Grade.BAND_TABLE, of_class="sedative"),
    ]
    sets: Any = {
        Technique.RAMAN: SimpleNamespace(entries=raman),
        Technique.FTIR: SimpleNamespace(entries=ftir),
    }
    return cast(OpenLibrary, SimpleNamespace(sets=sets))


def report(case_id: str, day: int, *names: str) -> ReportedWords:
    parts = [{"substance": name, "form": None} for name in names]
    return ReportedWords(case_id, "north", parts, True, AT + timedelta(days=day))


def test_each_watched_substance_once_with_what_each_technique_holds() -> None:
    found = watched_substances(made_library())
    assert [(each.substance, each.substance_class) for each in found] == [
        ("Fentanyl", "fentanyl-related"),
        ("xylazine", "sedative"),
    ]
    held = {each.substance: [(h.technique, h.n_measured, h.n_band_tables) for h in each.held] for each in found}
    assert held["Fentanyl"] == [("raman", 0, 1), ("ftir", 1, 1)]
    assert held["xylazine"] == [("raman", 0, 0), ("ftir", 0, 1)]


def test_what_laboratories_found_beside_the_library() -> None:
    results = [
        report("c1", 1, "caffeine", "Nitazene Z"),
        report("c2", 2, "FENTANYL"),
        report("c3", 3, "nitazene z", "medetomidine"),
        report("c4", 4, "fentanyl-related"),  # a family: no reference could be missing
        report("c5", 5),
    ]
    rows, beyond = not_held(made_library(), results)
    assert [(each.substance, each.n_results, each.case_ids) for each in rows] == [
        ("nitazene z", 2, ("c3", "c1")),
        ("medetomidine", 1, ("c3",)),
    ]
    assert rows[0].last_entered_at == AT + timedelta(days=3)
    assert (beyond.n, beyond.of) == (2, 5)
