"""What lies in a store: releases, references in any state, one reference with its whole story."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from reachback.commands.library_store import open_store
from reachback.commands.terminal import results_console, write_result

if TYPE_CHECKING:
    from library.ledger import Standing

__all__ = ["list_releases", "list_standings", "show_reference"]


def list_releases(store: Path | None, as_json: bool) -> None:
    """Releases, oldest first."""
    opened = open_store(store)
    ledger = opened.ledger()
    held = dict.fromkeys(range(1, len(ledger.releases) + 1), 0)
    for standing in ledger.standings.values():
        if standing.release is not None:
            held[standing.release] += 1
    releases = [
        {"name": f"{opened.name}-{each.number}", **asdict(each), "first_released_here": held[each.number]}
        for each in ledger.releases
    ]
    if as_json:
        _write_json({"schema": "reachback.library-releases/1", "library": opened.name, "releases": releases})
        return
    if not releases:
        write_result(f"{opened.name} has no release yet")
        return
    columns = ("Release", "When", "By", "New in it", "Digest")
    _print_table(
        columns,
        [
            (
                str(each["name"]),
                str(each["at"]),
                str(each["by"]),
                f"{each['first_released_here']:,}",
                str(each["digest"]),
            )
            for each in releases
        ],
    )


def list_standings(state: str, store: Path | None, as_json: bool) -> None:
    """References of a store in one state, or in ``any``."""
    from library.ledger import State

    if state != "any" and state not in set(State):
        raise typer.BadParameter(f"--state is any, {', '.join(State)}, not {state!r}")
    ledger = open_store(store).ledger()
    found = ledger.of_state(*State) if state == "any" else ledger.of_state(State(state))
    if as_json:
        _write_json({"schema": "reachback.library-standings/1", "references": [_plain(each) for each in found]})
        return
    columns = ("Reference", "State", "Technique", "Substance", "Proposed by", "Reviewed by")
    _print_table(columns, [_row(each) for each in found])


def show_reference(identifier: str, store: Path | None, as_json: bool) -> None:
    """Everything that a store knows of one reference."""
    from library.errors import NotALibrary

    opened = open_store(store)
    standing = opened.ledger().standings.get(identifier)
    if standing is None:
        raise NotALibrary(f"{identifier} is no reference of the store {opened.path}")
    plain = _plain(standing)
    if as_json:
        _write_json({"schema": "reachback.library-reference/1", **plain})
        return
    from rich.table import Table

    from reachback.wording import printable

    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")  # a digest is worth nothing cut short
    for name, value in plain.items():
        if value not in (None, [], (), ""):
            table.add_row(name.replace("_", " "), printable(_shown(value)))
    results_console().print(table)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(f"{place}: {schedule}" for place, schedule in value)
    return str(value)


def _plain(standing: Standing) -> dict[str, Any]:
    reference = standing.reference
    row = {name: value for name, value in asdict(reference.row).items() if name not in ("line", "stated_id", "details")}
    return {
        "id": reference.id,
        "state": standing.state.value,
        **row,
        **dict(reference.row.details),
        "grade": reference.grade.value,
        "sha256": reference.digest,
        "proposer": standing.proposer,
        "proposed_at": standing.proposed_at,
        "reviewer": standing.reviewer,
        "reviewed_at": standing.reviewed_at,
        "first_release": standing.release,
        "reason": standing.reason,
        "successor": standing.successor,
    }


def _row(standing: Standing) -> tuple[str, ...]:
    row = standing.reference.row
    name = f"{row.substance} ({row.form})" if row.form else row.substance
    return (
        standing.reference.id,
        standing.state.value + (f": {standing.reason}" if standing.reason else ""),
        row.technique.value,
        name,
        standing.proposer,
        standing.reviewer or "–",
    )


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich import box
    from rich.table import Table

    from reachback.wording import printable

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    results_console().print(table)


def _write_json(value: dict[str, Any]) -> None:
    from reachback.strict_json import dump_strictly

    write_result(dump_strictly(value))
