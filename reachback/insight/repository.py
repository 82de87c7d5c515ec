"""Every question that figures ask: narrow rows of one period, a fixed number of questions however long it is.

Moments come as text and JSON is cut down by the database before it travels, because most of a scan's row is its
verdicts. What is computed from the rows is computed in the program, and so alike on both databases.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, func, literal_column, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from reachback.accounts.models import Account, Role
from reachback.adjudication.models import Finding, LaboratoryResult
from reachback.cases.models import Case, CaseState, ClockEvent, ClockEventKind, Lane
from reachback.insight.answer_times import CaseTime
from reachback.insight.period import Period
from reachback.intake.models import Scan
from reachback.notify.models import GIVEN_UP, SENDING, SENT, WAITING, Delivery

__all__ = [
    "ChannelCount",
    "DeviceCount",
    "MachineWords",
    "ReaderWords",
    "ReportedWords",
    "ScanTime",
    "case_times",
    "cases_named",
    "channel_counts",
    "device_counts",
    "laboratory_words",
    "last_delivery_errors",
    "machine_words",
    "reader_words",
    "results_entered",
    "scan_times",
]

_NAMING = ("outcome", "class_hint", "components", "alerts")  # parts of a verdict that name something
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ScanTime:
    """When a scan came, and what came of it."""

    received_at: datetime
    state: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class DeviceCount:
    """Scans of one device that ended alike; what a device is called comes from its files, or else from the form."""

    vendor: str | None
    instrument: str | None
    serial: str | None
    stated_serial: str | None
    sender: str | None  # the account, where it is a device's own
    state: str
    outcome: str | None
    n: int


@dataclass(frozen=True, slots=True)
class ReaderWords:
    """One reading of a case."""

    case_id: str
    reading: str
    version: int
    outcome: str
    components: list[dict[str, Any]]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportedWords:
    """What a laboratory found in the exhibit of a case."""

    case_id: str
    laboratory: str
    components: list[dict[str, Any]]
    agrees: bool  # with the answer that stood then
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class MachineWords:
    """What the machine said of one scan of a case."""

    case_id: str
    received_at: datetime
    said: str  # JSON; a year's verdicts as objects would be more than half of the work

    @property
    def elements(self) -> list[dict[str, Any]]:
        """Of each spectrum its outcome, class hint, components and alerts."""
        return [dict(zip(_NAMING, each, strict=True)) for each in json.loads(self.said)]


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """Messages to one channel by what became of them."""

    channel: str
    state: str
    n: int


def scan_times(session: Session, period: Period) -> list[ScanTime]:
    """Every scan received in the period."""
    query = select(type_coerce(Scan.received_at, Text), Scan.state, Scan.outcome).where(
        _within(Scan.received_at, period)
    )
    return [ScanTime(_moment(at), state, outcome) for at, state, outcome in session.execute(query)]


def case_times(session: Session, period: Period) -> list[CaseTime]:
    """Every case opened in the period."""
    breached = select(ClockEvent.id).where(ClockEvent.case_id == Case.id, ClockEvent.kind == ClockEventKind.BREACHED)
    late_end = and_(Case.state == CaseState.WITHDRAWN, breached.exists())
    moments = (Case.opened_at, Case.due_at, Case.preliminary_at, Case.released_at)
    query = select(
        Case.id, Case.lane, Case.state, case((late_end, 1), else_=0), *(type_coerce(each, Text) for each in moments)
    )
    return [
        CaseTime(
            case_id=case_id,
            lane=lane,
            state=state,
            opened_at=_moment(opened),
            due_at=_moment(due),
            answered_at=min((_moment(each) for each in (preliminary, released) if each is not None), default=None),
            was_breached=bool(was_breached),
        )
        for case_id, lane, state, was_breached, opened, due, preliminary, released in session.execute(
            query.where(_within(Case.opened_at, period))
        )
    ]


def device_counts(session: Session, period: Period) -> list[DeviceCount]:
    """Scans received in the period, by device and by how they ended."""
    columns = (
        *(_said(session, Scan.device_results, name, first=True) for name in ("vendor", "instrument", "serial")),
        _said(session, Scan.form, "device_serial"),
        case((Account.role == Role.DEVICE, Account.name)),
        Scan.state,
        Scan.outcome,
    )
    named: list[Any] = [column.label(f"part_{number}") for number, column in enumerate(columns)]
    rows = (
        select(*named).join(Account, Account.id == Scan.account_id).where(_within(Scan.received_at, period)).subquery()
    )
    counted = select(*rows.c, func.count()).group_by(*rows.c)
    return [_device(row) for row in session.execute(counted)]


def _device(row: Any) -> DeviceCount:
    vendor, instrument, serial, stated, sender, state, outcome, n = row
    vendor, instrument, serial, stated = (_as_text(each) for each in (vendor, instrument, serial, stated))
    return DeviceCount(vendor, instrument, serial, stated, sender, state, outcome, n)


def reader_words(session: Session, period: Period) -> list[ReaderWords]:
    """Every reading of the cases opened in the period, but of retrospective ones, in the order of their versions."""
    query = (
        select(
            Finding.case_id,
            Finding.reading,
            Finding.version,
            Finding.outcome,
            Finding.components,
            type_coerce(Finding.at, Text),
        )
        .join(Case, Case.id == Finding.case_id)
        .where(_within(Case.opened_at, period), Case.lane != Lane.RETROSPECTIVE)
    )
    found = [
        ReaderWords(case_id, reading, version, outcome, components, _moment(at))
        for case_id, reading, version, outcome, components, at in session.execute(query)
    ]
    return sorted(found, key=lambda each: (each.case_id, each.version))


def laboratory_words(session: Session, period: Period) -> list[ReportedWords]:
    """What laboratories reported of the cases opened in the period, but of retrospective ones."""
    join = and_(_within(Case.opened_at, period), Case.lane != Lane.RETROSPECTIVE)
    return _reported(session, join)


def results_entered(session: Session, period: Period) -> list[ReportedWords]:
    """What laboratories reported in the period, whenever the case was opened."""
    return _reported(session, _within(LaboratoryResult.entered_at, period))


def _reported(session: Session, condition: ColumnElement[bool]) -> list[ReportedWords]:
    query = (
        select(
            LaboratoryResult.case_id,
            LaboratoryResult.laboratory,
            LaboratoryResult.components,
            LaboratoryResult.agrees,
            type_coerce(LaboratoryResult.entered_at, Text),
        )
        .join(Case, Case.id == LaboratoryResult.case_id)
        .where(condition)
        .order_by(LaboratoryResult.entered_at, LaboratoryResult.id)
    )
    return [
        ReportedWords(case_id, laboratory, components, bool(agrees), _moment(at))
        for case_id, laboratory, components, agrees, at in session.execute(query)
    ]


def machine_words(session: Session, period: Period) -> list[MachineWords]:
    """What the machine said of the scans of cases that somebody has read or a laboratory has reported on."""
    read = select(Finding.id).where(Finding.case_id == Case.id).exists()
    reported = select(LaboratoryResult.id).where(LaboratoryResult.case_id == Case.id).exists()
    query = (
        select(Scan.case_id, type_coerce(Scan.received_at, Text), _words_of_elements(session))
        .join(Case, Case.id == Scan.case_id)
        .where(_within(Case.opened_at, period), Case.lane != Lane.RETROSPECTIVE, or_(read, reported))
    )
    return [MachineWords(case_id, _moment(at), said or "[]") for case_id, at, said in session.execute(query)]


def cases_named(session: Session, case_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Unit and exhibit of these cases."""
    found: dict[str, tuple[str, str | None]] = {}
    for start in range(0, len(case_ids), _IDS_AT_ONCE):
        some = case_ids[start : start + _IDS_AT_ONCE]
        rows = session.execute(select(Case.id, Case.unit, Case.exhibit).where(Case.id.in_(some)))
        found |= {case_id: (unit, exhibit) for case_id, unit, exhibit in rows}
    return found


