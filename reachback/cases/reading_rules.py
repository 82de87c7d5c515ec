"""Who may read a case: the rule that nobody reads his own finding twice, one sentence for each refusal."""

from __future__ import annotations

from enum import StrEnum

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.models import Case, CaseState

__all__ = ["DueReading", "due_reading", "who_reads"]


class DueReading(StrEnum):
    """The reading a case waits for."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


_READINGS = {
    CaseState.QUEUED: DueReading.FIRST,
    CaseState.CLAIMED: DueReading.FIRST,
    CaseState.AWAITING_OFFICER: DueReading.FIRST,
    CaseState.SECOND_READ: DueReading.SECOND,
    CaseState.THIRD_READ: DueReading.THIRD,
}


def due_reading(case: Case) -> DueReading | None:
    """The reading this case waits for; None where all reading is done."""
    return _READINGS.get(CaseState(case.state))


def who_reads(case: Case, principal: Principal, reading: str) -> str | None:
    """None where this reader may do this reading of the case; otherwise why not, in one sentence."""
    if principal.role is not Role.CHEMIST:
        return f"cases are read by chemists; {principal.name} is a {principal.role}"
    due = due_reading(case)
    if due is None:
        return f"the case is {case.state}: there is nothing to read any more"
    if due != reading:
        return f"the case waits for its {due} reading, not for a {reading} one"
    if due is not DueReading.FIRST and principal.account_id == case.finder_id:
        return "nobody reads his own finding a second time: another chemist has to read this case"
    if due is DueReading.THIRD and principal.account_id == case.second_reader_id:
        return "the two findings differ: a third chemist, who wrote neither, has to decide"
    return None
