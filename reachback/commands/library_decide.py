"""``reachback library decide``: the open questions of an imported folder, answered in bulk by one person, with why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.library_store import now_text
from reachback.commands.table_files import TableIn, TableOut, read_table, refuse_table, write_table
from reachback.commands.terminal import write_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from library.importers.deciding import OpenQuestion, Pattern
    from library.importers.decisions import Decided

__all__ = ["decide"]

MAX_SHOWN = 20


def decide(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that 'library import' has made.")],
    write: TableOut = None,
    read: TableIn = None,
    everything: Annotated[bool, typer.Option("--all", help="Every open question that fits the options below.")] = False,
    kind: Annotated[str | None, typer.Option(help="Only questions of this kind, as status_not_stated.")] = None,
    substance: Annotated[str | None, typer.Option(help="Only of these substances; * stands for any text.")] = None,
    of_class: Annotated[
        str | None, typer.Option("--class", metavar="PATTERN", help="Only of this class; * stands for any text.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only from this source; * stands for any text.")
    ] = None,
    controlled: Annotated[str | None, typer.Option(help="yes or no: the status that is decided.")] = None,
    watch: Annotated[
        str | None, typer.Option(help="yes or no: on the watch list; by default what is controlled is.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", envvar="REACHBACK_PERSON", help="The person who answers for it.")
    ] = "",
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="Why; kept for ever.")] = "",
) -> int:
    """Answer the questions that an import left open, by a filled table or all that fit a pattern; else show them.

    Answers go into the manifest, and with it into the store's journal and into releases.
    """
    from library.importers.deciding import Pattern, open_questions, questions_csv

    questions = open_questions(folder)
    pattern = Pattern(kind, substance, of_class, source)
    if read is not None:
        return _take_table(folder, read_table(read), questions, by, because)
    chosen = [each for each in questions if pattern.fits(each)]
    if write is not None:
        write_table(write, questions_csv(chosen))
        write_result(f"{write}: {len(chosen):,} open questions; fill it and take it in with --read")
        return ExitCode.DONE
    if everything or pattern != Pattern():
        if because or controlled or by:
            return _decide_alike(folder, chosen, pattern, _said(controlled, watch, because), by)
        if everything:
            raise typer.BadParameter("--all is answered with --because, and a status with --controlled")
    _show(folder, chosen)
    return ExitCode.DONE


def _said(controlled: str | None, watch: str | None, because: str) -> Decided:
    from library.importers.decisions import Decided

    answers = {None: None, "yes": True, "no": False}
    for option, text in (("--controlled", controlled), ("--watch", watch)):
        if text not in answers:
            raise typer.BadParameter(f"{option} is yes or no, not {text!r}")
    return Decided(because.strip(), answers[controlled], answers[watch])


def _take_table(folder: Path, content: bytes, questions: Sequence[OpenQuestion], by: str, because: str) -> int:
    from library.importers.deciding import read_answers

    answers, bad = read_answers(content, questions, because)
    if bad:
        return refuse_table(bad)
    return _written(folder, answers, len(questions), by)


def _decide_alike(folder: Path, chosen: Sequence[OpenQuestion], pattern: Pattern, answer: Decided, by: str) -> int:
    from library.importers.decisions import STATUS_KINDS

    about_status = answer.controlled is not None
    if not about_status and pattern.kind is None:
        raise typer.BadParameter("a status is decided with --controlled yes or no; other questions with --kind")
    fitting = [each for each in chosen if (each.conflict.kind in STATUS_KINDS) is about_status]
    if not fitting:
        write_result(f"{folder}: no open question fits; nothing was decided")
        return ExitCode.DONE
    return _written(folder, {each.conflict.id: answer for each in fitting}, len(chosen), by)


def _written(folder: Path, answers: dict[str, Decided], n_open: int, by: str) -> int:
    from library.importers.deciding import decide as decide_all
    from library.importers.deciding import open_questions

    if not answers:
        write_result(f"{folder}: no row is filled; nothing was decided, {n_open:,} questions are open")
        return ExitCode.DONE
    done = decide_all(folder, answers, by, now_text())
    references = {reference for each in done for reference in each.references}
    left = len(open_questions(folder))
    write_result(f"{folder}: {len(done):,} questions about {len(references):,} references decided; {left:,} are open")
    return ExitCode.DONE


def _show(folder: Path, questions: Sequence[OpenQuestion]) -> None:
    from reachback.wording import printable

    kinds = Counter(each.conflict.kind for each in questions)
    counted = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    write_result(f"{folder}: {len(questions):,} open questions" + (f": {counted}" if counted else ""))
    classes = Counter((each.conflict.kind, " | ".join(each.classes) or "no class") for each in questions)
    for (kind, of_class), count in sorted(classes.items()):
        write_result(f"  {count:>5,}  {kind}  {printable(of_class)}")
    for each in [each for each in questions if not each.conflict.kind.startswith("status_")][:MAX_SHOWN]:
        write_result(f"  [{each.conflict.id}] {printable(each.conflict.subject)}: {printable(each.conflict.question)}")
    if questions:
        write_result("--write FILE.csv gives them as a table to fill; --all or --class, --source, --kind decide alike")
