"""Months of a desk's work, drawn from a seed and written in bulk: scans, cases, readings, results, messages."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from reachback.accounts.models import Account
from reachback.adjudication.models import Finding, LaboratoryResult
from reachback.cases.models import LANE_RANKS, Case, CaseState, ClockEvent, Lane
from reachback.db.session import Database
from reachback.intake.models import Scan
from reachback.notify.models import Delivery
from tests.contracts.desk import Json, identification

__all__ = ["NOW", "MadeYear", "make_year", "write_audited", "write_year"]

NOW = datetime(2030, 3, 31, 12, 0, tzinfo=UTC)
NAMES = ("caffeine", "cocaine", "fentanyl", "lactose", "xylazine")
CLASSES = {"fentanyl": "fentanyl-related", "cocaine": "stimulant"}
DEVICES: tuple[Json, ...] = (
    {"vendor": "Maker", "instrument": "Hand 1", "serial": "H-1"},
    {"vendor": "Maker", "instrument": "Hand 1", "serial": "H-2"},
    {"instrument": "Bench é"},
    {"serial": "nul\0inside"},
    {},
)
_AT_ONCE = 2000


@dataclass(frozen=True)
class MadeYear:
    """Rows by table, as they are inserted."""

    accounts: list[Json]
    cases: list[Json]
    scans: list[Json]
    findings: list[Json]
    results: list[Json]
    events: list[Json]
    deliveries: list[Json]


def make_year(n_scans: int, days: int, seed: int = 7, padding: int = 0, now: datetime = NOW) -> MadeYear:
    """Rows of the days before ``now``; ``padding`` makes verdicts as long as real ones."""
    draw = random.Random(seed)
    made = MadeYear([], [], [], [], [], [], [])
    for number, role in enumerate(("chemist", "chemist", "officer", "device")):
        made.accounts.append(
            {"id": f"a{number}", "name": f"account {number}", "role": role, "unit": "harbour", "created_at": now}
        )
    for number in range(n_scans):
        within = 1800 if number % 150 == 0 else days * 86400  # a few whose hour is not over
        _add_scan(made, draw, number, now - timedelta(seconds=draw.randrange(within)), padding, now)
    for number in range(n_scans // 10):
        at = now - timedelta(seconds=draw.randrange(days * 86400))
        channel = draw.choice(["webhook", "people/abc", "account/a1"])
        outside = draw.choice(["sent", "sent", "given_up", "waiting"])
        state = "unread" if channel.startswith("account/") else outside
        made.deliveries.append(
            {
                "id": f"d{number}",
                "channel": channel,
                "message": {"title": "x"},
                "state": state,
                "attempts": 1,
                "not_before": at,
                "epoch": 1,
                "last_error": "no route" if state == "given_up" else None,
                "created_at": at,
            }
        )
    return made


def _add_scan(made: MadeYear, draw: random.Random, number: int, at: datetime, padding: int, now: datetime) -> None:
    elements = [_element(draw, padding) for _ in range(draw.choice([1, 1, 1, 2]))]
    state = "unreadable" if draw.random() < 0.05 else "identified"
    elements = [] if state == "unreadable" else elements
    case_id = None if draw.random() < 0.1 else f"c{number:06}"
    if case_id is not None:
        _add_case(made, draw, case_id, f"s{number:06}", at, elements, now)
    words = draw.choice(DEVICES)
    made.scans.append(
        {
            "id": f"s{number:06}",
            "account_id": draw.choice(["a2", "a3"]),
            "unit": "harbour",
            "file_name": "x.jdx",
            "sha256": "00",
            "size": 1,
            "received_at": at,
            "state": state,
            "form": draw.choice([{}, {"device_serial": "F-9"}, {"place": "gate\0"}]),
            "identifications": elements,
            "device_results": [{"index": 0, **words}] if words and elements else [],
            "primary_index": 0 if elements else None,
            "outcome": elements[0]["outcome"] if elements else None,
            "case_id": case_id,
        }
    )


def _element(draw: random.Random, padding: int) -> Json:
    named = draw.sample(NAMES, draw.choice([0, 1, 1, 2]))
    outcome = {0: draw.choice(["no_match", "unusable", "class"]), 1: "match", 2: "mixture"}[len(named)]
    components: list[Json] = [
        {"substance": name, "form": None, "class": CLASSES.get(name), "indistinguishable_from": []} for name in named
    ]
    if named and draw.random() < 0.2:
        components[0]["indistinguishable_from"] = [draw.choice(NAMES)]
    level = draw.choice(["alarm", "indication"])
    alerts = [{"level": level, "group": "fentanyl-related", "substance": draw.choice(["fentanyl", None])}]
    made = identification(outcome, components=components, alerts=alerts if draw.random() < 0.1 else [])
    made["class_hint"] = "fentanyl-related" if outcome == "class" else None
    made["targets"] = ["x" * padding]
    return made


def _add_case(
    made: MadeYear, draw: random.Random, case_id: str, scan_id: str, at: datetime, elements: list[Json], now: datetime
) -> None:
    lane = draw.choices(list(Lane), [2, 10, 80, 8])[0]
    answered = at + timedelta(minutes=draw.lognormvariate(3.2, 0.8))
    state = CaseState.QUEUED
    if draw.random() < 0.05:
        state = CaseState.WITHDRAWN
        if draw.random() < 0.4:
            made.events.append({"id": f"e{case_id}", "case_id": case_id, "kind": "breached", "at": at})
    elif answered < now and draw.random() < 0.97:
        state = CaseState.RELEASED
    is_answered = state is CaseState.RELEASED
    preliminary = at + timedelta(minutes=46) if is_answered and draw.random() < 0.05 else None
    made.cases.append(
        {
            "id": case_id,
            "unit": "harbour",
            "exhibit": draw.choice([None, "E-1"]),
            "state": state,
            "lane": lane,
            "lane_rank": LANE_RANKS[lane],
            "opened_at": at,
            "due_at": at + timedelta(hours=1),
            "opened_because": "a test",
            "scan_ids": [scan_id],
            "released_at": answered if is_answered else None,
            "preliminary_at": preliminary,
        }
    )
    if is_answered:
        _add_words(made, draw, case_id, answered, elements, now)


def _add_words(
    made: MadeYear, draw: random.Random, case_id: str, at: datetime, elements: list[Json], now: datetime
) -> None:
    machine = [part["substance"] for element in elements for part in element["components"]]
    first = _said(draw, machine)
    readings = [("first", first)]
    if draw.random() < 0.1:
        readings.append(("second", first if draw.random() < 0.8 else _said(draw, machine)))
    for version, (reading, said) in enumerate(readings, 1):
        made.findings.append(
            {
                "id": f"f{case_id}-{version}",
                "case_id": case_id,
                "version": version,
                "reading": reading,
                "account_id": f"a{version - 1}",
                "comment": "",
                "at": at - timedelta(minutes=3 - version),
                **said,
            }
        )
    if draw.random() < 0.05:
        parts = _said(draw, machine)["components"] or [{"substance": "nitazene z", "form": None, "class": None}]
        made.results.append(
            {
                "id": f"l{case_id}",
                "case_id": case_id,
                "laboratory": "north",
                "technique": "GC-MS",
                "components": parts,
                "reported_at": at,
                "reference_number": "1",
                "entered_by": "a0",
                "entered_at": min(at + timedelta(hours=5), now),
                "agrees": draw.choice([0, 1, 1]),
            }
        )


def _said(draw: random.Random, machine: list[str]) -> Json:
    names = list(dict.fromkeys(machine)) if draw.random() < 0.85 else draw.sample(NAMES, 2)
    outcome = draw.choice(["not_identified", "needs_laboratory"]) if not names else "identified"
    if draw.random() < 0.05:
        names, outcome = ["fentanyl-related"], "class"
    parts = [
        {"substance": name, "form": draw.choice([None, "base"]), "class": CLASSES.get(name), "in_library": True}
        for name in names
    ]
    return {"outcome": outcome, "components": parts}


def write_year(database: Database, made: MadeYear) -> None:
    """Insert everything, past the audit log: figures do not look at it."""
    writer = database.engine.execution_options(reachback_writing=True)
    with writer.begin() as connection:
        for table, rows in _tables(made):
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(insert(table.__table__), rows[start : start + _AT_ONCE])


def write_audited(database: Database, made: MadeYear) -> None:
    """The same as the service would, each row with its entry in the log."""
    for table, rows in _tables(made):
        with database.writing("test", "made.rows") as session:
            session.add_all([table(**row) for row in rows])


def _tables(made: MadeYear) -> list[tuple[Any, list[Json]]]:
    return [
        (Account, made.accounts),
        (Case, made.cases),
        (Scan, made.scans),
        (Finding, made.findings),
        (LaboratoryResult, made.results),
        (ClockEvent, made.events),
        (Delivery, made.deliveries),
    ]
