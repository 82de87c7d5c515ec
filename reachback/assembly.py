"""All services of the desk, put together once: by the web application, the worker, and the commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from library.model import OpenLibrary
from library.opening import open_library
from reachback.accounts.service import AccountService
from reachback.adjudication.service import AdjudicationService
from reachback.audit.recorded_database import open_database
from reachback.audit.service import AuditService
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock, SystemChance, SystemClock
from reachback.curation.eligible_scans import EligibleScans
from reachback.curation.library_desk import LibraryDesk
from reachback.curation.reference_bench import ReferenceBench
from reachback.curation.reference_catalogue import ReferenceCatalogue
from reachback.curation.reference_proposals import StoreProposals
from reachback.curation.reference_steps import ReferenceSteps
from reachback.curation.service import CurationService
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake.identification_pool import IdentificationPool
from reachback.intake.service import IntakeService
from reachback.library_work.release_book import ReleaseBook
from reachback.library_work.service import LibraryWorkService
from reachback.notify.service import NotifyService
from reachback.replies.service import ReplyService
from reachback.rescreening.service import RescreeningService
from reachback.settings import Settings

__all__ = ["Services", "build_services", "file_store", "open_database"]


@dataclass(frozen=True, slots=True)
class Services:
    """Every service there is; routes find them as ``request.app.state.services``."""

    clock: Clock
    database: Database
    files: FileStore
    library: Callable[[], OpenLibrary]  # opened at the first call
    audit: AuditService
    accounts: AccountService
    notify: NotifyService
    cases: CaseService
    identifier: IdentificationPool
    intake: IntakeService
    adjudication: AdjudicationService
    replies: ReplyService
    rescreening: RescreeningService
    curation: CurationService
    library_desk: LibraryDesk
    references: ReferenceBench
    reference_steps: ReferenceSteps
    eligible_scans: EligibleScans
    library_work: LibraryWorkService
    release_book: ReleaseBook


def file_store(settings: Settings) -> FileStore:
    """The stored bytes of a data folder."""
    return FileStore(settings.data_dir / "files")


def library_store_place(settings: Settings) -> Path:
    """Where the laboratory's own library lies: as the library's commands find it."""
    stated = os.environ.get("REACHBACK_LIBRARY_STORE")
    return Path(stated) if stated else settings.data_dir / "library"


def build_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: Chance | None = None,
    database: Database | None = None,
    identifier: IdentificationPool | None = None,
) -> Services:
    """Put all services together on one database; what is not given is the machine's own."""
    clock, chance = clock or SystemClock(), chance or SystemChance()
    database = database or open_database(settings, clock)
    identifier = identifier or IdentificationPool(settings)
    files, library = file_store(settings), cache(lambda: open_library(settings.library))
    audit = AuditService(database, clock, settings)
    accounts = AccountService(database, clock, chance, settings)
    notify = NotifyService(clock, chance, settings)
    cases = CaseService(database, clock, chance, settings, notify)
    intake = IntakeService(database, clock, chance, settings, notify, cases, audit, files, identifier)
    adjudication = AdjudicationService(
        database=database,
        clock=clock,
        chance=chance,
        settings=settings,
        notify=notify,
        cases=cases,
        intake=intake,
        library=library,
    )
    replies = ReplyService(
        database=database,
        clock=clock,
        chance=chance,
        notify=notify,
        cases=cases,
        adjudication=adjudication,
        intake=intake,
        audit=audit,
        accounts=accounts,
        files=files,
        library=library,
    )
    store = library_store_place(settings)
    bench = ReferenceBench(ReferenceCatalogue(store))
    return Services(
        clock=clock,
        database=database,
        files=files,
        library=library,
        audit=audit,
        accounts=accounts,
        notify=notify,
        cases=cases,
        identifier=identifier,
        intake=intake,
        adjudication=adjudication,
        replies=replies,
        rescreening=RescreeningService(database, clock, chance, cases, files),
        curation=CurationService(
            database=database,
            clock=clock,
            chance=chance,
            cases=cases,
            intake=intake,
            adjudication=adjudication,
            audit=audit,
            files=files,
            library=library,
            proposals=StoreProposals(store),
        ),
        library_desk=LibraryDesk(store, clock),
        references=bench,
        reference_steps=ReferenceSteps(database, clock, bench, library),
        eligible_scans=EligibleScans(database, cases, intake, adjudication),
        library_work=LibraryWorkService(database, clock, chance, notify, store, settings.data_dir / "imports"),
        release_book=ReleaseBook(store, clock),
    )
