"""``reachback library import``: what others publish, into a folder library of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.terminal import complain, status, write_result
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from library.importers.importing import Imported, Statements
    from library.importers.known_substances import KnownSubstances
    from library.importers.source import Source

__all__ = ["import_source"]


class ImportRefused(ReachbackError):
    """What was said on the command line cannot be carried out."""


def import_source(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="jcamp, folder, rruff, openspecy, ramanbiolib, matrix-bundle, or one that a package adds.",
        ),
    ],
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The archive, folder or file; not needed for ramanbiolib.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The folder library to make; by default SOURCE-library here.")
    ] = None,
    technique: Annotated[str | None, typer.Option(help="raman or ftir, where the files do not say it.")] = None,
    mode: Annotated[str | None, typer.Option(help="ATR, transmission, SERS …, where the files do not say it.")] = None,
    laser: Annotated[float | None, typer.Option(metavar="NM", help="Wavelength of the laser [nm].")] = None,
    y_units: Annotated[str | None, typer.Option(help="absorbance, transmittance, percent_transmittance.")] = None,
    controlled: Annotated[
        str | None, typer.Option(help="yes or no: whether its substances are controlled, where nothing else says it.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="The licence, where the files state none.")] = None,
    passed_on: Annotated[
        str | None,
        typer.Option(
            "--may-be-passed-on",
            help="yes or no: whether the licence, which you have read, lets the spectra be passed on.",
        ),
    ] = None,
    substances: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="CSV",
            help="Known substances to map names to, in a manifest's columns; the starter library's are always known.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the library; by default the folder's.")] = None,
) -> int:
    """Import a published library into a folder library; the same command again goes on where it was stopped."""
    from library.compile import today
    from library.importers.importing import import_library
    from library.importers.registry import source_named

    chosen = source_named(source)
    statements = _statements(technique, mode, laser, y_units, _answer("--controlled", controlled), licence, name)
    statements = replace(statements, may_be_passed_on=_answer("--may-be-passed-on", passed_on))
    place = path or chosen.default_path() or _refuse_without_path(chosen)
    folder = out or Path(f"{chosen.name}-library")
    known = _known(substances or [])
    with status(f"importing {place}") as tell:
        imported = import_library(
            chosen, place, folder, known, statements, today(), lambda done, at: tell(f"{done:,} files read, now {at}")
        )
    _report(imported)
    return ExitCode.INPUT_FAILED if imported.counted else ExitCode.DONE


def _refuse_without_path(source: Source) -> NoReturn:
    raise ImportRefused(f"{source.name} needs a PATH: {source.reads}")


def _answer(option: str, text: str | None) -> bool | None:
    answers = {None: None, "yes": True, "no": False}
    if text not in answers:
        raise ImportRefused(f"{option} is yes or no, not {text!r}")
    return answers[text]


def _statements(
    technique: str | None,
    mode: str | None,
    laser: float | None,
    y_units: str | None,
    controlled: bool | None,
    licence: str | None,
    name: str | None,
) -> Statements:
    from device_adapters.stated import Stated
    from library.importers.importing import Statements

    try:
        scans = Stated(technique=technique, mode=mode, laser_nm=laser, y_units=y_units)
    except ValueError as error:
        raise ImportRefused(str(error)) from None
    return Statements(scans, controlled, licence, name)


def _known(tables: list[Path]) -> KnownSubstances:
    """The tables given go first, then what the starter library knows."""
    from library.importers.known_substances import KnownSubstances, read_known
    from library.manifest import MANIFEST_NAME
    from library.opening import starter_folder

    entries = [entry for table in [*tables, starter_folder() / MANIFEST_NAME] for entry in read_known(table)]
    return KnownSubstances(tuple(entries))


def _report(imported: Imported) -> None:
    from reachback.wording import printable

    taken = f", {imported.n_taken_over:,} files read by an earlier run" if imported.n_taken_over else ""
    write_result(
        f"{imported.folder}: {imported.n_references:,} references of {imported.n_substances:,} substances{taken};"
        f" {len(imported.counted):,} left out (left_out.csv), {len(imported.undecided):,} conflicts to decide"
        f" (conflicts.csv{'; library decide helps' if imported.undecided else ''})"
    )
    for left in imported.counted[:10]:
        complain(f"{printable(left.file)}: {printable(left.reason)}")
    if len(imported.counted) > 10:
        complain(f"and {len(imported.counted) - 10:,} more, each with its reason in {imported.folder / 'left_out.csv'}")
    if not imported.n_references:
        complain(f"{imported.folder} holds no reference, so that it is no library")
