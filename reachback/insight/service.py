"""Figures for those who answer for the desk: how much, how fast, what was refused, who differed, what is missing.

Each call asks a few narrow questions, as many for a day as for a year, and computes outside of the transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from library.model import OpenLibrary
from reachback.cases.models import Lane
from reachback.clock import Clock
from reachback.db.session import Database
from reachback.insight import repository
from reachback.insight.answer_times import CaseTime, answer_times
from reachback.insight.coverage import Coverage, not_held, watched_substances
from reachback.insight.disagreement import Compared, PairKey, case_words, compare, pair_figures
from reachback.insight.figures import (
    Channel,
    Deliveries,
    DeskFigures,
    Device,
    DifferingCase,
    Disagreement,
    OfDay,
    OfHour,
    OfLane,
    Refusals,
    ScanCounts,
)
from reachback.insight.period import Period
from reachback.insight.repository import ChannelCount, DeviceCount, ScanTime
from reachback.insight.shares import Share
from reachback.intake.models import ScanState
from reachback.notify.models import GIVEN_UP, SENT
from spectra.spectrum import Technique
from spectra.verdict import Outcome

__all__ = ["InsightService"]

_ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class InsightService:
    """Computes figures from what the database holds at this moment."""

    database: Database
    clock: Clock
    library: Callable[[], OpenLibrary]

    def desk(self, period: Period) -> DeskFigures:
        """Volumes and answer times."""
        with self.database.reading() as session:
            scans = repository.scan_times(session, period)
            cases = repository.case_times(session, period)
        return _desk_figures(period, self.clock.now(), scans, cases)

    def refusals(self, period: Period) -> Refusals:
        """Scans that no reader could follow or that were no good, by device."""
        with self.database.reading() as session:
            counts = repository.device_counts(session, period)
        devices = _devices(counts)
        total = Share.counted(sum(each.refused.n for each in devices), sum(each.n_scans for each in devices))
        return Refusals(period, total, tuple(devices))

    def disagreement(self, period: Period, limit: int | None = None, pair: PairKey | None = None) -> Disagreement:
        """Who differed from whom; at most so many cases of each pair, or of one pair alone."""
        with self.database.reading() as session:
            readings = repository.reader_words(session, period)
            reports = repository.laboratory_words(session, period)
            scans = repository.machine_words(session, period)
        words = case_words(readings, reports, scans)
        compared = [each for case in words for each in compare(case)]
        differing = [each for each in compared if each.differs and pair in (None, each.pair)]
        read = [case for case in words if case.first is not None]
        return Disagreement(
            period=period,
            pairs=tuple(pair_figures(compared)),
            cases=tuple(self._named(_newest_of_each(differing, limit))),
            n_cases=len(differing),
            read_twice=Share.counted(sum(case.second is not None for case in read), len(read)),
        )

    def coverage(self, period: Period) -> Coverage:
        """The library in use now, against its watch list and what laboratories reported in the period."""
        library = self.library()
        with self.database.reading() as session:
            results = repository.results_entered(session, period)
        watched = watched_substances(library)
        strange, beyond = not_held(library, results)
        any_held = dict.fromkeys(Technique, 0)
        measured = dict.fromkeys(Technique, 0)
        for substance in watched:
            for held in substance.held:
                any_held[Technique(held.technique)] += bool(held.n_measured + held.n_band_tables)
                measured[Technique(held.technique)] += bool(held.n_measured)
        return Coverage(
            library=library.name,
            release=library.release,
            watched=tuple(watched),
            covered={name.value: Share.counted(n, len(watched)) for name, n in any_held.items()},
            measured={name.value: Share.counted(n, len(watched)) for name, n in measured.items()},
            not_held=tuple(strange),
            results_beyond=beyond,
        )

    def deliveries(self, period: Period) -> Deliveries:
        """Messages that did not arrive, by channel."""
        with self.database.reading() as session:
            counts = repository.channel_counts(session, period)
            errors = repository.last_delivery_errors(session, period, _ERRORS_SHOWN)
        return Deliveries(period, tuple(_channels(counts, errors)))

    def _named(self, rows: Sequence[Compared]) -> Iterable[DifferingCase]:
        with self.database.reading() as session:
            named = repository.cases_named(session, sorted({each.case_id for each in rows}))
        for each in rows:
            unit, exhibit = named[each.case_id]
            yield DifferingCase(each.pair, each.case_id, unit, exhibit, each.at, each.one_said, each.other_said)


def _desk_figures(period: Period, now: datetime, scans: Sequence[ScanTime], cases: Sequence[CaseTime]) -> DeskFigures:
    clocked = [case for case in cases if case.lane != Lane.RETROSPECTIVE]
    scan_days: Counter[date] = Counter()
    scan_hours: Counter[int] = Counter()
    for scan in scans:
        local = period.local(scan.received_at)
        scan_days[local.date()] += 1
        scan_hours[local.hour] += 1
    case_days: dict[date, list[CaseTime]] = {}
    case_hours: dict[int, list[CaseTime]] = {}
    for case in clocked:
        local = period.local(case.opened_at)
        case_days.setdefault(local.date(), []).append(case)
        case_hours.setdefault(local.hour, []).append(case)
    return DeskFigures(
        period=period,
        as_of=now,
        scans=_scan_counts(scans),
        answers=answer_times(clocked, now),
        by_day=tuple(OfDay(day, scan_days[day], answer_times(case_days.get(day, ()), now)) for day in period.days),
        by_hour=tuple(
            OfHour(hour, scan_hours[hour], answer_times(case_hours.get(hour, ()), now)) for hour in range(24)
        ),
        by_lane=tuple(
            OfLane(lane.value, lane is not Lane.RETROSPECTIVE, answer_times([c for c in cases if c.lane == lane], now))
            for lane in Lane
        ),
    )


def _scan_counts(scans: Sequence[ScanTime]) -> ScanCounts:
    outcomes = Counter(scan.outcome for scan in scans if scan.outcome is not None)
    return ScanCounts(
        n=len(scans),
        n_unreadable=sum(scan.state == ScanState.UNREADABLE for scan in scans),
        n_unusable=outcomes[Outcome.UNUSABLE],
        outcomes={outcome.value: outcomes[outcome] for outcome in Outcome},
    )


def _devices(counts: Iterable[DeviceCount]) -> list[Device]:
    found: dict[tuple[str | None, str | None, str | None, str | None], list[DeviceCount]] = {}
    for each in counts:
        serial = each.serial or each.stated_serial
        # A device with an account of its own is known by it where neither file nor form name one.
        sender = None if serial or each.instrument else each.sender
        found.setdefault((each.vendor, each.instrument, serial, sender), []).append(each)
    devices = [_device(key, rows) for key, rows in found.items()]
    return sorted(
        devices,
        key=lambda each: (
            *(-each.refused.n, -each.n_scans),
            *(name or "" for name in (each.vendor, each.instrument, each.serial, each.sender)),
        ),
    )


def _device(key: tuple[str | None, str | None, str | None, str | None], rows: Sequence[DeviceCount]) -> Device:
    n_scans = sum(row.n for row in rows)
    unreadable = sum(row.n for row in rows if row.state == ScanState.UNREADABLE)
    unusable = sum(row.n for row in rows if row.outcome == Outcome.UNUSABLE)
    return Device(*key, n_scans, unreadable, unusable, Share.counted(unreadable + unusable, n_scans))


def _newest_of_each(rows: Sequence[Compared], limit: int | None) -> list[Compared]:
    newest = sorted(rows, key=lambda each: (each.at, each.case_id), reverse=True)
    shown: list[Compared] = []
    for pair in PairKey:
        shown += [each for each in newest if each.pair is pair][:limit]
    return shown


def _channels(counts: Sequence[ChannelCount], errors: Sequence[tuple[str, datetime, str | None]]) -> Iterable[Channel]:
    for channel in sorted({each.channel for each in counts}):
        of_state = {each.state: each.n for each in counts if each.channel == channel}
        sent, given_up = of_state.get(SENT, 0), of_state.get(GIVEN_UP, 0)
        n_all = sum(of_state.values())
        yield Channel(
            channel=channel,
            n_messages=n_all,
            n_waiting=n_all - sent - given_up,
            given_up=Share.counted(given_up, sent + given_up),
            last_error=next((error for of, _, error in errors if of == channel), None),
        )
