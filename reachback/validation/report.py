"""The report as plain data: what was judged, on what, how often, and how it stands to the goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from library.model import OpenLibrary
from reachback import __version__
from reachback.validation.cases import CaseFolder
from reachback.validation.figures import Figures, figures_of
from reachback.validation.goals import Standing, Verdict, check
from reachback.validation.judging import Judged, Remarks
from reachback.validation.proportions import Proportion
from reachback.validation.trials import Half

__all__ = ["SCHEMA", "Report", "Section", "report_as_json", "report_of"]

SCHEMA = "reachback.validation/1"


@dataclass(frozen=True, slots=True)
class Section:
    """Figures of one technique on simulated or on measured scans, and their standing."""

    technique: str
    simulated: bool
    data: str
    calibration: str
    figures: Figures
    goals: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A validation as a whole; ``problems`` and ``notes`` are sentences on cases that were not judged."""

    library: OpenLibrary
    cases: str
    date: str
    seed: int
    half: Half
    quick: bool
    sections: tuple[Section, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def missed(self) -> tuple[tuple[Section, Verdict], ...]:
        """Stated goals that were missed."""
        return tuple(
            (section, verdict)
            for section in self.sections
            for verdict in section.goals
            if verdict.standing is Standing.MISSED
        )


def report_of(
    library: OpenLibrary,
    folder: CaseFolder,
    judged: Sequence[Judged],
    remarks: Remarks,
    *,
    date: str,
    seed: int,
    half: Half,
    quick: bool,
) -> Report:
    """Put measured scans first: they weigh more."""
    sections = []
    for each in judged:
        mixed = "the library's references as measured" if each.native else "the library's compiled curves"
        foreign = f", and {each.n_foreign:,} foreign substances of {folder.name}" if each.n_foreign else ""
        kinds = ((each.measured, False, folder.name), (each.simulated, True, f"{mixed}{foreign}"))
        for records, simulated, data in kinds:
            if records:
                figures = figures_of(records)
                calibration = library.calibrations[each.technique].name
                sections.append(Section(each.technique.value, simulated, data, calibration, figures, check(figures)))
    return Report(library, folder.name, date, seed, half, quick, tuple(sections), remarks.problems, remarks.notes)


def report_as_json(report: Report) -> dict[str, Any]:
    """The report in JSON's own types."""
    return {
        "schema": SCHEMA,
        "library": {
            "name": report.library.name,
            "release": report.library.release,
            "digest": report.library.digest,
            "engine": report.library.engine,
        },
        "engine": __version__,
        "cases": report.cases,
        "date": report.date,
        "seed": report.seed,
        "half": report.half.value,
        "quick": report.quick,
        "presumptive": True,
        "interval": "Clopper-Pearson, 95 %, two-sided",
        "sections": [
            {
                "technique": section.technique,
                "simulated": section.simulated,
                "data": section.data,
                "calibration": section.calibration,
                "figures": _plain(section.figures),
                "goals": [_goal(verdict) for verdict in section.goals],
            }
            for section in report.sections
        ],
        "not_judged": [*report.problems, *report.notes],
        "missed": [
            {"technique": section.technique, "simulated": section.simulated, "goal": verdict.goal.name}
            for section, verdict in report.missed
        ],
    }


def _goal(verdict: Verdict) -> dict[str, Any]:
    goal = verdict.goal
    return {
        "name": goal.name,
        "words": goal.words,
        "low": goal.low,
        "high": goal.high,
        "measured": _plain(verdict.measured),
        "standing": verdict.standing.value,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Proportion):
        return value.as_json()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
