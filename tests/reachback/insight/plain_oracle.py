"""The same figures, counted slowly and plainly from the rows themselves: no database, no shared code but the rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reachback.adjudication.agreement import same_finding
from reachback.adjudication.laboratory_agreement import laboratory_agrees
from tests.contracts.desk import Json
from tests.contracts.made_year import MadeYear

HOUR = timedelta(hours=1)


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def within(moment: datetime, first: date, last: date, zone: str) -> bool:
    return first <= local_day(moment, zone) <= last


def scans_of(made: MadeYear, first: date, last: date, zone: str) -> list[Json]:
    return [scan for scan in made.scans if within(scan["received_at"], first, last, zone)]


def cases_of(made: MadeYear, first: date, last: date, zone: str) -> list[Json]:
    return [case for case in made.cases if within(case["opened_at"], first, last, zone)]


def hour_counts(made: MadeYear, cases: list[Json], now: datetime) -> dict[str, int]:
    """Cases by what became of their hour."""
    breached = {event["case_id"] for event in made.events}
    count = {"in_time": 0, "late": 0, "late_open": 0, "late_withdrawn": 0, "running": 0, "withdrawn": 0}
    for case in cases:
        answers = [at for at in (case["released_at"], case["preliminary_at"]) if at is not None]
        if answers and min(answers) - case["opened_at"] <= HOUR:
            count["in_time"] += 1
        elif answers:
            count["late"] += 1
        elif case["state"] == "withdrawn" and case["id"] in breached:
            count["late_withdrawn"] += 1
        elif case["state"] == "withdrawn":
            count["withdrawn"] += 1
        elif now >= case["opened_at"] + HOUR:
            count["late_open"] += 1
        else:
            count["running"] += 1
    return count


def waits(made: MadeYear, cases: list[Json], now: datetime) -> list[float]:
    """Seconds of each judged case: to its answer, or as long as it has waited at least."""
    breached = {event["case_id"] for event in made.events}
    found = []
    for case in cases:
        answers = [at for at in (case["released_at"], case["preliminary_at"]) if at is not None]
        if answers:
            found.append((min(answers) - case["opened_at"]).total_seconds())
        elif case["state"] == "withdrawn":
            if case["id"] in breached:
                found.append(3600.0)
        elif now - case["opened_at"] >= HOUR:
            found.append((now - case["opened_at"]).total_seconds())
    return sorted(found)


def refused_by_device(scans: list[Json]) -> dict[tuple[str | None, ...], tuple[int, int, int]]:
    """(vendor, instrument, serial, sender) → scans, unreadable, unusable."""
    found: dict[tuple[str | None, ...], tuple[int, int, int]] = {}
    for scan in scans:
        words = scan["device_results"][0] if scan["device_results"] else {}
        words = {} if any("\0" in str(value) for value in words.values()) else words
        stated = (
            None if any("\0" in str(value) for value in scan["form"].values()) else scan["form"].get("device_serial")
        )
        serial = words.get("serial") or stated
        sender = "account 3" if scan["account_id"] == "a3" and not (serial or words.get("instrument")) else None
        key = (words.get("vendor"), words.get("instrument"), serial, sender)
        n, unreadable, unusable = found.get(key, (0, 0, 0))
        unreadable += scan["state"] == "unreadable"
        unusable += scan["outcome"] == "unusable"
        found[key] = (n + 1, unreadable, unusable)
    return found


def differing(made: MadeYear, cases: list[Json]) -> dict[str, tuple[list[str], int]]:
    """Pair → ids of the cases that differ, and how many were compared."""
    found: dict[str, tuple[list[str], int]] = {}

    def note(pair: str, case_id: str, differs: bool) -> None:
        ids, n = found.get(pair, ([], 0))
        found[pair] = ([*ids, case_id] if differs else ids, n + 1)

    for case in cases:
        if case["lane"] == "retrospective":
            continue
        case_id = case["id"]
        said = {each["reading"]: each for each in made.findings if each["case_id"] == case_id}
        reported = [each for each in made.results if each["case_id"] == case_id]
        elements = [e for scan in made.scans if scan["case_id"] == case_id for e in scan["identifications"]]
        first, second = said.get("first"), said.get("second")
        for name, reader in (("first", first), ("second", second)):
            if reader and elements:
                note(f"machine-{name}", case_id, machine_differs(elements, reader["components"], reader["outcome"]))
            if reader and reported:
                agrees = laboratory_agrees(reader["outcome"], reader["components"], reported[-1]["components"])
                note(f"{name}-laboratory", case_id, not agrees)
        if first and second:
            same = same_finding(first["outcome"], first["components"], second["outcome"], second["components"])
            note("first-second", case_id, not same)
        if reported and elements:
            note("machine-laboratory", case_id, machine_differs(elements, reported[-1]["components"], ""))
        if reported and first:
            note("answer-laboratory", case_id, not reported[-1]["agrees"])
    return found


def machine_differs(elements: list[Json], components: list[Json], outcome: str) -> bool:
    """Whether the machine named what is not in the list, or the list what the machine did not."""
    named: dict[str, set[str]] = {}  # the last spectrum that names something says what it is not told apart from
    for element in elements:
        for part in element["components"]:
            named[part["substance"]] = {part["substance"], *part["indistinguishable_from"]}
        for alert in element["alerts"]:
            if alert["level"] == "alarm" and alert["substance"] and alert["substance"] not in named:
                named[alert["substance"]] = {alert["substance"]}
    found = {part["substance"] for part in components}
    everything = {name for names in named.values() for name in names}
    if outcome == "class":
        families = {element["class_hint"] for element in elements}
        families |= {part["class"] for element in elements for part in element["components"]}
        everything |= families
    return any(not names & found for names in named.values()) or not found <= everything