def channel_counts(session: Session, period: Period) -> list[ChannelCount]:
    """Messages of the period to channels outside, by channel and by what became of them."""
    query = select(Delivery.channel, Delivery.state, func.count()).where(_within(Delivery.created_at, period))
    outside = query.where(Delivery.state.in_((WAITING, SENDING, SENT, GIVEN_UP)))
    return [ChannelCount(*row) for row in session.execute(outside.group_by(Delivery.channel, Delivery.state))]


def last_delivery_errors(session: Session, period: Period, limit: int) -> list[tuple[str, datetime, str | None]]:
    """Channel, time and error of the messages that were given up last."""
    query = select(Delivery.channel, Delivery.created_at, Delivery.last_error).where(
        _within(Delivery.created_at, period), Delivery.state == GIVEN_UP
    )
    newest = query.order_by(Delivery.created_at.desc(), Delivery.id).limit(limit)
    return [(channel, at, error) for channel, at, error in session.execute(newest)]


# -- parts -------------------------------------------------------------------------------------------------------------


def _within(column: InstrumentedAttribute[datetime], period: Period) -> ColumnElement[bool]:
    return and_(column >= period.begins_at, column < period.ends_at)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _as_text(value: Any) -> Any:
    return value if value is None else str(value)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _said(session: Session, column: InstrumentedAttribute[Any], name: str, first: bool = False) -> ColumnElement[Any]:
    """A text in a JSON column, of the ``first`` of its list where it holds one.

    A text that holds an escaped NUL says nothing: PostgreSQL has no such text, and would refuse the whole question.
    """
    place = f"{column.class_.__tablename__}.{column.key}"
    if _is_sqlite(session):
        path = f"$[0].{name}" if first else f"$.{name}"
        return literal_column(f"CASE WHEN instr({place}, '\\u0000') = 0 THEN json_extract({place}, '{path}') END", Text)
    of = f"CAST({place} AS json)" + (" -> 0" if first else "")
    return literal_column(f"CASE WHEN strpos({place}, '\\u0000') = 0 THEN {of} ->> '{name}' END", Text)


def _words_of_elements(session: Session) -> ColumnElement[Any]:
    """Of each element of a scan's verdicts the parts that name something, as JSON text."""
    if _is_sqlite(session):
        parts = ", ".join(f"json_extract(e.value, '$.{name}')" for name in _NAMING)
        return literal_column(
            f"(SELECT json_group_array(json_array({parts})) FROM json_each(scans.identifications) AS e)",  # noqa: S608 – names of our own
            Text,
        )
    parts = ", ".join(f"e.value -> '{name}'" for name in _NAMING)
    return literal_column(
        f"(SELECT CAST(json_agg(json_build_array({parts})) AS text)"  # noqa: S608
        " FROM json_array_elements(CAST(scans.identifications AS json)) AS e(value))",
        Text,
    )
