"""``reachback library init | propose | review | deprecate``: what a reference passes before a release."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.terminal import complain, status, write_result

if TYPE_CHECKING:
    from library.proposals import ProposalReport
    from library.store import LibraryStore

__all__ = [
    "REFERENCE_ID",
    "By",
    "StoreOption",
    "deprecate",
    "init",
    "now_text",
    "open_store",
    "propose",
    "review",
]

MAX_SHOWN = 20
REFERENCE_ID = re.compile(r"R[0-9]{6,}")

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        envvar="REACHBACK_LIBRARY_STORE",
        help="The library's store; by default 'library' in the data folder.",
    ),
]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", envvar="REACHBACK_PERSON", help="The person who answers for this step.")
]
Because = Annotated[str, typer.Option("--because", metavar="REASON", help="Why; kept for ever.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="References, as 'reachback library list' names them.")]


def open_store(place: Path | None) -> LibraryStore:
    """The store that is meant."""
    from library.store import LibraryStore, store_folder

    return LibraryStore.at(place or store_folder())


def now_text() -> str:
    """The present moment as the journal writes it, to the second."""
    from reachback.clock import SystemClock

    return SystemClock().now().strftime("%Y-%m-%dT%H:%M:%SZ")


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the library; releases will be NAME-1, NAME-2 …")],
    by: By,
    store: StoreOption = None,
) -> int:
    """Make an empty store for a laboratory's library."""
    from library.store import LibraryStore, store_folder

    made = LibraryStore.create(store or store_folder(), name, by, now_text())
    write_result(f"{made.path}: an empty store for the library {made.name}")
    return ExitCode.DONE


def propose(
    what: Annotated[
        list[str],
        typer.Argument(metavar="FOLDER|ID…", help="Folders with manifest.csv, or drafts that a check held back."),
    ],
    by: By,
    because: Annotated[
        str | None, typer.Option("--because", metavar="REASON", help="Why a draft is proposed as it is.")
    ] = None,
    store: StoreOption = None,
) -> int:
    """Take references into the store and propose them for review; what cannot be used is named with its reason."""
    from library.proposals import propose_drafts, propose_folder

    opened = open_store(store)
    drafts = [each for each in what if REFERENCE_ID.fullmatch(each)]
    refused = False
    for folder in (Path(each) for each in what if each not in drafts):
        with status(f"proposing {folder}") as tell:
            report = propose_folder(opened, folder, by, now_text(), tell)
        print_proposal(str(folder), report)
        refused = refused or bool(report.refused)
    if drafts:
        propose_drafts(opened, drafts, by, now_text(), because or "")
        write_result(f"proposed {', '.join(drafts)}")
    return ExitCode.INPUT_FAILED if refused else ExitCode.DONE


def print_proposal(what: str, report: ProposalReport) -> None:
    """Say what became of a folder: counts on standard output, every refusal on standard error."""
    counts = [
        f"{len(report.proposed):,} proposed",
        f"{len(report.drafts):,} kept as drafts",
        f"{len(report.known):,} known already",
        f"{len(report.refused):,} refused",
    ]
    span = f" ({report.proposed[0]} to {report.proposed[-1]})" if report.proposed else ""
    if report.n_stated:
        counts.append(f"{report.n_stated:,} statement{'s' * (report.n_stated > 1)} about substances kept")
    write_result(f"{what}: {', '.join(counts)}{span}")
    for refused in report.refused:
        complain(f"refused: {refused.what}: {refused.reason}")
    for identifier, why in report.drafts:
        complain(f"kept as a draft: {identifier}: {why}")
    conflicts = [each for each in report.findings if each.is_blocking and each.references[0] not in dict(report.drafts)]
    for conflict in conflicts[:MAX_SHOWN]:
        complain(f"to be settled before a release: [{conflict.key}] {conflict.words}")
    if len(conflicts) > MAX_SHOWN:
        complain(f"and {len(conflicts) - MAX_SHOWN:,} more; 'reachback library check' lists them")


def review(
    by: By,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Proposed references.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is proposed.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Send them back as drafts; needs --because.")] = False,
    because: Annotated[str | None, typer.Option("--because", metavar="REASON", help="A remark, or the reason.")] = None,
    store: StoreOption = None,
) -> int:
    """Accept proposed references, as another person than their proposer, or send them back."""
    from library import store as steps
    from library.ledger import State

    opened = open_store(store)
    if bool(ids) == everything:
        raise typer.BadParameter("name references, or --all")
    chosen = ids or [each.reference.id for each in opened.ledger().of_state(State.PROPOSED)]
    if not chosen:
        write_result("nothing is proposed")
        return ExitCode.DONE
    steps.review(opened, chosen, by, now_text(), accepted=not reject, comment=because)
    write_result(f"{'sent back' if reject else 'reviewed'}: {len(chosen):,} references")
    return ExitCode.DONE


def deprecate(
    ids: Ids,
    by: By,
    because: Because,
    successor: Annotated[str | None, typer.Option(metavar="ID", help="What stands in its place.")] = None,
    store: StoreOption = None,
) -> int:
    """Take references back: what was never released is withdrawn, what was is deprecated; nothing is deleted."""
    from library import store as steps

    steps.withdraw(open_store(store), ids, by, now_text(), because, successor)
    write_result(f"taken back: {', '.join(ids)}; earlier releases keep them, the next one leaves them out")
    return ExitCode.DONE
