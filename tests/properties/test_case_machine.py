"""Any order of claims, finishes, silences and withdrawals keeps to the state machine and the reading rules."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import select

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.clock_sweeps import CaseClock
from reachback.cases.models import Case, CaseState, ClockEvent, Lane
from reachback.cases.service import CaseService, Claim
from reachback.cases.states import LEGAL_MOVES
from reachback.db.base import Base
from reachback.db.session import connect, sqlite_url
from reachback.notify.service import NotifyService
from reachback.problems import Conflict, StaleLease
from reachback.settings import Settings
from tests.contracts.databases import StillClock

LEASE = timedelta(seconds=900)
CHEMISTS = [Principal(f"chemist {number}", f"chemist {number}", Role.CHEMIST, "laboratory") for number in range(3)]
OFFICER = Principal("officer", "officer", Role.OFFICER, "harbour")
S = CaseState
Claimed = MultipleResults[tuple[str, str, str]] | tuple[str, str, str]  # case, token, name
FINISHES = [S.FOUND, S.SECOND_READ, S.SECOND_READ, S.THIRD_READ, S.THIRD_READ, S.AWAITING_OFFICER]
READ = {S.CLAIMED, S.SECOND_READ, S.THIRD_READ}


@dataclass
class Known:
    """What the model knows of a case."""

    due_at: datetime
    state: CaseState = S.QUEUED
    holder: str | None = None
    token: str = ""
    expires_at: datetime | None = None
    finder: str | None = None
    second: str | None = None
    releases: int = 0
    passed: list[CaseState] = field(default_factory=lambda: [S.QUEUED])

    def go(self, state: CaseState) -> None:
        if state is not self.state:
            self.passed.append(state)
        self.state = state

    def may_be_read_by(self, name: str) -> bool:
        if self.state in (S.QUEUED, S.CLAIMED):
            return True
        if self.state is S.SECOND_READ:
            return name != self.finder
        return self.state is S.THIRD_READ and name not in (self.finder, self.second)

    def drop(self) -> None:
        self.holder, self.token, self.expires_at = None, "", None


class CountingChance:
    """Ids in a row: the same steps have to give the same choices again."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def new_id(self) -> str:
        return f"id {next(self._numbers):06}"

    def new_secret(self) -> str:
        return f"secret {next(self._numbers):06}"

    def draw(self) -> float:
        return 0.5


@cache
def template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="reachback-machine-"))
    atexit.register(shutil.rmtree, folder)
    database = connect(sqlite_url(folder))
    Base.metadata.create_all(database.engine)
    database.close()
    return folder / "reachback.db"


