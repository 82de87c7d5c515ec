"""Who said something else than whom: machine, first reader, second reader and laboratory, two by two.

The rules are those by which the desk itself works: a second reader agrees as in
`reachback.adjudication.agreement.same_finding`, a laboratory as in `laboratory_agrees`, and what the machine named
counts as taken back as where it makes a second reading due. Retrospective cases are left out: their scans were
answered in cases of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from reachback.adjudication.agreement import same_finding
from reachback.adjudication.laboratory_agreement import laboratory_agrees
from reachback.adjudication.models import FindingOutcome, Reading
from reachback.adjudication.second_reading import MachineView
from reachback.adjudication.substances import folded
from reachback.insight.repository import MachineWords, ReaderWords, ReportedWords
from reachback.insight.shares import Share

__all__ = ["CaseWords", "Compared", "Difference", "PairFigures", "PairKey", "case_words", "compare", "pair_figures"]


class PairKey(StrEnum):
    """Who is compared with whom."""

    MACHINE_FIRST = "machine-first"
    MACHINE_SECOND = "machine-second"
    MACHINE_LABORATORY = "machine-laboratory"
    FIRST_SECOND = "first-second"
    FIRST_LABORATORY = "first-laboratory"
    SECOND_LABORATORY = "second-laboratory"
    ANSWER_LABORATORY = "answer-laboratory"


class Difference(StrEnum):
    """In what the machine and somebody else differ."""

    MACHINE_ONLY = "machine_only"  # it named what the other did not
    OTHER_ONLY = "other_only"  # the other named what it did not
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class CaseWords:
    """All that was said of one case."""

    case_id: str
    first: ReaderWords | None
    second: ReaderWords | None
    third: ReaderWords | None
    amended: ReaderWords | None  # the last time
    laboratory: ReportedWords | None
    scans: tuple[MachineWords, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison of one case; what each named, and when the later of the two spoke."""

    pair: PairKey
    case_id: str
    at: datetime
    differs: bool
    one_said: str
    other_said: str
    difference: Difference | None = None  # of machine and somebody else


@dataclass(frozen=True, slots=True)
class PairFigures:
    """How often the two of a pair differed, of all cases in which both had spoken."""

    pair: PairKey
    differs: Share
    n_machine_only: int | None
    n_other_only: int | None
    n_both: int | None


def case_words(
    readings: Iterable[ReaderWords], reports: Iterable[ReportedWords], scans: Iterable[MachineWords]
) -> list[CaseWords]:
    """The rows of each case, together; of several reports the last."""
    read: dict[str, dict[str, ReaderWords]] = {}
    for reading in readings:
        read.setdefault(reading.case_id, {})[reading.reading] = reading
    reported = {report.case_id: report for report in reports}
    measured: dict[str, list[MachineWords]] = {}
    for scan in scans:
        measured.setdefault(scan.case_id, []).append(scan)
    return [
        CaseWords(
            case_id=case_id,
            first=read.get(case_id, {}).get(Reading.FIRST),
            second=read.get(case_id, {}).get(Reading.SECOND),
            third=read.get(case_id, {}).get(Reading.THIRD),
            amended=read.get(case_id, {}).get(Reading.AMENDMENT),
            laboratory=reported.get(case_id),
            scans=tuple(measured.get(case_id, ())),
        )
        for case_id in sorted(read.keys() | reported.keys())
    ]


def compare(case: CaseWords) -> Iterator[Compared]:
    """Every comparison that this case allows."""
    for reader, machine_pair, laboratory_pair in (
        (case.first, PairKey.MACHINE_FIRST, PairKey.FIRST_LABORATORY),
        (case.second, PairKey.MACHINE_SECOND, PairKey.SECOND_LABORATORY),
    ):
        if reader is None:
            continue
        yield from _with_machine(case, machine_pair, reader.outcome, reader.components, reader.at)
        if case.laboratory is not None:
            agrees = laboratory_agrees(reader.outcome, reader.components, case.laboratory.components)
            yield _compared(
                laboratory_pair, case.case_id, case.laboratory.entered_at, not agrees, reader, case.laboratory
            )
    if case.first is not None and case.second is not None:
        one, other = case.first, case.second
        agrees = same_finding(one.outcome, one.components, other.outcome, other.components)
        yield _compared(PairKey.FIRST_SECOND, case.case_id, other.at, not agrees, one, other)
    if case.laboratory is not None:
        yield from _with_laboratory(case, case.laboratory)


