"""``reachback rescreen``: the archive of scans against references that are new."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.identify import open_for_use
from reachback.commands.options import LibraryOption
from reachback.commands.service_options import (
    DatabaseUrlOption,
    DataDirOption,
    open_to_children,
    ready_database,
    service_settings,
)
from reachback.commands.terminal import complain, status, write_result
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from library.model import OpenLibrary
    from reachback.db.session import Database
    from reachback.rescreening.new_references import Changes
    from reachback.rescreening.repository import Progress
    from reachback.rescreening.service import Asked, RescreeningService
    from reachback.settings import Settings

__all__ = ["rescreen"]


def rescreen(
    since: Annotated[
        str,
        typer.Option(
            metavar="EARLIER",
            help="The earlier library – a release, a folder, a compiled one – or a day (2030-01-31): what the library"
            " has now and that one had not is new.",
        ),
    ],
    library: LibraryOption = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A Dask scheduler (tcp://HOST:8786); by default processes of this machine."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes of this machine; 0 is one a core.")] = 0,
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
) -> int:
    """Look at past scans again under new references, those without a match first; hits open cases for chemists.

    No old answer is changed. The same command again goes on where it was stopped.
    """
    from reachback.rescreening.new_references import changes_since, exact_library

    settings = service_settings(data_dir=data_dir, database_url=database_url, library=library)
    open_to_children(settings)
    place = exact_library(settings.library)
    opened = open_for_use(place)
    with status("comparing with the earlier library") as tell:
        changes = changes_since(since, opened, place, tell)
    if not changes.n_added and not changes.gone:
        write_result(f"{opened.name} {opened.release} has nothing that {changes.since} had not; nothing to look for")
        return ExitCode.DONE
    asked = _asked(opened, place, changes)
    with ready_database(settings) as database:
        progress = _run(_service(settings, database), asked, scheduler, workers or _cores())
    return _report(progress, changes)


def _asked(opened: OpenLibrary, place: str | None, changes: Changes) -> Asked:
    from reachback.rescreening.service import Asked

    added = {
        technique.value: tuple(opened.sets[technique].entries[row].id for row in rows)
        for technique, rows in changes.added.items()
    }
    where = None if place is None else str(Path(place).absolute()) if Path(place).exists() else place
    return Asked(where, opened.name, opened.release, opened.digest, added, changes.gone, changes.since)


def _service(settings: Settings, database: Database) -> RescreeningService:
    from reachback.assembly import file_store
    from reachback.cases.service import CaseService
    from reachback.clock import SystemChance, SystemClock
    from reachback.notify.service import NotifyService
    from reachback.rescreening.service import RescreeningService

    clock, chance = SystemClock(), SystemChance()
    cases = CaseService(database, clock, chance, settings, NotifyService(clock, chance, settings))
    return RescreeningService(database, clock, chance, cases, file_store(settings))


def _run(service: RescreeningService, asked: Asked, scheduler: str | None, n_workers: int) -> Progress:
    from reachback.rescreening.chunk_work import OtherLibrary
    from reachback.rescreening.executors import cluster, own_processes
    from reachback.rescreening.running import run_through

    run_id = service.begin(asked, "command line")
    open_executor = partial(cluster, scheduler) if scheduler else partial(own_processes, n_workers)

    with status("looking through the archive") as tell:
        try:
            return run_through(service, run_id, asked, open_executor, lambda now: tell(_words(now)))
        except OtherLibrary as error:
            raise ReachbackError(str(error)) from None


def _words(progress: Progress) -> str:
    all_chunks = progress.waiting + progress.leased + progress.done + progress.failed
    return (
        f"{progress.done:,} of {all_chunks:,} chunks, {progress.n_looked:,} spectra looked at,"
        f" {progress.n_identified:,} identified, {progress.n_hits:,} hits"
    )


def _report(progress: Progress, changes: Changes) -> int:
    write_result(
        f"{changes.n_added:,} new references, {len(changes.gone):,} gone since {changes.since}: {_words(progress)}"
    )
    if progress.failed:
        complain(f"{progress.failed:,} chunks could not be looked through; `rescreening_chunks` names their scans")
        return ExitCode.INPUT_FAILED
    return ExitCode.DONE


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
