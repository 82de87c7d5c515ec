"""``reachback library``: the laboratory's work on reference libraries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.identify import open_for_use
from reachback.commands.importing import import_source
from reachback.commands.library_check import check
from reachback.commands.library_decide import decide
from reachback.commands.library_release import diff, export, release, replay
from reachback.commands.library_settle import settle
from reachback.commands.library_store import (
    REFERENCE_ID,
    StoreOption,
    deprecate,
    init,
    propose,
    review,
)
from reachback.commands.library_verify import verify
from reachback.commands.library_view import list_releases, list_standings, show_reference
from reachback.commands.options import JsonOption
from reachback.commands.terminal import results_console, status, write_result

if TYPE_CHECKING:
    from library.model import OpenLibrary
    from spectra.reference import ReferenceEntry

__all__ = ["laboratory"]

laboratory = typer.Typer(help="Build and look at reference libraries.", no_args_is_help=True)
for command in (init, decide, check, propose, review, settle, release, diff, deprecate, export, verify, replay):
    laboratory.command()(command)
laboratory.command("import")(import_source)

AnyLibrary = Annotated[
    str | None,
    typer.Argument(metavar="[LIB]", envvar="REACHBACK_LIBRARY", help="A library; by default the starter library."),
]


@laboratory.command()
def build(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with manifest.csv.")],
    out: Annotated[Path, typer.Option(metavar="LIB", help="Where the compiled library is to lie, exactly.")],
) -> int:
    """Compile a folder library: check, preprocess and calibrate it once, so that it opens at once."""
    from library.opening import build_library

    with status(f"building {folder}") as tell:
        library = build_library(folder, out, tell)
    counts = ", ".join(f"{references.n_refs:,} {technique}" for technique, references in library.sets.items())
    write_result(f"{out}: {library.name} {library.release}, {counts} references, digest {library.digest[:12]}")
    return ExitCode.DONE


@laboratory.command("list")
def list_references(
    library: AnyLibrary = None,
    as_json: JsonOption = False,
    watched: Annotated[bool, typer.Option("--watched", help="Only substances on the watch list.")] = False,
    releases: Annotated[bool, typer.Option("--releases", help="The releases of the store instead.")] = False,
    state: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="What lies in the store instead: draft, proposed, reviewed … or any."),
    ] = None,
    store: StoreOption = None,
) -> int:
    """List the references of a library; or releases, or references in any state, of a store."""
    if releases:
        list_releases(store, as_json)
        return ExitCode.DONE
    if state:
        list_standings(state, store, as_json)
        return ExitCode.DONE
    opened = open_for_use(library)
    chosen = [
        (technique.value, entry)
        for technique, references in opened.sets.items()
        for entry in references.entries
        if entry.watch or not watched
    ]
    if as_json:
        from dataclasses import asdict

        from reachback.strict_json import dump_strictly

        listed = [{"technique": technique, **asdict(entry)} for technique, entry in chosen]
        write_result(dump_strictly({"schema": "reachback.references/1", "references": listed}))
    else:
        _print_references(chosen)
    return ExitCode.DONE


@laboratory.command()
def show(library: AnyLibrary = None, as_json: JsonOption = False, store: StoreOption = None) -> int:
    """Show what a library is: release, digest, calibration, how many references of which kind; and check its files.

    The id of a reference (R000017) shows what the store knows of it.
    """
    if library and REFERENCE_ID.fullmatch(library):
        show_reference(library, store, as_json)
        return ExitCode.DONE
    from library.opening import verify_library

    opened = open_for_use(library)
    verify_library(library or None)
    described = {**_described(opened), "watched_without_reference": _watched_without_reference(library)}
    if as_json:
        from reachback.strict_json import dump_strictly

        write_result(dump_strictly({"schema": "reachback.library-summary/1", **described}))
    else:
        _print_description(described)
    return ExitCode.DONE


def _watched_without_reference(library: str | None) -> dict[str, list[str]]:
    """Substances on the watch list, by technique, that a library has stated and of which it has no spectrum."""
    from library.checking import stated_of
    from spectra.spectrum import Technique

    catalogue = stated_of(library or None)
    if catalogue is None:
        return {}
    return {
        technique.value: [each.name for each in catalogue.watched_without_reference(technique)]
        for technique in Technique
    }


def _print_references(chosen: list[tuple[str, ReferenceEntry]]) -> None:
    from rich import box
    from rich.table import Table

    from reachback.wording import grade_words, printable

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Technique", "Substance", "Class", "Watch", "Reference"):
        table.add_column(name, overflow="fold")
    for technique, entry in sorted(chosen, key=lambda pair: (pair[0], pair[1].substance.casefold(), pair[1].id)):
        table.add_row(
            technique,
            printable(f"{entry.substance} ({entry.form})" if entry.form else entry.substance),
            printable(entry.substance_class or "–"),
            "yes" if entry.watch else "no",
            f"{printable(entry.id)}, {grade_words(entry.grade)}",
        )
    results_console().print(table)


def _described(library: OpenLibrary) -> dict[str, Any]:
    techniques = {}
    for technique, references in library.sets.items():
        entries = references.entries
        calibration = library.calibrations[technique]
        techniques[technique.value] = {
            "references": references.n_refs,
            "substances": len({entry.substance for entry in entries}),
            "watched_substances": len({entry.substance for entry in entries if entry.watch}),
            "grades": dict(Counter(entry.grade.value for entry in entries)),
            "axis": [float(references.axis[0]), float(references.axis[-1])],
            "points": int(references.axis.size),
            "recipe": references.recipe,
            "calibration": {"name": calibration.name, "digest": calibration.digest, "date": calibration.date},
        }
    return {
        "name": library.name,
        "release": library.release,
        "digest": library.digest,
        "engine": library.engine,
        "techniques": techniques,
    }


def _print_description(described: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from reachback.wording import printable

    console = results_console()
    console.print(Text(printable(f"{described['name']} {described['release']}"), style="bold"))
    table = Table.grid(padding=(0, 2))
    table.add_row("digest", described["digest"])
    for technique, held in described["techniques"].items():
        grades = ", ".join(f"{count:,} {grade.replace('_', ' ')}" for grade, count in held["grades"].items())
        low, high = held["axis"]
        calibration = held["calibration"]
        table.add_row(
            technique,
            f"{held['references']:,} references ({grades}) of {held['substances']:,} substances,"
            f" {held['watched_substances']:,} watched",
        )
        table.add_row("", f"{low:g} to {high:g} cm⁻¹, {held['points']:,} points")
        table.add_row("", f"calibration: {calibration['name']}")
    for technique, names in described["watched_without_reference"].items():
        if names and technique in described["techniques"]:
            table.add_row("", f"on the watch list without a {technique} reference: {printable(', '.join(names))}")
    console.print(table)
