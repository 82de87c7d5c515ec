"""What the hour does to a case: due soon, breached, recovered, the officer slow; each written once and told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, exists, or_, select

from reachback.cases import repository
from reachback.cases.models import Case, CaseState, ClockEvent, ClockEventKind, Lane
from reachback.cases.service import CaseService
from reachback.cases.states import ANSWERED, OPEN
from reachback.jobs.sweeps import Sweep

__all__ = ["OFFICER_SLOW_AFTER", "CaseClock", "cases_sweeps"]

_Kind = ClockEventKind
HALF_TIME = timedelta(minutes=30)
LAST_QUARTER = timedelta(minutes=45)
OFFICER_SLOW_AFTER = timedelta(minutes=15)

_TITLES: Mapping[ClockEventKind, str] = MappingProxyType(
    {
        _Kind.DUE_IN_30: "A case is due in 30 minutes",
        _Kind.DUE_IN_15: "A case is due in 15 minutes",
        _Kind.BREACHED: "A case was not answered within the hour",
        _Kind.RECOVERED: "A case that was overdue has been answered",
        _Kind.OFFICER_SLOW: "A case has been waiting for the officer for 15 minutes",
    }
)


@dataclass(frozen=True, slots=True)
class CaseClock:
    """Writes the clock's events; any number of processes may run it at once."""

    cases: CaseService

    def run_once(self) -> int:
        """Write every event that is due now; the number of them."""
        return sum(self._write_due(kind) for kind in ClockEventKind)

    def _write_due(self, kind: ClockEventKind) -> int:
        condition = _condition(kind, self.cases.clock.now())
        with self.cases.database.reading() as session:
            due = repository.cases_without_event(session, kind, condition)
        return sum(self._write(kind, case_id) for case_id in due)

    def _write(self, kind: ClockEventKind, case_id: str) -> bool:
        with self.cases.database.writing("clock", f"case.{kind}") as session:
            case = repository.get_case(session, case_id)  # from here on, other processes wait for this one
            now = self.cases.clock.now()
            still_due = repository.cases_without_event(session, kind, and_(Case.id == case_id, _condition(kind, now)))
            if case is None or not still_due:
                return False
            session.add(ClockEvent(id=self.cases.chance.new_id(), case_id=case_id, kind=kind, at=now))
            message = {"title": _TITLES[kind], "path": f"/cases/{case_id}"}
            self.cases.notify.tell(session, f"case.{kind}", case_id, case.unit, message)
            return True


def _condition(kind: ClockEventKind, now: datetime) -> ColumnElement[bool]:
    """Which cases this event is due for; a warning whose time has passed unnoticed is not given afterwards."""
    unanswered = and_(Case.state.in_(sorted(OPEN)), Case.preliminary_at.is_(None))
    breached = exists(
        select(ClockEvent.id).where(ClockEvent.case_id == Case.id, ClockEvent.kind == ClockEventKind.BREACHED)
    )
    answered = or_(Case.state.in_(sorted(ANSWERED)), Case.preliminary_at.is_not(None))
    conditions: dict[ClockEventKind, ColumnElement[bool]] = {
        _Kind.DUE_IN_30: and_(
            unanswered, Case.opened_at <= now - HALF_TIME, Case.opened_at > now - LAST_QUARTER, Case.due_at > now
        ),
        _Kind.DUE_IN_15: and_(unanswered, Case.opened_at <= now - LAST_QUARTER, Case.due_at > now),
        _Kind.BREACHED: or_(and_(unanswered, Case.due_at <= now), _answered_late()),
        _Kind.RECOVERED: and_(answered, breached),
        _Kind.OFFICER_SLOW: and_(
            Case.state == CaseState.AWAITING_OFFICER, Case.waiting_since <= now - OFFICER_SLOW_AFTER
        ),
    }
    # Nobody waits at a counter for a second look at an old scan: its hour is written, and rings no bell.
    return and_(Case.lane != Lane.RETROSPECTIVE, conditions[kind])


def _answered_late() -> ColumnElement[bool]:
    """Answered after the hour, also where no sweep came by in between."""
    no_preliminary = and_(Case.preliminary_at.is_(None), Case.released_at > Case.due_at)
    return or_(no_preliminary, Case.preliminary_at > Case.due_at)


def cases_sweeps(cases: CaseService) -> list[Sweep]:
    """What has to be looked after in the cases."""
    return [
        Sweep("cases.leases", cases.put_back_lapsed),
        Sweep("cases.clock", CaseClock(cases).run_once),
    ]
