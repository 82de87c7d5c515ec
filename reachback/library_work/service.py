"""Releases and imports that people ask for: asked, taken by a worker, ended; one release at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library.errors import LibraryError
from library.releases import draft_release
from library.store import LibraryStore
from reachback.accounts.rights import Principal
from reachback.clock import Chance, Clock, as_utc_text
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake.kept_bytes import keep_bytes
from reachback.library_work import repository
from reachback.library_work.jobs import Ended, Job, Told, job_folder
from reachback.library_work.models import LibraryWork, LibraryWorkHold, WorkKind, WorkState
from reachback.library_work.schemas import DecisionBody, ImportAsked, work_as_json
from reachback.notify.service import NotifyService
from reachback.problems import Conflict, NotFound, Unprocessable

__all__ = ["HOLD_FOR", "LibraryWorkService", "TakenWork"]

HOLD_FOR = timedelta(seconds=120)
_MOST_LOST = 3  # how often a piece may end the process that works on it
_RELEASE_KEY = "release"
_ALREADY = "a release is being made already; wait for it, then look at what it came to"


@dataclass(frozen=True, slots=True)
class TakenWork:
    """A piece that this process works on: the lease, and what is to be done."""

    work_id: str
    epoch: int
    job: Job


@dataclass(frozen=True, slots=True)
class LibraryWorkService:
    """What is asked of the library at ``store``; files that are imported lie below ``folder``."""

    database: Database
    clock: Clock
    chance: Chance
    notify: NotifyService
    store: Path
    folder: Path

    # -- asked -------------------------------------------------------------------------------------------------------

    def ask_release(self, principal: Principal) -> dict[str, Any]:
        """Ask for the next release; Conflict where one is being made, or there is nothing to release."""
        with self.database.reading() as session:
            if repository.open_of_key(session, _RELEASE_KEY) is not None:
                raise Conflict(_ALREADY)
        self._refuse_empty_release(principal.name)
        work = self._new(WorkKind.RELEASE, principal, {"library": self._library().name}, _RELEASE_KEY, None)
        try:
            with self.database.writing(principal.account_id, "library.ask_release") as session:
                if repository.open_of_key(session, _RELEASE_KEY) is not None:
                    raise Conflict(_ALREADY)
                return self._add(session, work)
        except IntegrityError:  # on PostgreSQL, another may have asked at the very same moment
            raise Conflict(_ALREADY) from None

    def ask_import(self, asked: ImportAsked, principal: Principal) -> tuple[dict[str, Any], bool]:
        """Ask for an import; false where the same bytes with the same statements were asked for before."""
        self._library()
        before = self._same(asked.key)
        if before is not None:
            return before, False
        request: dict[str, Any] = {"source": asked.source, "stated": dict(asked.stated)}
        if asked.file_name is not None:
            sha256 = keep_bytes(FileStore(self.folder / "uploads"), asked.content)
            request |= {"file": asked.file_name, "sha256": sha256, "size": len(asked.content)}
        return self._ask_import(request, asked.key, principal)

    def decide(self, work_id: str, decisions: Mapping[str, DecisionBody], principal: Principal) -> dict[str, Any]:
        """Import once more with decisions on the conflicts that the import showed; what waited for them is proposed."""
        with self.database.reading() as session:
            work, _ = self._found(session, work_id)
        if work.kind != WorkKind.IMPORT or work.state != WorkState.DONE or work.content_key is None:
            raise Conflict("only the conflicts of an import that has ended can be decided")
        known = {each["id"]: each for each in (work.result or {}).get("conflicts", ())}
        unknown = sorted(set(decisions) - set(known))
        if unknown:
            raise NotFound(f"the import has no conflict {unknown[0][:40]!r}; look at it again")
        for name, said in decisions.items():
            if known[name]["needs_source"]:
                raise Unprocessable(f"decisions: {known[name]['subject']} needs an identity; state it in the source")
            if known[name]["asks_status"] and said.controlled is None:
                raise Unprocessable(f"controlled: {known[name]['subject']} needs yes or no beside the reason")
        request = {**work.request, "decisions": {name: said.model_dump() for name, said in decisions.items()}}
        answer, is_new = self._ask_import(request, work.content_key, principal, again=True)
        if not is_new:
            raise Conflict("this import is being worked on; decide when it has ended")
        return answer

    # -- seen --------------------------------------------------------------------------------------------------------

    def list_work(self, kind: WorkKind | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Pieces of work, newest first."""
        with self.database.reading() as session:
            return [work_as_json(*each) for each in repository.page(session, kind, limit)]

    def show(self, work_id: str) -> dict[str, Any]:
        """One piece of work."""
        with self.database.reading() as session:
            return work_as_json(*self._found(session, work_id))

    def left_out_csv(self, work_id: str) -> bytes:
        """What an import left out and why, as a table."""
        with self.database.reading() as session:
            work, _ = self._found(session, work_id)
        path = job_folder(self.folder, work.content_key or "") / f"left-out-{work.id}.csv"
        if work.kind != WorkKind.IMPORT or not path.is_file():
            raise NotFound("there is no table of what was left out; it is written when an import ends")
        return path.read_bytes()

    # -- worked on ---------------------------------------------------------------------------------------------------

    def take(self, owner: str, has_gone: Callable[[str], bool]) -> TakenWork | None:
        """The piece that waits longest; None where nothing waits. One that lost its process too often has failed."""
        if not self._look_around(has_gone):
            return None
        now = self.clock.now()
        with self.database.writing("library work", "library.begin_work") as session:
            found = repository.next_to_take(session, now)
            if found is None:
                return None
            work, hold = found
            hold.lost += hold.owner is not None
            if hold.lost >= _MOST_LOST:
                why = f"the process that worked on it ended {hold.lost} times; nothing was changed in the library"
                self._end(session, work, hold, Ended(WorkState.FAILED, why, None))
                return None
            earlier, at = tuple(work.tries), as_utc_text(now)
            work.state, work.tries = WorkState.RUNNING, [*earlier, at]
            hold.owner, hold.epoch, hold.expires_at = owner, hold.epoch + 1, now + HOLD_FOR
            hold.n_done = hold.n_all = hold.words = None
            self.notify.tell(session, "library.work_begun", work.id, None)
            place = str(job_folder(self.folder, work.content_key or work.id))
            uploads = str(self.folder / "uploads")
            job = Job(work.id, work.kind, str(self.store), place, uploads, work.by_name, at, earlier, work.request)
            return TakenWork(work.id, hold.epoch, job)

    def renew(self, taken: TakenWork, told: Told | None) -> bool:
        """A sign of life, and how far it is; false where another process has the work."""
        values: dict[str, Any] = {"expires_at": self.clock.now() + HOLD_FOR}
        if told is not None:
            values |= {"n_done": told.done, "n_all": told.all, "words": told.words[:500]}
        with self.database.writing("library work", "library.renew_work") as session:
            return repository.change_hold(session, taken.work_id, taken.epoch, values)

    def finish(self, taken: TakenWork, ended: Ended) -> bool:
        """Write what came of it; false where another process has the work by now, and then nothing is written."""
        with self.database.writing("library work", "library.end_work") as session:
            work, hold = self._found(session, taken.work_id)
            if hold.epoch != taken.epoch or work.state != WorkState.RUNNING:
                return False
            self._end(session, work, hold, ended)
            return True

    def let_go(self, taken: TakenWork, *, is_lost: bool) -> None:
        """It waits again; ``is_lost`` where its process ended by itself, which counts against it."""
        values: dict[str, Any] = {"expires_at": self.clock.now()}
        if not is_lost:
            values |= {"owner": None}
        with self.database.writing("library work", "library.let_go_of_work") as session:
            repository.change_hold(session, taken.work_id, taken.epoch, values)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _library(self) -> LibraryStore:
        try:
            return LibraryStore.at(self.store)
        except LibraryError:
            raise Conflict(
                "this laboratory has no library store yet; make one with 'reachback library init NAME'"
            ) from None

    def _refuse_empty_release(self, name: str) -> None:
        """What can be known without a check of the whole is said at once."""
        store = self._library()
        try:
            draft_release(store, store.ledger(), name, as_utc_text(self.clock.now()))
        except LibraryError as error:
            raise Conflict(str(error)) from None

    def _same(self, content_key: str) -> dict[str, Any] | None:
        with self.database.reading() as session:
            found = repository.same_import(session, content_key)
            return None if found is None else work_as_json(*found)

    def _ask_import(
        self, request: dict[str, Any], key: str, principal: Principal, *, again: bool = False
    ) -> tuple[dict[str, Any], bool]:
        work = self._new(WorkKind.IMPORT, principal, request, f"import {key}", key)
        try:
            with self.database.writing(principal.account_id, "library.ask_import") as session:
                before = repository.same_import(session, key)
                if before is not None and (not again or before[0].open_key is not None):
                    return work_as_json(*before), False
                return self._add(session, work), True
        except IntegrityError:
            known = self._same(key)
            if known is None:
                raise
            return known, False

    def _new(
        self, kind: WorkKind, principal: Principal, request: dict[str, Any], open_key: str, content_key: str | None
    ) -> LibraryWork:
        return LibraryWork(
            id=self.chance.new_id(),
            kind=kind,
            asked_by=principal.account_id,
            by_name=principal.name,
            asked_at=self.clock.now(),
            request=request,
            open_key=open_key,
            content_key=content_key,
            state=WorkState.WAITING,
            tries=[],
        )

    def _add(self, session: Session, work: LibraryWork) -> dict[str, Any]:
        hold = LibraryWorkHold(work_id=work.id, epoch=0, lost=0)
        session.add(work)
        session.flush()
        session.add(hold)
        self.notify.tell(session, "library.work_asked", work.id, None)
        session.flush()
        return work_as_json(work, hold)

    def _end(self, session: Session, work: LibraryWork, hold: LibraryWorkHold, ended: Ended) -> None:
        work.state, work.reason, work.result = ended.state, ended.reason, ended.result
        work.ended_at, work.open_key = self.clock.now(), None
        hold.owner = hold.expires_at = None
        self.notify.tell(session, f"library.work_{ended.state}", work.id, None)
        session.flush()

    def _found(self, session: Session, work_id: str) -> tuple[LibraryWork, LibraryWorkHold]:
        found = repository.find(session, work_id)
        if found is None:
            raise NotFound("there is no such piece of library work")
        return found

    def _look_around(self, has_gone: Callable[[str], bool]) -> bool:
        """Whether there is anything to do; what was held by a process that has gone waits again."""
        with self.database.reading() as session:
            if not repository.is_anything_open(session):
                return False  # asked every second: no writer is kept waiting for nothing
            left = [
                (hold.work_id, hold.epoch)
                for hold in repository.held(session)
                if hold.owner is not None and has_gone(hold.owner)
            ]
        if left:
            with self.database.writing("library work", "library.let_go_of_work") as session:
                for work_id, epoch in left:
                    repository.change_hold(session, work_id, epoch, {"expires_at": self.clock.now()})
        return True
