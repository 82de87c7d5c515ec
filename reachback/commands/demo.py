"""``reachback demo``: the examples that are shipped, and one scan's way over a desk, told step by step."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.identify import open_for_use
from reachback.commands.terminal import complain, results_console
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from rich.console import Console

    from library.model import OpenLibrary
    from spectra.verdict import Outcome

__all__ = ["demo"]


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run through once and end with 0 if all of it ran.")] = False,
) -> int:
    """Identify the shipped example scans, then take one over a reach-back desk; without --once the desk stays open."""
    from library.opening import starter_folder

    console = results_console()
    library = open_for_use(None)
    examples = _examples(starter_folder() / "examples")
    _introduce(console, library, len(examples))
    shown: set[Outcome] = set()
    failures = 0
    for number, example in enumerate(examples, start=1):
        failures += not _show_example(console, number, example, library, shown)
    if failures:
        complain(f"reachback demo: {failures} of {len(examples)} examples could not be identified")
        return ExitCode.INPUT_FAILED
    from reachback.commands.demo_desk import walk_the_desk

    console.print()
    walk_the_desk(console, starter_folder() / "examples", once)
    _say_what_next(console, Path(examples[0]["path"]))
    return ExitCode.DONE


def _examples(folder: Path) -> list[dict[str, str]]:
    """Rows of ``examples.csv``, each with the path of its scan."""
    listing = folder / "examples.csv"
    try:
        with listing.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise ReachbackError(f"the examples are missing from this installation: {listing}: {error.strerror}") from None
    if not rows:
        raise ReachbackError(f"{listing} lists no examples; install reachback again")
    return [{**row, "path": str(folder / row["file"])} for row in rows]


def _introduce(console: Console, library: OpenLibrary, n_examples: int) -> None:
    from rich.text import Text

    from reachback.wording import technique_name

    counts = " and ".join(f"{held.n_refs} {technique_name(technique)}" for technique, held in library.sets.items())
    console.print(Text("reachback – what a scan tells, and what it does not", style="bold"))
    console.print(
        Text(
            f"The starter library holds {counts} references, all drawn from tables of band positions."
            f" The {n_examples} scans below are simulated from such tables, with noise; nobody measured them."
            " A verdict that rests on a band table is called tentative and goes to a chemist."
            " The first scan of each outcome is shown in full, the others in a line."
        )
    )


def _show_example(
    console: Console, number: int, example: dict[str, str], library: OpenLibrary, shown: set[Outcome]
) -> bool:
    """Show one example; False where it could not be identified."""
    from rich.text import Text

    from device_adapters.stated import Stated
    from reachback.identifying import Verdict, identify_files
    from reachback.verdict_view import print_verdict, verdict_line
    from reachback.wording import OUTCOME_MEANINGS

    console.print()
    console.print(Text(f"{number}. {example['file']}, simulated: {_made_of(example)}.", style="bold"))
    complete = True
    for answer in identify_files([example["path"]], library, Stated()):
        if not isinstance(answer, Verdict):
            complain(f"{answer.file}: {answer.error}")
            complete = False
            continue
        outcome = answer.identification.outcome
        if outcome in shown:
            console.print(verdict_line(answer.identification))
        else:
            print_verdict(console, answer.identification, library)
            console.print(Text(f"In plain words: {OUTCOME_MEANINGS[outcome]}"))
        shown.add(outcome)
        if example.get("outcome") not in (None, outcome.value):
            console.print(Text(f"This is not what the scan was made for: {example['outcome']} was expected."))
    return complete


def _made_of(example: dict[str, str]) -> str:
    """What the scan was made from, in words."""
    names = [part.partition("=")[0].strip() for part in (example.get("components") or "").split(";")]
    names = [name for name in names if name]
    if names:
        return f"made from the bands of {', '.join(names[:-1])} and {names[-1]}" if names[1:] else f"pure {names[0]}"
    if example.get("kind") == "unusable":
        return "a measurement that went wrong"
    return "something the library does not hold"


def _say_what_next(console: Console, example: Path) -> None:
    from rich.text import Text

    console.print()
    console.print(Text("What to try next", style="bold"))
    shown = shlex.quote(str(example))
    for what, command in (
        ("a picture of a verdict", f"reachback identify {shown} --plot verdict.svg"),
        ("your own scans", "reachback identify YOUR_SCAN.jdx"),
        ("your own references", "reachback identify YOUR_SCAN.jdx --library FOLDER_WITH_MANIFEST"),
        ("what is in a file", "reachback inspect YOUR_SCAN.jdx"),
        ("what is in the library", "reachback library list"),
        ("a desk of your own", "reachback serve"),
    ):
        console.print(Text(f"  {what}:\n    {command}"), soft_wrap=True)
