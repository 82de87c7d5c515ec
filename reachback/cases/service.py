"""What happens to a case: opened, claimed, renewed, handed back, moved, withdrawn. The one place that sets a state."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases import repository
from reachback.cases.blind_reading import View, view_of
from reachback.cases.models import LANE_RANKS, Case, CaseLease, CaseState, FirstImpression, Lane
from reachback.cases.reading_rules import due_reading, who_reads
from reachback.cases.repository import Cursor, Holder
from reachback.cases.states import LEASE_STAYS, READ_BY_LEASE, refuse_illegal_move
from reachback.clock import Chance, Clock, as_utc_text
from reachback.db.session import Database
from reachback.notify.service import NotifyService
from reachback.problems import Conflict, NotAllowed, NotFound, StaleLease
from reachback.settings import Settings

__all__ = ["ANSWER_WITHIN", "CaseService", "Claim"]

ANSWER_WITHIN = timedelta(seconds=3600)


@dataclass(frozen=True, slots=True)
class Claim:
    """A case and the lease under which it is held; the token is shown once."""

    case: dict[str, Any]
    token: str
    epoch: int
    expires_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The contract's answer to a claim."""
        lease = {"token": self.token, "epoch": self.epoch, "expires_at": as_utc_text(self.expires_at)}
        return {"case": self.case, "lease": lease}


