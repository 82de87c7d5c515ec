"""The queue on both databases: lanes, leases, pages, and who may hold what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reachback.accounts.models import Role
from reachback.cases.clock_sweeps import cases_sweeps
from reachback.cases.models import CaseLease, CaseState, ClockEventKind, Lane
from reachback.cases.repository import events_of
from reachback.db.session import Database
from reachback.jobs.sweeps import SweepRunner
from reachback.notify.models import DomainEvent
from reachback.problems import Conflict, StaleLease
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, Json, make_desk


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path, lease_seconds=900) as made:
        yield made


@pytest.fixture
def chemist(desk: Desk) -> Json:
    return desk.person(Role.CHEMIST, "marie")


def claim_next(desk: Desk, headers: Json) -> Json | None:
    answer = desk.client.post("/api/v1/cases/claim-next", headers=headers)
    assert answer.status_code in (200, 204), answer.text
    return None if answer.status_code == 204 else answer.json()


def call(desk: Desk, headers: Json, case_id: str, what: str, **body: str) -> tuple[int, Json]:
    answer = desk.client.post(f"/api/v1/cases/{case_id}/{what}", headers=headers, json=body)
    return answer.status_code, answer.json()


def test_the_deadline_is_an_hour_after_the_opening(desk: Desk, chemist: Json) -> None:
    desk.open_case()
    case = desk.client.get("/api/v1/cases", headers=chemist).json()["items"][0]
    opened, due = (datetime.fromisoformat(case[name]) for name in ("opened_at", "due_at"))
    assert due - opened == timedelta(seconds=3600)
    assert set(case) >= {"case_id", "scan_ids", "state", "opened_at", "due_at", "lane", "outcome", "holder"}


def test_lanes_come_first_then_deadlines(desk: Desk, clock: StillClock, chemist: Json) -> None:
    opened = []
    for lane in (Lane.GENERAL, Lane.FENTANYL, Lane.EXPOSURE, Lane.GENERAL, Lane.FENTANYL):
        opened.append(desk.open_case(lane).id)
        clock.pass_time(seconds=1)
    claims = [claim_next(desk, chemist) for _ in range(6)]
    assert claims[-1] is None
    order = [opened.index(claim["case"]["case_id"]) for claim in claims if claim]
    assert order == [2, 1, 4, 0, 3]


def test_pages_show_every_case_once_earliest_due_first(desk: Desk, clock: StillClock, chemist: Json) -> None:
    opened = []
    for number in range(11):
        opened.append(desk.open_case().id)
        clock.pass_time(seconds=number % 2)  # some are due at the same moment
    seen: list[Json] = []
    query: str | None = "state=queued&limit=4"
    while query is not None:
        page = desk.client.get(f"/api/v1/cases?{query}", headers=chemist).json()
        assert len(page["items"]) <= 4
        seen += page["items"]
        query = page["next"]
    assert sorted(case["case_id"] for case in seen) == sorted(opened)
    assert seen == sorted(seen, key=lambda case: (case["due_at"], case["case_id"]))
    assert desk.client.get("/api/v1/cases?state=found", headers=chemist).json() == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "limit=x", "after=yesterday", "after=2030-01-01~x"])
def test_a_wrong_query_is_named(desk: Desk, chemist: Json, query: str) -> None:
    answer = desk.client.get(f"/api/v1/cases?{query}", headers=chemist)
    assert answer.status_code == 422
    assert query.split("=", maxsplit=1)[0] in answer.text


def test_eight_claimers_never_get_the_same_case(desk: Desk) -> None:
    opened = {desk.open_case(list(Lane)[number % 3]).id for number in range(40)}
    people = [desk.principal(Role.CHEMIST, f"chemist {number}") for number in range(8)]
    got: list[list[str]] = [[] for _ in people]

    def claim_all(number: int) -> None:
        while claim := desk.cases.claim_next(people[number]):
            got[number].append(str(claim.case["case_id"]))

    threads = [threading.Thread(target=claim_all, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = [case_id for each in got for case_id in each]
    assert len(together) == 40
    assert set(together) == opened


def test_renewing_keeps_a_case_and_silence_loses_it(desk: Desk, clock: StillClock, chemist: Json) -> None:
    desk.open_case()
    claim = claim_next(desk, chemist)
    assert claim is not None
    case_id, token = claim["case"]["case_id"], claim["lease"]["token"]
    clock.pass_time(seconds=899)
    code, renewed = call(desk, chemist, case_id, "renew", lease_token=token)
    assert code == 200
    assert renewed["lease"]["expires_at"] > claim["lease"]["expires_at"]
    clock.pass_time(seconds=901)
    other = desk.person(Role.CHEMIST, "rosalind")
    taken = claim_next(desk, other)  # without waiting for a sweep
    assert taken is not None
    assert taken["case"]["case_id"] == case_id
    assert taken["lease"]["epoch"] == claim["lease"]["epoch"] + 1
    assert call(desk, chemist, case_id, "renew", lease_token=token)[0] == 409
    assert call(desk, chemist, case_id, "hand-back", lease_token=token)[0] == 409
    assert call(desk, other, case_id, "renew", lease_token=taken["lease"]["token"])[0] == 200


def test_a_token_counts_for_its_own_account_only(desk: Desk, chemist: Json) -> None:
    desk.open_case()
    claim = claim_next(desk, chemist)
    assert claim is not None
    thief = desk.person(Role.CHEMIST, "thief")
    for what in ("renew", "hand-back"):
        code, problem = call(desk, thief, claim["case"]["case_id"], what, lease_token=claim["lease"]["token"])
        assert (code, problem["status"]) == (409, 409)


def test_a_case_that_is_held_is_not_given_away(desk: Desk, chemist: Json) -> None:
    case = desk.open_case()
    first = call(desk, chemist, case.id, "claim")
    assert first[0] == 200
    assert first[1]["case"]["holder"] == "marie"
    assert first[1]["case"]["state"] == "claimed"
    assert call(desk, desk.person(Role.CHEMIST, "rosalind"), case.id, "claim")[0] == 409
    again = call(desk, chemist, case.id, "claim")
    assert again[0] == 200, "whoever lost the token of his own case gets a fresh one"
    assert call(desk, chemist, case.id, "renew", lease_token=first[1]["lease"]["token"])[0] == 409
    assert (
        call(desk, chemist, case.id, "hand-back", lease_token=again[1]["lease"]["token"])[1]["case"]["state"]
        == "queued"
    )


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DEVICE, Role.AUDITOR, Role.SUPERVISOR])
def test_only_chemists_hold_cases(desk: Desk, role: Role) -> None:
    case = desk.open_case()
    stranger = desk.person(role, f"the {role}", "harbour")
    assert desk.client.post("/api/v1/cases/claim-next", headers=stranger).status_code == 403
    assert call(desk, stranger, case.id, "claim")[0] == 403


def test_a_foreign_case_is_not_there(desk: Desk, chemist: Json) -> None:
    case = desk.open_case(unit="harbour")
    ours, theirs = desk.person(Role.OFFICER, "ours", "harbour"), desk.person(Role.OFFICER, "theirs", "airport")
    assert desk.client.get(f"/api/v1/cases/{case.id}", headers=ours).status_code == 200
    assert desk.client.get(f"/api/v1/cases/{case.id}", headers=theirs).status_code == 404
    assert desk.client.get("/api/v1/cases", headers=theirs).json()["items"] == []
    assert call(desk, theirs, case.id, "withdraw")[0] == 404
    assert desk.client.get("/api/v1/cases/nothing", headers=chemist).status_code == 404


def test_an_officer_hears_no_outcome_before_release(desk: Desk, chemist: Json) -> None:
    officer = desk.person(Role.OFFICER, "ours", "harbour")
    case_id = desk.open_case(unit="harbour").id
    claim = call(desk, chemist, case_id, "claim")[1]
    assert claim["case"]["opened_because"] is None, "a first impression comes before the machine's"
    with desk.database.writing("test", "finding") as session:
        marie = desk.principal(Role.CHEMIST, "marie")
        states = [CaseState.CLAIMED]
        case = desk.cases.check_lease(session, case_id, claim["lease"]["token"], marie.account_id, states)
        case.outcome, case.finder_id = "identified", marie.account_id
        desk.cases.move(session, case, CaseState.FOUND)
    url = f"/api/v1/cases/{case_id}"
    found = desk.client.get(url, headers=officer).json()
    assert (found["state"], found["outcome"], found["holder"]) == ("found", None, None)
    assert desk.client.get(url, headers=chemist).json()["outcome"] == "identified"
    with desk.database.writing("test", "release") as session:
        desk.cases.move(session, desk.cases.get(session, case_id, marie), CaseState.RELEASED)
    assert desk.client.get(url, headers=officer).json()["outcome"] == "identified"
    assert call(desk, officer, case_id, "withdraw")[0] == 409


def test_nobody_reads_his_own_finding_twice(desk: Desk) -> None:
    first, second, third = (desk.principal(Role.CHEMIST, name) for name in ("first", "second", "third"))
    case_id = desk.open_case().id

    def finish(who: object, to: CaseState, state: CaseState) -> None:
        claim = desk.cases.claim_next(who)  # type: ignore[arg-type]
        assert claim is not None
        with desk.database.writing("test", "finding") as session:
            case = desk.cases.check_lease(session, case_id, claim.token, who.account_id, [state])  # type: ignore[attr-defined]
            if state is CaseState.CLAIMED:
                case.finder_id = who.account_id  # type: ignore[attr-defined]
            else:
                case.second_reader_id = who.account_id  # type: ignore[attr-defined]
            desk.cases.move(session, case, to)
        with pytest.raises(StaleLease), desk.database.writing("test", "late") as session:
            desk.cases.check_lease(session, case_id, claim.token, who.account_id, list(CaseState))  # type: ignore[attr-defined]

    finish(first, CaseState.SECOND_READ, CaseState.CLAIMED)
    assert desk.cases.claim_next(first) is None
    with pytest.raises(Conflict, match="own finding"):
        desk.cases.claim(case_id, first)
    held = desk.cases.claim_next(second)
    assert held is not None
    assert held.case["state"] == "second_read"
    assert desk.cases.hand_back(case_id, held.token, second)["state"] == "second_read"
    finish(second, CaseState.THIRD_READ, CaseState.SECOND_READ)
    assert desk.cases.claim_next(first) is None
    assert desk.cases.claim_next(second) is None
    with pytest.raises(Conflict, match="third chemist"):
        desk.cases.claim(case_id, second)
    assert desk.cases.claim_next(third) is not None


def test_claim_next_passes_over_what_is_not_this_readers(desk: Desk, clock: StillClock) -> None:
    marie = desk.principal(Role.CHEMIST, "marie")
    own, waiting = desk.open_case(Lane.EXPOSURE).id, desk.open_case(Lane.GENERAL).id
    claim = desk.cases.claim(own, marie)
    with desk.database.writing("test", "finding") as session:
        case = desk.cases.check_lease(session, own, claim.token, marie.account_id, [CaseState.CLAIMED])
        case.finder_id = marie.account_id
        desk.cases.move(session, case, CaseState.SECOND_READ)
    following = desk.cases.claim_next(marie)
    assert following is not None
    assert following.case["case_id"] == waiting
    assert desk.cases.claim_next(marie) is None


def test_a_body_that_is_wrong_names_its_field(desk: Desk, chemist: Json) -> None:
    case_id = desk.open_case().id
    for body in ({}, {"lease_token": 3}, {"lease_token": "x", "also": 1}):
        answer = desk.client.post(f"/api/v1/cases/{case_id}/renew", headers=chemist, json=body)
        assert answer.status_code == 422
        assert "lease_token" in answer.text or "also" in answer.text


def kinds(desk: Desk, case_id: str) -> list[str]:
    with desk.database.reading() as session:
        return [event.kind for event in events_of(session, case_id)]


def told(desk: Desk, kind: str) -> int:
    with desk.database.reading() as session:
        return session.query(DomainEvent).filter(DomainEvent.kind == kind).count()


def test_the_clock_tells_everything_once(desk: Desk, clock: StillClock) -> None:
    runner = SweepRunner(cases_sweeps(desk.cases))
    case_id = desk.open_case().id
    for minutes, expected in (
        (29, []),
        (1, ["due_in_30"]),
        (14, ["due_in_30"]),
        (1, ["due_in_30", "due_in_15"]),
        (15, ["due_in_30", "due_in_15", "breached"]),
    ):
        clock.pass_time(minutes=minutes)
        runner.run_once()
        runner.run_once()
        assert kinds(desk, case_id) == expected
    marie = desk.principal(Role.CHEMIST, "marie")
    claim = desk.cases.claim(case_id, marie)
    with desk.database.writing("test", "release") as session:
        case = desk.cases.check_lease(session, case_id, claim.token, marie.account_id, [CaseState.CLAIMED])
        desk.cases.move(session, case, CaseState.FOUND)
        desk.cases.move(session, case, CaseState.RELEASED)
    clock.pass_time(seconds=1)
    runner.run_once()
    clock.pass_time(hours=5)
    runner.run_once()
    assert kinds(desk, case_id) == ["due_in_30", "due_in_15", "breached", "recovered"]
    assert [told(desk, f"case.{kind}") for kind in ClockEventKind] == [1, 1, 1, 1, 0]


def test_sweeps_at_the_same_time_write_once(desk: Desk, clock: StillClock) -> None:
    ids = [desk.open_case().id for _ in range(10)]
    clock.pass_time(minutes=61)
    threads = [threading.Thread(target=SweepRunner(cases_sweeps(desk.cases)).run_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(kinds(desk, case_id) == ["breached"] for case_id in ids)
    assert told(desk, "case.breached") == 10


def test_an_answer_in_time_is_no_breach(desk: Desk, clock: StillClock) -> None:
    case_id = desk.open_case().id
    withdrawn = desk.open_case().id
    clock.pass_time(minutes=50)
    marie = desk.principal(Role.CHEMIST, "marie")
    desk.cases.withdraw(withdrawn, "sent twice", marie)
    claim = desk.cases.claim(case_id, marie)
    with desk.database.writing("test", "release") as session:
        case = desk.cases.check_lease(session, case_id, claim.token, marie.account_id, [CaseState.CLAIMED])
        desk.cases.move(session, case, CaseState.FOUND)
        desk.cases.move(session, case, CaseState.RELEASED)
    clock.pass_time(hours=3)
    SweepRunner(cases_sweeps(desk.cases)).run_once()
    assert kinds(desk, case_id) == kinds(desk, withdrawn) == []


def test_a_late_answer_is_a_breach_even_if_no_sweep_came_by(desk: Desk, clock: StillClock) -> None:
    case_id = desk.open_case().id
    clock.pass_time(minutes=61)
    marie = desk.principal(Role.CHEMIST, "marie")
    claim = desk.cases.claim(case_id, marie)
    with desk.database.writing("test", "release") as session:
        case = desk.cases.check_lease(session, case_id, claim.token, marie.account_id, [CaseState.CLAIMED])
        desk.cases.move(session, case, CaseState.FOUND)
        desk.cases.move(session, case, CaseState.RELEASED)
    SweepRunner(cases_sweeps(desk.cases)).run_once()
    assert sorted(kinds(desk, case_id)) == ["breached", "recovered"]


def test_waiting_for_the_officer_has_its_own_clock(desk: Desk, clock: StillClock) -> None:
    runner = SweepRunner(cases_sweeps(desk.cases))
    case_id = desk.open_case().id
    due_at = desk.client.get(f"/api/v1/cases/{case_id}", headers=desk.person(Role.CHEMIST, "marie")).json()["due_at"]
    marie = desk.principal(Role.CHEMIST, "marie")
    claim = desk.cases.claim(case_id, marie)
    with desk.database.writing("test", "ask") as session:
        case = desk.cases.check_lease(session, case_id, claim.token, marie.account_id, [CaseState.CLAIMED])
        desk.cases.move(session, case, CaseState.AWAITING_OFFICER)
    clock.pass_time(minutes=14)
    assert desk.cases.renew(case_id, claim.token, marie).case["state"] == "awaiting_officer"
    runner.run_once()
    assert kinds(desk, case_id) == []
    clock.pass_time(minutes=1)
    runner.run_once()
    assert kinds(desk, case_id) == ["officer_slow"]
    with desk.database.writing("test", "answer") as session:
        desk.cases.move(session, desk.cases.get(session, case_id, marie), CaseState.CLAIMED)
    assert desk.cases.renew(case_id, claim.token, marie).case["due_at"] == due_at


def test_a_lapsed_lease_puts_the_case_back(desk: Desk, clock: StillClock) -> None:
    case_id = desk.open_case().id
    desk.cases.claim_next(desk.principal(Role.CHEMIST, "marie"))
    clock.pass_time(seconds=899)
    assert desk.cases.put_back_lapsed() == 0
    clock.pass_time(seconds=1)
    assert desk.cases.put_back_lapsed() == 1
    assert desk.cases.put_back_lapsed() == 0
    with desk.database.reading() as session:
        assert desk.cases.find(session, case_id).state == "queued"  # type: ignore[union-attr]
        assert session.get_one(CaseLease, case_id).account_id is None
