"""What waits for chemists, as a list: first lane first, then the earliest due; and whose turn each case is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases import repository
from reachback.cases.blind_reading import view_of
from reachback.cases.models import Case, CaseLease, CaseState, Lane
from reachback.cases.reading_rules import due_reading, who_reads
from reachback.cases.states import OPEN
from reachback.clock import Clock
from reachback.db.session import Database

__all__ = ["MOST_WAITING", "URGENT", "Waiting", "Worklist"]

MOST_WAITING = 500  # cases of one look; whoever has more waiting takes the first of them
URGENT = "urgent"  # exposure or suspected fentanyl, to whoever has still to look at the scan himself
_TELLING_LANES = frozenset({Lane.EXPOSURE, Lane.FENTANYL})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that is not answered yet.

    ``reading`` is the reading it waits for, None once it is found; ``not_mine_because`` says why this reader cannot
    take it, None where he can. ``is_blind``: this reader has still to look at it himself.
    """

    case_id: str
    unit: str
    exhibit: str | None
    n_scans: int
    lane: str
    state: str
    opened_at: datetime
    due_at: datetime
    reading: str | None
    holder: str | None
    is_mine: bool
    not_mine_because: str | None
    is_blind: bool = False

    @property
    def shown_lane(self) -> str:
        """The lane as this reader may know it: how urgent, but not of what, before he has looked himself."""
        return URGENT if self.is_blind and self.lane in _TELLING_LANES else self.lane

    @property
    def is_free(self) -> bool:
        """Whether this reader may take it now."""
        return self.reading is not None and self.not_mine_because is None and (self.holder is None or self.is_mine)


@dataclass(frozen=True, slots=True)
class Worklist:
    """Open cases of all units."""

    database: Database
    clock: Clock

    def waiting(self, principal: Principal) -> list[Waiting]:
        """Open cases in the order in which they are to be read."""
        unit = None if principal.sees_all_units else principal.unit
        with self.database.reading() as session:
            cases = repository.list_cases(session, [CaseState(state) for state in OPEN], unit, None, MOST_WAITING)
            leases = repository.live_leases(session, [case.id for case in cases], self.clock.now())
            looked = _looked(session, [case.id for case in cases], principal)
        ordered = sorted(cases, key=lambda case: (case.lane_rank, case.due_at, case.id))
        return [_as_row(case, leases.get(case.id), principal, looked) for case in ordered]

    def one(self, case_id: str, principal: Principal) -> Waiting | None:
        """One case as the list shows it, whatever its state; None where this reader may not see it."""
        with self.database.reading() as session:
            case = repository.get_case(session, case_id)
            lease = None if case is None else repository.live_lease(session, case_id, self.clock.now())
            looked = _looked(session, [case_id], principal)
        if case is None or not (principal.sees_all_units or case.unit == principal.unit):
            return None
        return _as_row(case, lease, principal, looked)


def _looked(session: Session, case_ids: list[str], principal: Principal) -> Collection[str]:
    """Cases that this reader has looked at himself; nobody else need be looked up."""
    return repository.looked_at(session, case_ids, principal.account_id) if principal.role is Role.CHEMIST else ()


def _as_row(case: Case, lease: CaseLease | None, principal: Principal, looked: Collection[str]) -> Waiting:
    reading = due_reading(case)
    return Waiting(
        case_id=case.id,
        unit=case.unit,
        exhibit=case.exhibit,
        n_scans=len(case.scan_ids),
        lane=str(case.lane),
        state=str(case.state),
        opened_at=case.opened_at,
        due_at=case.due_at,
        reading=None if reading is None else str(reading),
        holder=None if lease is None else lease.account_name,
        is_mine=lease is not None and lease.account_id == principal.account_id,
        not_mine_because=who_reads(case, principal, "" if reading is None else reading),
        is_blind=not view_of(case, principal, looked).suspicions,
    )
