"""The one state machine of a case: which moves are legal, and what each means for the reader who holds it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reachback.cases.models import CaseState
from reachback.problems import Conflict

__all__ = [
    "ANSWERED",
    "JOINABLE",
    "LEASE_STAYS",
    "LEGAL_MOVES",
    "OPEN",
    "READ_BY_LEASE",
    "may_move",
    "refuse_illegal_move",
]

_S = CaseState

# docs/cases.md draws this table, and a test compares the two.
LEGAL_MOVES: Mapping[CaseState, frozenset[CaseState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.CLAIMED, _S.WITHDRAWN}),
        _S.CLAIMED: frozenset({_S.QUEUED, _S.AWAITING_OFFICER, _S.FOUND, _S.SECOND_READ, _S.WITHDRAWN}),
        _S.AWAITING_OFFICER: frozenset({_S.CLAIMED, _S.QUEUED, _S.WITHDRAWN}),
        _S.SECOND_READ: frozenset({_S.FOUND, _S.THIRD_READ, _S.WITHDRAWN}),
        _S.THIRD_READ: frozenset({_S.FOUND, _S.WITHDRAWN}),
        _S.FOUND: frozenset({_S.RELEASED, _S.WITHDRAWN}),
        _S.RELEASED: frozenset({_S.LAB_CONFIRMED, _S.LAB_REFUTED}),
        _S.LAB_CONFIRMED: frozenset(),
        _S.LAB_REFUTED: frozenset(),
        _S.WITHDRAWN: frozenset(),
    }
)

# The deadline runs in these.
OPEN = frozenset(
    {_S.QUEUED, _S.CLAIMED, _S.AWAITING_OFFICER, _S.SECOND_READ, _S.THIRD_READ, _S.FOUND},
)
# A further scan of the exhibit still reaches a reader; once all reading is done, it opens a case of its own.
JOINABLE = OPEN - {_S.FOUND}
# A lease may be held in these.
READ_BY_LEASE = frozenset({_S.CLAIMED, _S.AWAITING_OFFICER, _S.SECOND_READ, _S.THIRD_READ})
ANSWERED = frozenset({_S.RELEASED, _S.LAB_CONFIRMED, _S.LAB_REFUTED})
# Every other move ends the reading, and with it the lease.
LEASE_STAYS = frozenset(
    {
        (_S.QUEUED, _S.CLAIMED),
        (_S.CLAIMED, _S.AWAITING_OFFICER),
        (_S.AWAITING_OFFICER, _S.CLAIMED),
    }
)


def may_move(origin: CaseState, target: CaseState) -> bool:
    """Whether a case may go from one state to the other."""
    return target in LEGAL_MOVES[origin]


def refuse_illegal_move(origin: CaseState, target: CaseState) -> None:
    """Raise Conflict where the table has no such move."""
    if not may_move(origin, target):
        raise Conflict(f"a case that is {origin} cannot become {target}", state=str(origin))
