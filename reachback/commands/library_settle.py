"""``reachback library settle``: findings of the check that may stand, one by one, by a filled table, or all alike."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.library_store import StoreOption, now_text, open_store
from reachback.commands.table_files import TableIn, TableOut, read_table, refuse_table, write_table
from reachback.commands.terminal import status, write_result

if TYPE_CHECKING:
    from library.qc.findings import Finding
    from library.settling import Chosen
    from library.store import LibraryStore

__all__ = ["settle"]


def settle(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY…]", help="Findings, as 'reachback library check' keys them.")
    ] = None,
    write: TableOut = None,
    read: TableIn = None,
    check: Annotated[
        str | None, typer.Option(metavar="CHECK", help="All open findings of this check, as label; * is any.")
    ] = None,
    of_class: Annotated[
        str | None, typer.Option("--class", metavar="PATTERN", help="Only between references of this class.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only between references of this source.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", envvar="REACHBACK_PERSON", help="The person who answers for it.")
    ] = "",
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="Why; kept for ever.")] = "",
    store: StoreOption = None,
) -> int:
    """Decide that findings of the check may stand, for a reason that the release keeps.

    By their keys, by a table that --write gives and --read takes in, or all of a check, class or source.
    """
    from library import store as steps
    from library.settling import Chosen

    opened = open_store(store)
    chosen = Chosen(check, of_class, source)
    ways = (bool(keys), read is not None, write is not None or chosen != Chosen())
    if sum(ways) != 1:
        raise typer.BadParameter("name findings, or use one of --write, --read, and --check, --class or --source")
    if keys:
        steps.settle(opened, keys, by, now_text(), because)
        write_result(f"settled: {', '.join(keys)}")
        return ExitCode.DONE
    if read is not None:
        return _take_table(opened, read_table(read), by, because)
    found = _open(opened, chosen)
    if write is not None:
        from library.settling import findings_csv

        write_table(write, findings_csv(found, opened.ledger()))
        write_result(f"{write}: {_counted(found)}; fill it and take it in with --read")
        return ExitCode.DONE
    if not found:
        write_result("no open finding fits; nothing was settled")
        return ExitCode.DONE
    steps.settle(opened, [each.key for each in found], by, now_text(), because)
    write_result(f"settled: {_counted(found)}")
    return ExitCode.DONE


def _open(opened: LibraryStore, chosen: Chosen) -> tuple[Finding, ...]:
    from library.checking import check_store
    from library.settling import open_findings

    with status("checking") as tell:
        checked = check_store(opened, (), tell)
    return open_findings(checked.checked.findings, opened.ledger(), chosen)


def _take_table(opened: LibraryStore, content: bytes, by: str, because: str) -> int:
    from library import store as steps
    from library.settling import read_settlements

    said, bad = read_settlements(content, opened.ledger(), because)
    if bad:
        return refuse_table(bad)
    if not (said.stand or said.take_out):
        write_result("no row is filled; nothing was settled")
        return ExitCode.DONE
    at = now_text()
    for reason in dict.fromkeys(said.take_out.values()):
        ids = [each for each, why in said.take_out.items() if why == reason]
        steps.withdraw(opened, ids, by, at, reason)
    if said.stand:
        steps.settle_each(opened, said.stand, by, at)
    write_result(f"settled: {len(said.stand):,} findings stand, {len(said.take_out):,} references taken out")
    return ExitCode.DONE


def _counted(findings: tuple[Finding, ...]) -> str:
    kinds = Counter(each.check for each in findings)
    counted = ", ".join(f"{count:,} {check}" for check, count in kinds.items())
    return f"{len(findings):,} open findings" + (f" ({counted})" if counted else "")