@dataclass(frozen=True, slots=True)
class CaseService:
    """Cases and their leases."""

    database: Database
    clock: Clock
    chance: Chance
    settings: Settings
    notify: NotifyService

    # -- inside the transaction of another domain --------------------------------------------------------------------

    def open_case(
        self,
        session: Session,
        *,
        unit: str,
        exhibit: str | None,
        lane: Lane,
        because: str,
        scan_ids: Sequence[str] = (),
    ) -> Case:
        """Open a case now; it is due in 3600 s, and nothing moves that."""
        now = self.clock.now()
        case = Case(
            id=self.chance.new_id(),
            unit=unit,
            exhibit=exhibit,
            state=CaseState.QUEUED,
            lane=lane,
            lane_rank=LANE_RANKS[lane],
            opened_at=now,
            due_at=now + ANSWER_WITHIN,
            opened_because=because,
            scan_ids=list(scan_ids),
        )
        session.add(case)
        session.flush()
        session.add(CaseLease(case_id=case.id, epoch=0))
        message = {"title": f"A case is waiting for a chemist (lane: {lane})", "path": f"/cases/{case.id}"}
        self.notify.tell(session, "case.opened", case.id, unit, message)
        return case

    def open_case_of_exhibit(self, session: Session, unit: str, exhibit: str) -> Case | None:
        """The case that a further scan of this exhibit joins; until the end of the transaction no other is opened."""
        repository.lock_exhibit(session, unit, exhibit)
        return repository.open_case_of_exhibit(session, unit, exhibit)

    def join(self, session: Session, case: Case, scan_ids: Sequence[str], lane: Lane | None = None) -> None:
        """Further scans of the exhibit: the deadline stays, the lane may only become more urgent."""
        fresh = [scan_id for scan_id in scan_ids if scan_id not in case.scan_ids]
        if fresh:
            case.scan_ids = [*case.scan_ids, *fresh]
            self.notify.tell(session, "case.scan_joined", case.id, case.unit)
        if lane is not None and LANE_RANKS[lane] < case.lane_rank:
            case.lane, case.lane_rank = lane, LANE_RANKS[lane]

    def get(self, session: Session, case_id: str, principal: Principal) -> Case:
        """The case; in a writing session nobody else changes it before the end. NotFound also for foreign units."""
        case = repository.get_case(session, case_id)
        if case is None or not (principal.sees_all_units or case.unit == principal.unit):
            raise NotFound("there is no such case")
        return case

    def find(self, session: Session, case_id: str) -> Case | None:
        """The case whoever asks: for the service itself, not for what a person may see."""
        return repository.get_case(session, case_id)

    def check_lease(
        self, session: Session, case_id: str, lease_token: str, account_id: str, states: Collection[CaseState]
    ) -> Case:
        """The case, held by this account under this token, in one of these states; it stays so until the end.

        Raises
        ------
        NotFound, StaleLease
        Conflict
            The lease holds, but the case is in another state.
        """
        case = repository.get_case(session, case_id)
        if case is None:
            raise NotFound("there is no such case")
        lease = repository.live_lease(session, case_id, self.clock.now())
        if lease is None or lease.account_id != account_id or lease.token_sha256 != _digest(lease_token):
            raise StaleLease("the lease on this case has ended, or belongs to somebody else: claim the case again")
        if case.state not in states:
            raise Conflict(f"the case is {case.state}; this needs {' or '.join(sorted(states))}", state=case.state)
        return case

    def lease_of(self, session: Session, case_id: str) -> CaseLease | None:
        """The lease of a case that somebody holds now; None where nobody does."""
        return repository.live_lease(session, case_id, self.clock.now())

    def move(self, session: Session, case: Case, to: CaseState) -> None:
        """Set the state, if that is a legal move; end the lease where the reading ends; tell open pages."""
        origin = CaseState(case.state)
        refuse_illegal_move(origin, to)
        now = self.clock.now()
        case.state = to
        case.waiting_since = now if to is CaseState.AWAITING_OFFICER else None
        if to is CaseState.SECOND_READ:
            case.second_read_since = now
        if to is CaseState.RELEASED:
            case.released_at = now
        if (origin, to) not in LEASE_STAYS:
            self._end_lease(session, case.id)
        self.notify.tell(session, f"case.{to}", case.id, case.unit)

    def view(self, session: Session, case: Case, principal: Principal) -> View:
        """What of a case this account may see now: the one place that knows who reads blind."""
        return view_of(case, principal, self._looked(session, [case.id], principal))

    def impressions(self, session: Session, case_id: str) -> Sequence[FirstImpression]:
        """First impressions of all readers of a case."""
        return repository.first_impressions_of(session, case_id)

    def add_impression(self, session: Session, case: Case, text: str, principal: Principal) -> FirstImpression:
        """Keep what a reader saw before anything was suggested to him; Conflict where it is not his first."""
        if repository.looked_at(session, [case.id], principal.account_id):
            raise Conflict("your first impression of this case is recorded already; a later one is not a first")
        row = FirstImpression(
            id=self.chance.new_id(), case_id=case.id, account_id=principal.account_id, text=text, at=self.clock.now()
        )
        session.add(row)
        self.notify.tell(session, "case.first_impression", case.id, case.unit)
        return row

    def case_as_json(self, session: Session, case: Case, principal: Principal) -> dict[str, Any]:
        """A case in the words of the contract, as this reader may see it."""
        lease = repository.live_lease(session, case.id, self.clock.now())
        return _as_json(case, lease, self.view(session, case, principal))

    # -- calls of their own ------------------------------------------------------------------------------------------

    def show(self, case_id: str, principal: Principal) -> dict[str, Any]:
        """One case."""
        with self.database.reading() as session:
            return self.case_as_json(session, self.get(session, case_id, principal), principal)

    def page(
        self, states: Collection[CaseState], principal: Principal, after: Cursor | None, limit: int
    ) -> tuple[list[dict[str, Any]], Cursor | None]:
        """Cases, earliest due first, and where the next page begins if there is one."""
        unit = None if principal.sees_all_units else principal.unit
        with self.database.reading() as session:
            found = repository.list_cases(session, states, unit, after, limit + 1)
            shown, rest = found[:limit], found[limit:]
            leases = repository.live_leases(session, [case.id for case in shown], self.clock.now())
            looked = self._looked(session, [case.id for case in shown], principal)
            items = [_as_json(case, leases.get(case.id), view_of(case, principal, looked)) for case in shown]
        return items, Cursor(shown[-1].due_at, shown[-1].id) if rest else None

    def claim_next(self, principal: Principal) -> Claim | None:
        """Hold the most urgent case that waits for this reader: first lane first, then the earliest due."""
        _refuse_other_roles(principal)
        with self.database.writing(principal.account_id, "case.claim") as session:
            token, holder = self._new_holder(principal)
            case_id = repository.take_next_lease(session, holder, self.clock.now())
            return None if case_id is None else self._claimed(session, case_id, principal, token)

    def claim(self, case_id: str, principal: Principal) -> Claim:
        """Hold this case. Its own holder gets a fresh token, and the old one is worthless then."""
        _refuse_other_roles(principal)
        with self.database.writing(principal.account_id, "case.claim") as session:
            case = self.get(session, case_id, principal)
            reading = due_reading(case)
            refusal = who_reads(case, principal, "" if reading is None else reading)
            if refusal is not None:
                raise Conflict(refusal, state=case.state)
            token, holder = self._new_holder(principal)
            if not repository.take_lease(session, case_id, holder, self.clock.now()):
                raise Conflict("another chemist holds this case", state=case.state)
            return self._claimed(session, case_id, principal, token)

    def renew(self, case_id: str, lease_token: str, principal: Principal) -> Claim:
        """A sign of life: the lease holds for its whole length again."""
        _refuse_other_roles(principal)
        with self.database.writing(principal.account_id, "case.renew") as session:
            case = self.check_lease(session, case_id, lease_token, principal.account_id, READ_BY_LEASE)
            lease = session.get_one(CaseLease, case_id)
            lease.expires_at = self._lease_end()
            return Claim(self.case_as_json(session, case, principal), lease_token, lease.epoch, lease.expires_at)

    def hand_back(self, case_id: str, lease_token: str, principal: Principal) -> dict[str, Any]:
        """Let go of a case: a first reading is queued again, a second or third one waits for another reader."""
        _refuse_other_roles(principal)
        with self.database.writing(principal.account_id, "case.hand_back") as session:
            case = self.check_lease(session, case_id, lease_token, principal.account_id, READ_BY_LEASE)
            self._let_go(session, case)
            session.flush()
            return self.case_as_json(session, case, principal)

    def withdraw(self, case_id: str, because: str, principal: Principal) -> dict[str, Any]:
        """End a case early, before its answer; what is known of it stays."""
        with self.database.writing(principal.account_id, "case.withdraw") as session:
            case = self.get(session, case_id, principal)
            self.move(session, case, CaseState.WITHDRAWN)
            case.withdrawn_because = because
            session.flush()
            return self.case_as_json(session, case, principal)

    def put_back_lapsed(self) -> int:
        """Cases whose holder has gone wait for a reader again; the number of them."""
        now = self.clock.now()
        with self.database.reading() as session:
            lapsed = repository.cases_with_lapsed_leases(session, now)
        return sum(self._put_back(case_id) for case_id in lapsed)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _looked(self, session: Session, case_ids: Sequence[str], principal: Principal) -> Collection[str]:
        """Only chemists read blind; nobody else need be looked up."""
        if principal.role is not Role.CHEMIST:
            return ()
        return repository.looked_at(session, case_ids, principal.account_id)

    def _put_back(self, case_id: str) -> bool:
        with self.database.writing("clock", "case.lease_expired") as session:
            case = repository.get_case(session, case_id)
            lease = session.get_one(CaseLease, case_id, populate_existing=True)
            # Between the look and this moment the case may have been claimed anew, or put back by another process.
            if case is None or lease.expires_at is None or lease.expires_at > self.clock.now():
                return False
            if case.state == CaseState.CLAIMED:
                self._let_go(session, case)
            else:
                self._end_lease(session, case_id)
            self.notify.tell(session, "case.lease_expired", case_id, case.unit)
            return True

    def _let_go(self, session: Session, case: Case) -> None:
        if case.state in (CaseState.CLAIMED, CaseState.AWAITING_OFFICER):
            self.move(session, case, CaseState.QUEUED)
        else:
            self._end_lease(session, case.id)
            self.notify.tell(session, f"case.{case.state}", case.id, case.unit)

    def _end_lease(self, session: Session, case_id: str) -> None:
        lease = session.get_one(CaseLease, case_id, populate_existing=True)
        lease.account_id = lease.account_name = lease.token_sha256 = lease.expires_at = None
        session.flush()

    def _claimed(self, session: Session, case_id: str, principal: Principal, token: str) -> Claim:
        case = repository.get_case(session, case_id)
        if case is None:
            raise NotFound("there is no such case")
        if case.state in (CaseState.QUEUED, CaseState.AWAITING_OFFICER):
            # A reader who takes over a case that waits for the officer goes on without the answer.
            self.move(session, case, CaseState.CLAIMED)
        else:
            self.notify.tell(session, "case.claimed", case_id, case.unit)
        session.flush()
        lease = session.get_one(CaseLease, case_id, populate_existing=True)
        shown = _as_json(case, lease, self.view(session, case, principal))
        return Claim(shown, token, lease.epoch, lease.expires_at or self._lease_end())

    def _new_holder(self, principal: Principal) -> tuple[str, Holder]:
        token = self.chance.new_secret()
        return token, Holder(principal.account_id, principal.name, _digest(token), self._lease_end())

    def _lease_end(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.settings.lease_seconds)


def _refuse_other_roles(principal: Principal) -> None:
    if principal.role is not Role.CHEMIST:
        raise NotAllowed(f"cases are held by chemists; {principal.name} is a {principal.role}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _as_json(case: Case, lease: CaseLease | None, view: View) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "scan_ids": list(case.scan_ids),
        "unit": case.unit,
        "exhibit": case.exhibit,
        "state": str(case.state),
        "lane": str(case.lane),
        "opened_at": as_utc_text(case.opened_at),
        "due_at": as_utc_text(case.due_at),
        "opened_because": case.opened_because if view.suspicions else None,
        "outcome": case.outcome if view.findings else None,
        "holder": None if lease is None else lease.account_name,
        "released_at": _as_text(case.released_at),
        "preliminary_at": _as_text(case.preliminary_at),
        "waiting_since": _as_text(case.waiting_since),
    }


def _as_text(moment: datetime | None) -> str | None:
    return None if moment is None else as_utc_text(moment)
