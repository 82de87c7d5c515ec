"""``reachback validate``: error rates of a library release, for the laboratory that has to answer for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.options import LibraryOption
from reachback.commands.terminal import complain, status, write_result

__all__ = ["validate"]

_PROCESSES = min(2, os.cpu_count() or 1)
_HALVES = ("all", "even", "odd")


def validate(
    cases: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Known scans, listed in expected.csv, or a folder with manifest.csv."),
    ],
    report: Annotated[str, typer.Option(metavar="FILE", help="The report: .json, .html or .md.")],
    library: LibraryOption = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the simulated scans.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer simulated scans: wider intervals.")] = False,
    half: Annotated[
        str, typer.Option(metavar="all|even|odd", help="Judge one half of the substances; tune on the other.")
    ] = "all",
    spikes: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Spikes at the printed limit for each watched substance.")
    ] = None,
    measured_only: Annotated[bool, typer.Option("--measured-only", help="Simulate nothing.")] = False,
    processes: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Processes to run in; by default 2, where there are two.")
    ] = _PROCESSES,
) -> int:
    """Measure error rates of a library on known cases and on simulated scans; exit code 1 where a goal is missed."""
    if half not in _HALVES:
        raise typer.BadParameter(f"--half is one of {', '.join(_HALVES)}, not {half!r}")
    # Small matrices are slower on several threads, and processes would take them from each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dataclasses import replace

    from library.compile import today
    from reachback.report_files import report_place
    from reachback.validation.cases import open_cases
    from reachback.validation.judging import judge
    from reachback.validation.report import report_of
    from reachback.validation.trials import FULL, NOTHING, QUICK, Half
    from reachback.validation.writing import REPORT_SUFFIXES, write_report

    path, folder = report_place(report, REPORT_SUFFIXES), open_cases(cases)
    amount = NOTHING if measured_only else QUICK if quick else FULL
    amount = amount if spikes is None else replace(amount, spikes=spikes)
    with status("validating") as tell:
        opened, judged, remarks = judge(
            library or None, folder, amount=amount, half=Half(half), seed=seed, processes=processes, tell=tell
        )
        made = report_of(opened, folder, judged, remarks, date=today(), seed=seed, half=Half(half), quick=quick)
    for sentence in (*made.problems, *made.notes):
        complain(sentence)
    write_result("\n".join(str(file) for file in write_report(made, path)))
    for section, verdict in made.missed:
        kind = "simulated" if section.simulated else "measured"
        complain(f"missed ({section.technique}, {kind}): {verdict.goal.words}, {_shown(verdict.measured)}")
    if not made.sections:
        complain(f"reachback: none of the scans of {cases} could be judged, and nothing could be simulated")
        return ExitCode.INPUT_FAILED
    if made.missed:
        return ExitCode.CHECK_FAILED
    return ExitCode.INPUT_FAILED if made.problems else ExitCode.DONE


def _shown(measured: object) -> str:
    return f"{measured:.3f}" if isinstance(measured, float) else str(measured)