def _with_laboratory(case: CaseWords, report: ReportedWords) -> Iterator[Compared]:
    yield from _with_machine(case, PairKey.MACHINE_LABORATORY, None, report.components, report.entered_at)
    amended = case.amended if case.amended is not None and case.amended.at <= report.entered_at else None
    answered = amended or case.third or case.first
    if answered is not None:
        yield _compared(PairKey.ANSWER_LABORATORY, case.case_id, report.entered_at, not report.agrees, answered, report)


def _with_machine(
    case: CaseWords, pair: PairKey, outcome: str | None, components: Sequence[Mapping[str, Any]], at: datetime
) -> Iterator[Compared]:
    """Compare with what the machine had said until then; a case without a verdict allows no comparison."""
    elements = [element for scan in case.scans if scan.received_at <= at for element in scan.elements]
    if not elements:
        return
    machine = MachineView.of(elements)
    taken_back = machine.rejected_by(components)
    added = _not_named(machine, elements, outcome, components)
    kinds = {
        (True, True): Difference.BOTH,
        (True, False): Difference.MACHINE_ONLY,
        (False, True): Difference.OTHER_ONLY,
    }
    difference = kinds.get((bool(taken_back), bool(added)))
    said = ", ".join(sorted(machine.named)) or _NOTHING
    yield Compared(pair, case.case_id, at, difference is not None, said, _named(components, outcome), difference)


def _not_named(
    machine: MachineView,
    elements: Sequence[Mapping[str, Any]],
    outcome: str | None,
    components: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What a finding names and the machine does not; a family is borne out by its hint, or by a member it named."""
    known = {name for alike in machine.named.values() for name in alike}
    if outcome == FindingOutcome.CLASS:
        known |= {folded(element.get("class_hint")) for element in elements}
        known |= {folded(part.get("class")) for element in elements for part in element.get("components") or ()}
        known.discard("")
        return [
            str(part["substance"])
            for part in components
            if folded(part["substance"]) not in known and folded(part.get("class")) not in known
        ]
    return [str(part["substance"]) for part in components if folded(part["substance"]) not in known]


_NOTHING = "nothing named"


def _compared(
    pair: PairKey, case_id: str, at: datetime, differs: bool, one: ReaderWords, other: ReaderWords | ReportedWords
) -> Compared:
    outcome = other.outcome if isinstance(other, ReaderWords) else None
    return Compared(pair, case_id, at, differs, _named(one.components, one.outcome), _named(other.components, outcome))


def _named(components: Sequence[Mapping[str, Any]], outcome: str | None) -> str:
    """What was named, in words; the outcome where it says more than the names do."""
    names = ", ".join(
        str(part["substance"]) + (f" ({part['form']})" if part.get("form") else "") for part in components
    )
    if outcome in (FindingOutcome.CLASS, FindingOutcome.NOT_IDENTIFIED, FindingOutcome.NEEDS_LABORATORY):
        return f"{str(outcome).replace('_', ' ')}: {names or _NOTHING}"
    return names or _NOTHING


def pair_figures(compared: Iterable[Compared]) -> list[PairFigures]:
    """Each pair with its counts, also those that nothing was compared of."""
    found: dict[PairKey, list[Compared]] = {pair: [] for pair in PairKey}
    for each in compared:
        found[each.pair].append(each)
    return [_figures(pair, rows) for pair, rows in found.items()]


def _figures(pair: PairKey, rows: Sequence[Compared]) -> PairFigures:
    has_machine = pair in (PairKey.MACHINE_FIRST, PairKey.MACHINE_SECOND, PairKey.MACHINE_LABORATORY)
    kinds = [sum(each.difference is kind for each in rows) if has_machine else None for kind in Difference]
    return PairFigures(pair, Share.counted(sum(each.differs for each in rows), len(rows)), *kinds)
