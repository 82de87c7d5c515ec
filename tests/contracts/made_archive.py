"""An archive of scans, and two libraries: an earlier one, and one with a reference more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from device_adapters.stated import Stated
from library.model import OpenLibrary
from library.opening import open_library
from reachback.accounts.models import Role
from reachback.accounts.service import AccountService
from reachback.cases.service import CaseService
from reachback.clock import Clock, SystemChance
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.identification_json import identification_as_json
from reachback.identifying import Verdict, identify_bytes
from reachback.intake.models import Scan, ScanState
from reachback.intake.opening_rules import primary_of
from reachback.notify.service import NotifyService
from reachback.rescreening.new_references import changes_to
from reachback.rescreening.repository import Progress
from reachback.rescreening.running import run_through
from reachback.rescreening.service import Asked, RescreeningService
from reachback.settings import Settings
from tests.library.made_library import HEADER, curve, jcamp

AXIS = np.arange(600.0, 2000.1, 4.0)
OLD_NAMES = tuple(f"old {number}" for number in range(6))
NEW_NAME = "novel"
SEEDS = {**{name: number * 10 for number, name in enumerate(OLD_NAMES)}, NEW_NAME: 900, "stranger": 990}


def made_scan(*parts: tuple[str, float], salt: int = 0) -> bytes:
    """A scan of these substances, each with its share; the salt makes other noise."""
    values = sum(share * curve(SEEDS[name], AXIS) for name, share in parts)
    noise = np.random.default_rng(10_000 + salt).normal(0.0, 0.001, AXIS.size)
    return jcamp(AXIS, np.asarray(values) + noise).encode()


def made_library(folder: Path, names: Sequence[str]) -> Path:
    """A folder library of these substances."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [HEADER]
    for name in names:
        file = f"{name.replace(' ', '-')}.jdx"
        (folder / file).write_text(jcamp(AXIS, curve(SEEDS[name], AXIS)), encoding="utf-8")
        rows.append(f"{file},{name},base,,,cutting agent,no,ftir,ATR,made,CC0-1.0")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@cache
def opened(folder: Path) -> OpenLibrary:
    """A library, opened once a test run."""
    return open_library(folder)


@cache
def identified(content: bytes, library: Path) -> list[dict[str, Any]]:
    """The verdicts on a file as stored."""
    with_library = opened(library)
    found = identify_bytes(content, "a.jdx", with_library, Stated())
    made = [identification_as_json(each.identification, with_library) for each in found if isinstance(each, Verdict)]
    results: list[dict[str, Any]] = json.loads(json.dumps(made))
    return results


@dataclass(frozen=True)
class Archive:
    """A database with scans that were identified with the earlier library."""

    database: Database
    clock: Clock
    folder: Path
    earlier: Path
    present: Path

    @property
    def service(self) -> RescreeningService:
        settings, chance = Settings(data_dir=self.folder), SystemChance()
        notify = NotifyService(self.clock, chance, settings)
        cases = CaseService(self.database, self.clock, chance, settings, notify)
        return RescreeningService(self.database, self.clock, chance, cases, self.files)

    @property
    def files(self) -> FileStore:
        return FileStore(self.folder / "files")

    @property
    def asked(self) -> Asked:
        present, earlier = opened(self.present), opened(self.earlier)
        changes = changes_to(present, earlier, "earlier")
        added = {
            technique.value: tuple(present.sets[technique].entries[row].id for row in rows)
            for technique, rows in changes.added.items()
        }
        return Asked(
            str(self.present), present.name, present.release, present.digest, added, changes.gone, changes.since
        )

    def keep(
        self, content: bytes, case_id: str | None = None, with_library: Path | None = None, size: int | None = None
    ) -> str:
        """Put a scan into the archive, as intake would have; its id. A size that is not its own makes chunks small."""
        results = identified(content, with_library or self.earlier)
        accounts = AccountService(self.database, self.clock, SystemChance(), Settings(data_dir=self.folder))
        account = accounts.principal_of_token(accounts.token_for(Role.OFFICER, "anna", "harbour"))
        place = primary_of(results)
        scan = Scan(
            id=SystemChance().new_id(),
            account_id=account.account_id,
            unit="harbour",
            file_name="a.jdx",
            sha256=self.files.keep(content),
            size=size or len(content),
            received_at=self.clock.now(),
            state=ScanState.IDENTIFIED if results else ScanState.UNREADABLE,
            form={},
            identifications=results,
            primary_index=place,
            outcome=None if place is None else results[place]["outcome"],
            case_id=case_id,
        )
        with self.database.writing("test", "scan.keep") as session:
            session.add(scan)
        return scan.id

    def run(self, executor: Callable[[], AbstractContextManager[tuple[Executor, int]]] | None = None) -> Progress:
        """Look through all of it."""
        service, asked = self.service, self.asked
        if executor is not None:
            return run_through(service, service.begin(asked, "test"), asked, executor, lambda progress: None)
        with ThreadPoolExecutor(2) as pool:
            return run_through(service, service.begin(asked, "test"), asked, always(pool), lambda progress: None)


def always(executor: Executor) -> Callable[[], AbstractContextManager[tuple[Executor, int]]]:
    """The same executor, however often one is asked for."""

    @contextmanager
    def open_it() -> Iterator[tuple[Executor, int]]:
        yield executor, 2

    return open_it
