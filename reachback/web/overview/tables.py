"""Figures as tables: one form for the page, one for the CSV file that is downloaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from reachback.clock import as_utc_text
from reachback.insight.answer_times import AnswerTimes, Quantile
from reachback.insight.period import Period
from reachback.insight.service import InsightService
from reachback.insight.shares import Share

__all__ = ["TABLES", "CsvTable", "as_csv"]

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Names of columns, and rows."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


_SHARE = ("", "_of", "_share", "_share_low95", "_share_high95")
_ANSWERS = (
    *("cases", "answered", "running", "late", "late_and_open", "late_and_withdrawn", "withdrawn_in_time"),
    *(f"within_hour{end}" for end in _SHARE),
    *("median_s", "median_at_least", "p95_s", "p95_at_least"),
)


def as_csv(table: CsvTable) -> str:
    """The table as RFC 4180 has it; text that a spreadsheet would take for a formula is held down by an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(table.header)
    for row in table.rows:
        writer.writerow([_harmless(cell) for cell in row])
    return written.getvalue()


def _harmless(cell: Cell) -> Cell:
    is_formula = isinstance(cell, str) and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell


def _share(share: Share) -> tuple[Cell, ...]:
    return share.n, share.of, share.value, share.low, share.high


def _answers(answers: AnswerTimes) -> tuple[Cell, ...]:
    return (
        *(answers.n_cases, answers.n_answered, answers.n_running, answers.n_late, answers.n_late_open),
        *(answers.n_late_withdrawn, answers.n_withdrawn),
        *_share(answers.within_hour),
        *_time(answers.median),
        *_time(answers.p95),
    )


def _time(quantile: Quantile) -> tuple[Cell, Cell]:
    return quantile.seconds, "yes" if quantile.at_least else "no"


def _days(insight: InsightService, period: Period) -> CsvTable:
    rows = insight.desk(period).by_day
    return CsvTable(
        ("day", "scans", *_ANSWERS), [(str(each.day), each.n_scans, *_answers(each.answers)) for each in rows]
    )


def _hours(insight: InsightService, period: Period) -> CsvTable:
    rows = insight.desk(period).by_hour
    return CsvTable(("hour", "scans", *_ANSWERS), [(each.hour, each.n_scans, *_answers(each.answers)) for each in rows])


def _lanes(insight: InsightService, period: Period) -> CsvTable:
    rows = insight.desk(period).by_lane
    return CsvTable(("lane", *_ANSWERS), [(each.lane, *_answers(each.answers)) for each in rows])


def _devices(insight: InsightService, period: Period) -> CsvTable:
    header = ("vendor", "instrument", "serial", "sender", "scans", "unreadable", "unusable")
    rows = [
        (
            *(each.vendor, each.instrument, each.serial, each.sender),
            *(each.n_scans, each.n_unreadable, each.n_unusable),
            *_share(each.refused),
        )
        for each in insight.refusals(period).devices
    ]
    return CsvTable((*header, *(f"refused{end}" for end in _SHARE)), rows)


def _pairs(insight: InsightService, period: Period) -> CsvTable:
    header = ("pair", *(f"differs{end}" for end in _SHARE), "machine_only", "other_only", "both")
    rows = [
        (each.pair.value, *_share(each.differs), each.n_machine_only, each.n_other_only, each.n_both)
        for each in insight.disagreement(period, 0).pairs
    ]
    return CsvTable(header, rows)


def _differing(insight: InsightService, period: Period) -> CsvTable:
    header = ("pair", "case_id", "unit", "exhibit", "at", "one_said", "other_said")
    rows = [
        (each.pair.value, each.case_id, each.unit, each.exhibit, as_utc_text(each.at), each.one_said, each.other_said)
        for each in insight.disagreement(period).cases
    ]
    return CsvTable(header, rows)


def _coverage(insight: InsightService, period: Period) -> CsvTable:
    header = ("substance", "class", "technique", "measured_references", "band_tables")
    rows = [
        (each.substance, each.substance_class, held.technique, held.n_measured, held.n_band_tables)
        for each in insight.coverage(period).watched
        for held in each.held
    ]
    return CsvTable(header, rows)


def _not_held(insight: InsightService, period: Period) -> CsvTable:
    rows = [
        (each.substance, each.n_results, as_utc_text(each.last_entered_at), " ".join(each.case_ids))
        for each in insight.coverage(period).not_held
    ]
    return CsvTable(("substance", "results", "last_entered_at", "newest_cases"), rows)


def _messages(insight: InsightService, period: Period) -> CsvTable:
    header = ("channel", "messages", "waiting", *(f"given_up{end}" for end in _SHARE), "last_error")
    rows = [
        (each.channel, each.n_messages, each.n_waiting, *_share(each.given_up), each.last_error)
        for each in insight.deliveries(period).channels
    ]
    return CsvTable(header, rows)


Made = Callable[[InsightService, Period], CsvTable]
TABLES: Mapping[str, Made] = MappingProxyType(
    {
        "days": _days,
        "hours": _hours,
        "lanes": _lanes,
        "devices": _devices,
        "pairs": _pairs,
        "differing-cases": _differing,
        "coverage": _coverage,
        "not-held": _not_held,
        "messages": _messages,
    }
)
