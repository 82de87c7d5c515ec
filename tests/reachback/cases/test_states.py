"""The state machine is the one that is drawn, and its sets agree with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reachback.cases.models import CaseState
from reachback.cases.states import (
    ANSWERED,
    JOINABLE,
    LEASE_STAYS,
    LEGAL_MOVES,
    OPEN,
    READ_BY_LEASE,
    may_move,
    refuse_illegal_move,
)
from reachback.problems import Conflict

ARROW = re.compile(r"^\s+(\w+) --> (\w+)$", re.MULTILINE)


def test_the_drawing_is_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cases.md").read_text(encoding="utf-8")
    drawing = page.partition("```mermaid")[2].partition("```")[0]
    drawn = set(ARROW.findall(drawing))
    table = {(str(origin), str(target)) for origin, targets in LEGAL_MOVES.items() for target in targets}
    assert drawn == table


def test_every_state_has_its_row() -> None:
    assert set(LEGAL_MOVES) == set(CaseState)


def test_every_state_can_be_reached_and_none_can_be_entered_again_after_its_end() -> None:
    reached, news = {CaseState.QUEUED}, {CaseState.QUEUED}
    while news:
        news = {target for origin in news for target in LEGAL_MOVES[origin]} - reached
        reached |= news
    assert reached == set(CaseState)
    ends = {state for state, targets in LEGAL_MOVES.items() if not targets}
    assert ends == {CaseState.LAB_CONFIRMED, CaseState.LAB_REFUTED, CaseState.WITHDRAWN}


def test_sets_agree_with_the_table() -> None:
    assert set(CaseState) == OPEN | ANSWERED | {CaseState.WITHDRAWN}
    assert all(may_move(state, CaseState.WITHDRAWN) == (state in OPEN) for state in CaseState)
    assert JOINABLE < OPEN
    assert READ_BY_LEASE < OPEN
    assert all(may_move(*move) for move in LEASE_STAYS)


def test_an_illegal_move_is_refused_in_a_sentence() -> None:
    refuse_illegal_move(CaseState.QUEUED, CaseState.CLAIMED)
    with pytest.raises(Conflict, match="queued cannot become released"):
        refuse_illegal_move(CaseState.QUEUED, CaseState.RELEASED)
