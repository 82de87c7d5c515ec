"""The scan is shown always, suspicions only after a first impression."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.adjudication.evidence import is_unfolded, may_see_findings, scan_as_evidence
from reachback.adjudication.models import Finding, FirstImpression
from reachback.cases.models import Case, CaseState

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class MadeScan:
    id: str = "s1"
    account_id: str = "anna"
    file_name: str = "a.jdx"
    sha256: str = "00"
    received_at: datetime = NOW
    primary_index: int | None = 0
    form: dict[str, Any] = field(
        default_factory=lambda: {"place": "car", "suspicion": "SECRET", "strips": [{"kind": "SECRET"}], "new": "SECRET"}
    )
    identifications: list[dict[str, Any]] | None = field(
        default_factory=lambda: [
            {
                "scan": {"technique": "ftir", "title": "SECRET"},
                "quality": {"snr": 10.0},
                "components": [{"substance": "SECRET"}],
            }
        ]
    )
    device_results: list[dict[str, Any]] | None = field(default_factory=lambda: [{"verdict": "SECRET"}])


def who(role: Role, account: str = "me") -> Principal:
    return Principal(account, account, role, "unit")


def case(state: CaseState, *, released: bool = False) -> Case:
    return Case(id="c", state=state, released_at=NOW if released else None, preliminary_at=None)


def impression(account: str) -> FirstImpression:
    return FirstImpression(account_id=account)


def test_nothing_that_suggests_anything_is_shown_folded() -> None:
    folded = scan_as_evidence(MadeScan(), unfolded=False)
    assert "SECRET" not in str(folded)
    assert folded["circumstances"] == {"place": "car"}
    assert folded["spectra"][0]["quality"] == {"snr": 10.0}
    assert folded["file"].endswith("/scans/s1/file")


def test_unfolded_everything_is_there() -> None:
    suspicions = scan_as_evidence(MadeScan(), unfolded=True)["suspicions"]
    assert suspicions["machine"][0]["components"] == [{"substance": "SECRET"}]
    assert suspicions["device"] == [{"verdict": "SECRET"}]
    assert suspicions["officer"].keys() == {"suspicion", "strips", "new"}


@pytest.mark.parametrize("state", [CaseState.CLAIMED, CaseState.SECOND_READ, CaseState.THIRD_READ])
def test_a_reader_unfolds_by_his_own_impression_only(state: CaseState) -> None:
    assert not is_unfolded(case(state), who(Role.CHEMIST), [impression("another")])
    assert is_unfolded(case(state), who(Role.CHEMIST), [impression("me")])
    assert is_unfolded(case(state), who(Role.SUPERVISOR), [])


def test_once_read_everything_is_open() -> None:
    assert is_unfolded(case(CaseState.FOUND), who(Role.CHEMIST), [])
    assert may_see_findings(case(CaseState.FOUND), who(Role.CHEMIST), [], [])


def test_a_second_reader_never_sees_the_first_finding() -> None:
    found = [Finding(account_id="another")]
    assert not may_see_findings(case(CaseState.SECOND_READ), who(Role.CHEMIST), found, [impression("me")])


def test_who_decides_between_two_sees_them_after_his_own_impression() -> None:
    found = [Finding(account_id="first"), Finding(account_id="second")]
    assert not may_see_findings(case(CaseState.THIRD_READ), who(Role.CHEMIST), found, [])
    assert may_see_findings(case(CaseState.THIRD_READ), who(Role.CHEMIST), found, [impression("me")])


def test_an_officer_sees_what_was_released_and_nothing_before() -> None:
    assert not may_see_findings(case(CaseState.FOUND), who(Role.OFFICER), [], [])
    assert may_see_findings(case(CaseState.RELEASED, released=True), who(Role.OFFICER), [], [])
