"""``reachback identify``: scans in, a verdict for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.options import (
    FilesArgument,
    JsonOption,
    LibraryOption,
    plot_path,
)
from reachback.commands.terminal import complain, progress, results_console, status, write_result

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from device_adapters.stated import Stated
    from library.model import OpenLibrary
    from reachback.identifying import Answer, Refusal, Verdict
    from spectra.axis_correction import Registered
    from spectra.fusion import Fusion
    from spectra.strips import StripResult

__all__ = ["identify", "open_for_use"]


def identify(
    files: FilesArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
    plot: Annotated[
        str | None,
        typer.Option(metavar="FILE.svg", help="Draw scan, fit, parts and residual, one block for each scan."),
    ] = None,
    technique: Annotated[
        str | None,
        typer.Option(metavar="raman|ftir", help="Technique, where a bare file does not say it."),
    ] = None,
    mode: Annotated[
        str | None, typer.Option(metavar="M", help="Sampling, where the file does not say it: ATR, SERS …")
    ] = None,
    laser: Annotated[
        float | None,
        typer.Option(metavar="NM", help="Laser wavelength in nm, where the file does not say it."),
    ] = None,
    y_units: Annotated[
        str | None,
        typer.Option(metavar="U", help="Ordinate, where the file does not say it: absorbance, transmittance, …"),
    ] = None,
    standard: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A scan of a known material by the same instrument: Raman axes are corrected by it first.",
        ),
    ] = None,
    standard_is: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="That material, as the library names it: polystyrene, cyclohexane …"),
    ] = None,
    exhibit: Annotated[
        bool,
        typer.Option("--exhibit", help="All files are scans of one exhibit: say also what they say together."),
    ] = False,
    strip: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=RESULT",
            help="A test strip of the exhibit: fentanyl=positive, negative or invalid. May be given several times.",
        ),
    ] = None,
) -> int:
    """Identify scans: one verdict for each spectrum, presumptive and never a confirmation."""
    picture = plot_path(plot)
    strips = _strips(strip or [])
    from reachback.identifying import identify_files

    stated = _stated(technique, mode, laser, y_units)
    opened = open_for_use(library)
    answers = identify_files(files, opened, stated, _axis_standard(standard, standard_is, opened, stated))
    fused = strips if exhibit or strips else None
    if as_json:
        verdicts, refusals = _present_json(progress(answers, "identifying", len(files)), opened, fused)
    else:
        verdicts, refusals = _present_text(answers, opened, fused)  # the verdicts themselves show how far it is
    if picture is not None:
        _draw(picture, verdicts, opened)
    return ExitCode.INPUT_FAILED if refusals else ExitCode.DONE


def _stated(technique: str | None, mode: str | None, laser: float | None, y_units: str | None) -> Stated:
    """What the four options state, in the adapters' spelling."""
    from device_adapters.stated import Stated

    try:
        return Stated(
            technique=technique.casefold() if technique else None,
            mode=mode or None,
            laser_nm=laser,
            y_units=y_units.casefold().replace("-", "_").replace(" ", "_") if y_units else None,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _axis_standard(file: str | None, substance: str | None, library: OpenLibrary, stated: Stated) -> Registered | None:
    """What the instrument's scan of a known material says of its axis; None where none was named."""
    from device_adapters.errors import AdapterError
    from reachback.identifying import read_standard
    from spectra.errors import SpectraError

    if file is None and substance is None:
        return None
    if not file or not substance:
        raise typer.BadParameter(
            "--standard FILE and --standard-is NAME belong together: name the scan and its material"
        )
    try:
        return read_standard(file, substance, library, stated)
    except (AdapterError, SpectraError) as error:
        raise typer.BadParameter(f"--standard {file}: {error}") from None


def _strips(given: list[str]) -> list[StripResult]:
    """Strips as stated: ``fentanyl=positive``."""
    from spectra.strips import StripReading, StripResult

    strips = []
    for text in given:
        kind, _, result = (part.strip() for part in text.partition("="))
        if not kind or result.casefold() not in set(StripReading):
            readings = ", ".join(StripReading)
            raise typer.BadParameter(f"'{text}' is no strip: write KIND=RESULT, with a result of {readings}")
        strips.append(StripResult(kind, StripReading(result.casefold())))
    return strips


def _fused(verdicts: list[Verdict], library: OpenLibrary, strips: list[StripResult] | None) -> Fusion | None:
    """What the scans of one exhibit say together; None where they are not said to be of one."""
    if strips is None:
        return None
    from spectra.fuse import fuse

    held = {technique: {e.substance for e in references.entries} for technique, references in library.sets.items()}
    return fuse([verdict.identification for verdict in verdicts], strips, held)


def open_for_use(name: str | None) -> OpenLibrary:
    """Open a library, saying on standard error what takes a while and what the user should know."""
    with status("opening the library") as tell:
        from library.opening import open_library

        opened = open_library(name or None, tell)
    for warning in opened.warnings:
        complain(f"reachback: {warning}")
    return opened


def _present_json(
    answers: Iterable[Answer], library: OpenLibrary, strips: list[StripResult] | None
) -> tuple[list[Verdict], list[Refusal]]:
    from reachback.fusion_json import fusion_as_json
    from reachback.identification_json import SCHEMA, identification_as_json
    from reachback.strict_json import dump_strictly

    verdicts, refusals = _parted(answers)
    for refusal in refusals:
        _complain_of(refusal)
    errors = [{"file": refusal.file, "error": refusal.error, "index": refusal.index} for refusal in refusals]
    results = [identification_as_json(verdict.identification, library) for verdict in verdicts]
    fusion = fusion_as_json(_fused(verdicts, library, strips))
    write_result(dump_strictly({"schema": SCHEMA, "errors": errors, "results": results, "fusion": fusion}))
    return verdicts, refusals


def _present_text(
    answers: Iterable[Answer], library: OpenLibrary, strips: list[StripResult] | None
) -> tuple[list[Verdict], list[Refusal]]:
    """Each verdict as soon as it is there, in the order of the files; what they say together at the end."""
    from reachback.fusion_view import print_fusion
    from reachback.identifying import Verdict
    from reachback.verdict_view import print_verdict

    console = results_console()
    kept: list[Answer] = []
    for answer in answers:
        if isinstance(answer, Verdict):
            print_verdict(console, answer.identification, library)
        else:
            _complain_of(answer)
        kept.append(answer)
    verdicts, refusals = _parted(kept)
    fusion = _fused(verdicts, library, strips)
    if fusion is not None:
        print_fusion(console, fusion)
    return verdicts, refusals


def _parted(answers: Iterable[Answer]) -> tuple[list[Verdict], list[Refusal]]:
    from reachback.identifying import Verdict

    verdicts: list[Verdict] = []
    refusals: list[Refusal] = []
    for answer in answers:
        if isinstance(answer, Verdict):
            verdicts.append(answer)
        else:
            refusals.append(answer)
    return verdicts, refusals


def _complain_of(refusal: Refusal) -> None:
    where = refusal.file if not refusal.index else f"{refusal.file} [{refusal.index}]"
    complain(f"{where}: {refusal.error}")


def _draw(picture: Path, verdicts: list[Verdict], library: OpenLibrary) -> None:
    from reachback.plotting import MAX_BLOCKS, save_plot

    if not verdicts:
        complain(f"reachback: nothing was identified, so {picture} was not drawn")
        return
    if len(verdicts) > MAX_BLOCKS:
        complain(f"reachback: {picture} shows the first {MAX_BLOCKS} of {len(verdicts)} scans; draw the rest apart")
    save_plot(picture, [verdict.identification for verdict in verdicts], library)
