"""A chemist looks himself first, and a second reader never learns what the first one found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.blind_reading import ALL, BEING_READ, View, measured, neutral_form, neutral_name, view_of
from reachback.cases.models import Case, CaseState

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NOTHING, SUSPICIONS = View(suspicions=False, findings=False), View(suspicions=True, findings=False)
NOT_LOOKED: frozenset[str] = frozenset()
LOOKED = frozenset({"c"})


def who(role: Role = Role.CHEMIST, account: str = "me") -> Principal:
    return Principal(account, account, role, "unit")


def case(state: CaseState, *, finder: str | None = None, second: str | None = None, **moments: datetime) -> Case:
    released_at, preliminary_at = moments.get("released_at"), moments.get("preliminary_at")
    return Case(
        id="c",
        state=state,
        finder_id=finder,
        second_reader_id=second,
        released_at=released_at,
        preliminary_at=preliminary_at,
    )


@pytest.mark.parametrize("state", sorted(BEING_READ))
def test_a_chemist_who_has_not_looked_is_told_nothing(state: CaseState) -> None:
    assert view_of(case(state, finder="first"), who(), NOT_LOOKED) == NOTHING


@pytest.mark.parametrize("state", sorted(BEING_READ - {CaseState.THIRD_READ}))
def test_his_own_first_impression_shows_suspicions_and_no_finding(state: CaseState) -> None:
    assert view_of(case(state, finder="first"), who(), LOOKED) == SUSPICIONS


@pytest.mark.parametrize("state", [CaseState.CLAIMED, CaseState.SECOND_READ, CaseState.THIRD_READ])
def test_anothers_impression_is_not_his(state: CaseState) -> None:
    assert view_of(case(state), who(), frozenset({"another case"})) == NOTHING


def test_a_finding_commits_its_reader_as_an_impression_does() -> None:
    assert view_of(case(CaseState.SECOND_READ, finder="me"), who(), NOT_LOOKED) == ALL
    assert view_of(case(CaseState.THIRD_READ, finder="first", second="me"), who(), NOT_LOOKED) == ALL


def test_who_decides_between_two_sees_them_after_his_own_impression() -> None:
    differing = case(CaseState.THIRD_READ, finder="first", second="second")
    assert view_of(differing, who(), NOT_LOOKED) == NOTHING
    assert view_of(differing, who(), LOOKED) == ALL


@pytest.mark.parametrize("state", sorted(set(CaseState) - BEING_READ))
def test_once_read_everything_is_open(state: CaseState) -> None:
    assert view_of(case(state), who(), NOT_LOOKED) == ALL


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CHEMIST, Role.OFFICER, Role.DEVICE}))
def test_those_who_never_read_see_everything(role: Role) -> None:
    assert view_of(case(CaseState.SECOND_READ), who(role), NOT_LOOKED) == ALL


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DEVICE])
def test_an_officer_sees_what_was_released_and_nothing_before(role: Role) -> None:
    assert view_of(case(CaseState.FOUND), who(role), NOT_LOOKED) == SUSPICIONS
    assert view_of(case(CaseState.RELEASED, released_at=NOW), who(role), NOT_LOOKED) == ALL
    assert view_of(case(CaseState.SECOND_READ, preliminary_at=NOW), who(role), NOT_LOOKED) == ALL


def test_what_suggests_an_answer_is_left_out() -> None:
    form = {"place": "a car", "suspicion": "x", "comment": "x", "strips": [{"kind": "x"}], "of tomorrow": "x"}
    assert neutral_form(form) == {"place": "a car"}
    element = {"scan": {"technique": "ftir", "title": "x", "file": "x.jdx"}, "components": ["x"]}
    assert measured(element) == {"technique": "ftir"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("fentanyl.JDX", "s1.jdx"),
        ("fentanyl", "s1"),
        ("a.fentanyl 2 mg", "s1"),
        ("a.carfentanilum", "s1"),
        ("photo.jpeg", "s1.jpeg"),
    ],
)
def test_a_neutral_name_says_the_kind_of_a_file_only(given: str, shown: str) -> None:
    assert neutral_name("s1", given) == shown
