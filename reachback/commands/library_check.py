"""``reachback library check``: what a laboratory looks at before it trusts a library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.library_store import StoreOption, open_store
from reachback.commands.options import JsonOption
from reachback.commands.terminal import complain, status, write_result

if TYPE_CHECKING:
    from library.checking import LibraryCheck

__all__ = ["check"]

MAX_SHOWN = 25


def check(
    library: Annotated[
        str | None,
        typer.Argument(metavar="[LIB]", help="A library or a release; by default everything that lives in the store."),
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a report: .html with pictures, or .json.")
    ] = None,
    standards: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Peak tables of your own calibration standards, as JCAMP-DX."),
    ] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> int:
    """Check a library: every spectrum, duplicates, labels, look-alikes, mixtures; exit code 1 where it fails."""
    from library.checking import check_library, check_store
    from reachback.library_report.writing import REPORT_SUFFIXES, write_check
    from reachback.report_files import report_place

    place = report_place(report, REPORT_SUFFIXES) if report else None
    with status("checking") as tell:
        if library is None:
            found = check_store(open_store(store), standards or (), tell)
        else:
            found = check_library(library, standards or (), tell)
    if place:
        write_check(found, place)
    if as_json:
        from reachback.library_report.report_json import check_as_json
        from reachback.strict_json import dump_strictly

        write_result(dump_strictly(check_as_json(found)))
    else:
        _print(found)
    for remark in found.remarks:
        complain(f"reachback: {remark}")
    return ExitCode.DONE if found.has_passed else ExitCode.CHECK_FAILED


def _print(found: LibraryCheck) -> None:
    from collections import Counter

    from library.qc.findings import Level
    from reachback.wording import printable

    counts = ", ".join(f"{count:,} {technique}" for technique, count in found.counts.items()) or "no"
    write_result(f"{printable(found.name)}: {counts} references, {'passed' if found.has_passed else 'failed'}")
    for level in Level:
        here = [each for each in found.checked.findings if each.level is level]
        if not here:
            continue
        kinds = ", ".join(f"{count:,} {check}" for check, count in Counter(each.check for each in here).items())
        write_result(f"{len(here):,} {level.value}{'s' if len(here) > 1 else ''}: {kinds}")
        shown = here if level in (Level.FAILURE, Level.CONFLICT) else here[:MAX_SHOWN]
        for each in shown if level is not Level.NOTE else []:
            write_result(f"  [{each.key}] {printable(each.words)}")
        if level is Level.WARNING and len(here) > MAX_SHOWN:
            write_result(f"  and {len(here) - MAX_SHOWN:,} more; --report FILE.html lists them")
    for technique, checked in found.checked.techniques.items():
        if checked.calls.asked:
            asked, right = checked.calls.asked, checked.calls.right
            write_result(f"{technique}, leave-one-out: {right:,} of {asked:,} are called by their own name by the rest")
    for technique, missing in found.missing.items():
        if missing:
            names = ", ".join(printable(each.name) for each in missing[:MAX_SHOWN])
            more = f" and {len(missing) - MAX_SHOWN:,} more" if len(missing) > MAX_SHOWN else ""
            write_result(f"on the watch list without a {technique} reference: {names}{more}")
