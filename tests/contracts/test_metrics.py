"""Figures are computed from what the database holds, on both databases."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from reachback.cases.models import Case, CaseLease
from reachback.db.session import Database
from reachback.metrics import metrics_text
from reachback.notify.models import Delivery
from tests.contracts.made_rows import AT, N_ROWS, make_rows


@pytest.fixture
def figures(database: Database, tmp_path: Path) -> dict[str, float]:
    make_rows(database, tmp_path)
    with database.writing("test", "case.open") as session:
        for number, (state, minutes) in enumerate(
            [("queued", None), ("claimed", None), ("released", 20), ("lab_confirmed", 59), ("released", 61)]
        ):
            session.add(
                Case(
                    id=f"m{number}",
                    unit="u",
                    state=state,
                    lane="exposure",
                    lane_rank=0,
                    opened_at=AT,
                    due_at=AT + timedelta(hours=1),
                    opened_because="",
                    scan_ids=[],
                    released_at=None if minutes is None else AT + timedelta(minutes=minutes),
                )
            )
        session.flush()
        session.add(CaseLease(case_id="m1", epoch=3, account_id="a1", expires_at=AT + timedelta(hours=2)))
        session.add(CaseLease(case_id="m2", epoch=1))
        session.add(Delivery(id="d1", channel="webhook", message={}, state="sent", not_before=AT, created_at=AT))
    with database.reading() as session:
        text = metrics_text(session, AT + timedelta(minutes=61)).decode()
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


def test_cases(figures: dict[str, float]) -> None:
    assert figures['reachback_cases{lane="exposure",state="released"}'] == 2
    assert figures['reachback_cases{lane="general",state="queued"}'] == 1
    assert figures["reachback_cases_past_due"] == 3  # two of these, and the one of the rows


def test_answer_times(figures: dict[str, float]) -> None:
    assert figures['reachback_answer_seconds_bucket{le="900.0"}'] == 0
    assert figures['reachback_answer_seconds_bucket{le="1800.0"}'] == 1
    assert figures['reachback_answer_seconds_bucket{le="3600.0"}'] == 2
    assert figures['reachback_answer_seconds_bucket{le="+Inf"}'] == 3
    assert figures["reachback_answer_seconds_sum"] == pytest.approx(140 * 60, abs=0.01)


def test_the_rest(figures: dict[str, float]) -> None:
    assert figures['reachback_scans_total{outcome="identified"}'] == 1
    assert figures["reachback_claims_held"] == 1
    assert figures["reachback_claims_total"] == 4
    assert figures['reachback_deliveries{state="sent"}'] == 1
    assert figures["reachback_audit_entries_total"] == N_ROWS + 5


def test_old_scans_under_new_references_count_for_no_hour(database: Database) -> None:
    with database.writing("test", "case.open") as session:
        for number, released_at in enumerate((None, AT + timedelta(days=2))):
            session.add(
                Case(
                    id=f"r{number}",
                    unit="u",
                    state="queued" if released_at is None else "released",
                    lane="retrospective",
                    lane_rank=3,
                    opened_at=AT,
                    due_at=AT + timedelta(hours=1),
                    opened_because="",
                    scan_ids=[],
                    released_at=released_at,
                )
            )
    with database.reading() as session:
        text = metrics_text(session, AT + timedelta(days=3)).decode()
    assert "\nreachback_cases_past_due 0.0\n" in text
    assert "\nreachback_answer_seconds_count 0.0\n" in text
    assert 'reachback_cases{lane="retrospective",state="queued"} 1.0' in text