class CaseMachine(RuleBasedStateMachine):
    """The service beside a model of it."""

    cases: Bundle[str] = Bundle("cases")
    claims: Bundle[tuple[str, str, str]] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="reachback-machine-"))
        shutil.copy(template(), self.folder / "reachback.db")
        self.database = connect(sqlite_url(self.folder))
        self.clock = StillClock()
        made = Settings(data_dir=self.folder, lease_seconds=int(LEASE.total_seconds()))
        chance = CountingChance()
        notify = NotifyService(self.clock, chance, made)
        self.service = CaseService(self.database, self.clock, chance, made, notify)
        self.known: dict[str, Known] = {}

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    # -- rules -------------------------------------------------------------------------------------------------------

    @rule(target=cases, lane=st.sampled_from(Lane))
    def open_case(self, lane: Lane) -> str:
        with self.database.writing("test", "open") as session:
            case = self.service.open_case(session, unit="harbour", exhibit=None, lane=lane, because="a test")
        self.known[case.id] = Known(self.clock.now() + timedelta(hours=1))
        return case.id

    @rule(target=claims, who=st.sampled_from(CHEMISTS))
    def claim_next(self, who: Principal) -> Claimed:
        claim = self.service.claim_next(who)
        waiting = [case_id for case_id in self.known if self._waits_for(case_id, who.name)]
        if claim is None:
            assert waiting == []
            return multiple()
        assert claim.case["case_id"] in waiting
        return self._claimed(claim, who)

    @rule(target=claims, case_id=cases, who=st.sampled_from(CHEMISTS))
    def claim(self, case_id: str, who: Principal) -> Claimed:
        known = self.known[case_id]
        is_free = self._is_free(case_id) or known.holder == who.name
        may = known.may_be_read_by(who.name) or known.state is S.AWAITING_OFFICER
        if not (is_free and may):
            with pytest.raises(Conflict):
                self.service.claim(case_id, who)
            return multiple()
        return self._claimed(self.service.claim(case_id, who), who)

    @rule(claim=claims)
    def renew(self, claim: tuple[str, str, str]) -> None:
        case_id, token, name = claim
        if self._holds(claim):
            self.service.renew(case_id, token, who(name))
            self.known[case_id].expires_at = self.clock.now() + LEASE
        else:
            with pytest.raises(StaleLease):
                self.service.renew(case_id, token, who(name))

    @rule(claim=claims, thief=st.sampled_from(CHEMISTS))
    def use_the_token_of_another(self, claim: tuple[str, str, str], thief: Principal) -> None:
        if thief.name != claim[2]:
            with pytest.raises(StaleLease):
                self.service.renew(claim[0], claim[1], thief)

    @rule(claim=consumes(claims))
    def hand_back(self, claim: tuple[str, str, str]) -> None:
        case_id, token, name = claim
        known = self.known[case_id]
        if not self._holds(claim):
            with pytest.raises(StaleLease):
                self.service.hand_back(case_id, token, who(name))
            return
        self.service.hand_back(case_id, token, who(name))
        if known.state in (S.CLAIMED, S.AWAITING_OFFICER):
            known.go(S.QUEUED)
        known.drop()

    @rule(claim=claims, to=st.sampled_from(FINISHES))
    def finish(self, claim: tuple[str, str, str], to: CaseState) -> None:
        """Try any move under a token; only a live lease, in a state that is read, along an arrow, may."""
        case_id, token, name = claim
        known = self.known[case_id]
        may = self._holds(claim) and known.state in READ and to in LEGAL_MOVES[known.state]
        try:
            with self.database.writing(name, "finding") as session:
                case = self.service.check_lease(session, case_id, token, name, READ)
                if known.state is S.CLAIMED and to is not S.AWAITING_OFFICER:
                    case.finder_id = name
                elif known.state is S.SECOND_READ:
                    case.second_reader_id = name
                self.service.move(session, case, to)
        except Conflict:
            assert not may
            return
        assert may
        assert known.may_be_read_by(name)
        if to is S.AWAITING_OFFICER:
            known.go(to)
            return
        if known.state is S.CLAIMED:
            known.finder = name
        elif known.state is S.SECOND_READ:
            known.second = name
        known.go(to)
        known.drop()

    @rule(target=claims, who=st.sampled_from(CHEMISTS), to=st.sampled_from(FINISHES))
    def read_the_next(self, who: Principal, to: CaseState) -> Claimed:
        """Claim and finish in one step, so that many cases come far."""
        claim = self.claim_next(who)
        if isinstance(claim, tuple):
            self.finish(claim, to)
        return claim

    @rule(case_id=cases)
    def officer_answers(self, case_id: str) -> None:
        known = self.known[case_id]
        if known.state is S.AWAITING_OFFICER:
            with self.database.writing("officer", "answer") as session:
                self.service.move(session, self.service.get(session, case_id, OFFICER), S.CLAIMED)
            known.go(S.CLAIMED)

    @rule(case_id=consumes(cases))
    def withdraw(self, case_id: str) -> None:
        known = self.known[case_id]
        if S.WITHDRAWN in LEGAL_MOVES[known.state]:
            assert self.service.withdraw(case_id, "", OFFICER)["state"] == "withdrawn"
            known.go(S.WITHDRAWN)
            known.drop()
        else:
            with pytest.raises(Conflict):
                self.service.withdraw(case_id, "", OFFICER)

    @rule(case_id=cases, to=st.sampled_from([S.RELEASED, S.LAB_CONFIRMED, S.LAB_REFUTED]))
    def release(self, case_id: str, to: CaseState) -> None:
        known = self.known[case_id]
        is_legal = to in LEGAL_MOVES[known.state]
        try:
            with self.database.writing("test", "release") as session:
                self.service.move(session, self.service.get(session, case_id, CHEMISTS[0]), to)
        except Conflict:
            assert not is_legal
            return
        assert is_legal
        known.go(to)
        known.releases += to is S.RELEASED

    @rule(seconds=st.sampled_from([1, 600, 899, 901, 1800]))
    def pass_time(self, seconds: int) -> None:
        self.clock.pass_time(seconds=seconds)

    @precondition(lambda self: self.known)
    @rule()
    def sweep(self) -> None:
        CaseClock(self.service).run_once()
        self.service.put_back_lapsed()
        for known in self.known.values():
            if known.expires_at is not None and known.expires_at <= self.clock.now():
                if known.state is S.CLAIMED:
                    known.go(S.QUEUED)
                known.drop()

    # -- what must always hold ---------------------------------------------------------------------------------------

    @invariant()
    def agrees_with_the_model(self) -> None:
        with self.database.reading() as session:
            stored = {case.id: case for case in session.scalars(select(Case))}
            events = Counter(session.execute(select(ClockEvent.case_id, ClockEvent.kind)).all())
        assert stored.keys() == self.known.keys()
        for case_id, known in self.known.items():
            case = stored[case_id]
            assert case.state == known.state
            assert case.due_at == known.due_at == case.opened_at + timedelta(seconds=3600)
            assert (case.finder_id, case.second_reader_id) == (known.finder, known.second)
            assert known.releases <= 1
            assert known.finder is None or known.finder != known.second
            assert all(b in LEGAL_MOVES[a] for a, b in zip(known.passed, known.passed[1:], strict=False))
        assert all(count == 1 for count in events.values())

    # -- parts -------------------------------------------------------------------------------------------------------

    def _claimed(self, claim: Claim, who: Principal) -> tuple[str, str, str]:
        case_id = str(claim.case["case_id"])
        known = self.known[case_id]
        if known.state in (S.QUEUED, S.AWAITING_OFFICER):
            known.go(S.CLAIMED)
        known.holder, known.token, known.expires_at = who.name, claim.token, self.clock.now() + LEASE
        return case_id, claim.token, who.name

    def _is_free(self, case_id: str) -> bool:
        expires_at = self.known[case_id].expires_at
        return expires_at is None or expires_at <= self.clock.now()

    def _holds(self, claim: tuple[str, str, str]) -> bool:
        known = self.known[claim[0]]
        return known.token == claim[1] and known.holder == claim[2] and not self._is_free(claim[0])

    def _waits_for(self, case_id: str, name: str) -> bool:
        known = self.known[case_id]
        return self._is_free(case_id) and known.may_be_read_by(name)


def who(name: str) -> Principal:
    return next(chemist for chemist in CHEMISTS if chemist.name == name)


TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
