"""Nobody reads his own finding twice; every refusal says why."""

from __future__ import annotations

import pytest

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.models import Case, CaseState
from reachback.cases.reading_rules import DueReading, due_reading, who_reads


def reader(name: str, role: Role = Role.CHEMIST) -> Principal:
    return Principal(name, name, role, "laboratory")


@pytest.mark.parametrize(
    ("state", "who", "reading", "refusal"),
    [
        ("queued", "first", "first", None),
        ("claimed", "other", "first", None),
        ("second_read", "second", "second", None),
        ("second_read", "other", "second", None),
        ("second_read", "first", "second", "own finding"),
        ("third_read", "other", "third", None),
        ("third_read", "first", "third", "own finding"),
        ("third_read", "second", "third", "wrote neither"),
        ("queued", "other", "second", "waits for its first reading"),
        ("second_read", "other", "first", "waits for its second reading"),
        ("found", "other", "first", "nothing to read"),
        ("released", "other", "second", "nothing to read"),
    ],
)
def test_who_reads_what(state: str, who: str, reading: str, refusal: str | None) -> None:
    case = Case(id="c", state=state, finder_id="first", second_reader_id="second")
    answer = who_reads(case, reader(who), reading)
    assert answer is None if refusal is None else refusal in (answer or "")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CHEMIST])
def test_only_chemists_read(role: Role) -> None:
    assert "chemists" in (who_reads(Case(id="c", state="queued"), reader("x", role), "first") or "")


def test_every_state_that_is_read_has_a_reading() -> None:
    due = {state: due_reading(Case(id="c", state=state)) for state in CaseState}
    assert due[CaseState.QUEUED] is DueReading.FIRST
    assert [state for state, reading in due.items() if reading is None] == [
        CaseState.FOUND, CaseState.RELEASED, CaseState.LAB_CONFIRMED, CaseState.LAB_REFUTED, CaseState.WITHDRAWN,
    ]  # fmt: skip
