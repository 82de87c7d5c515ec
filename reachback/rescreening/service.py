"""Runs through the archive: begun, worked on chunk by chunk, and what they find; old answers are only read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.cases.models import Lane
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock, as_utc_text
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake.models import Scan
from reachback.intake.schemas import stated_of
from reachback.problems import NotFound
from reachback.rescreening import repository
from reachback.rescreening.chunk_work import Chunk, ChunkAnswer, Hit, OldScan
from reachback.rescreening.models import ChunkState, Rescreening, RescreeningChunk, RetrospectiveHit
from reachback.rescreening.repository import Progress

__all__ = ["LEASE_FOR", "Asked", "RescreeningService", "Taken"]

LEASE_FOR = timedelta(seconds=120)
_TRIES = 3  # how often a chunk may end the process that works on it
# Of an old answer; the rest, with every target's limit, would only travel to the workers and back.
_ASKED_OF_ANSWERS = ("scan", "quality", "library", "components", "alerts", "class_hint")
_CHUNK_SCANS, _CHUNK_BYTES = 64, 8 * 2**20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asks: which library, and what of it is new.

    ``added`` technique → ids of references; ``gone`` ids; ``since`` the earlier library in words; ``place`` where a
    process opens the library.
    """

    place: str | None
    name: str
    release: str
    digest: str
    added: dict[str, tuple[str, ...]]
    gone: frozenset[str]
    since: str

    @property
    def key(self) -> str:
        """The same for the same question."""
        whole = [self.digest, sorted((name, list(ids)) for name, ids in self.added.items()), sorted(self.gone)]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """A chunk that this process works on: the lease, and the work."""

    chunk_id: str
    run_id: str
    epoch: int
    work: Chunk


@dataclass(frozen=True, slots=True)
class RescreeningService:
    """The archive under new references."""

    database: Database
    clock: Clock
    chance: Chance
    cases: CaseService
    files: FileStore

    # -- a run -------------------------------------------------------------------------------------------------------

    def begin(self, asked: Asked, by: str) -> str:
        """Id of the run: one that was stopped goes on, a new one covers what an earlier one of its kind did not."""
        with self.database.writing(by, "rescreening.begin") as session:
            earlier = repository.newest_run(session, asked.key)
            if earlier is not None and earlier.ended_at is None:
                return earlier.id
            scans = repository.scans_to_screen(session, None if earlier is None else earlier.covered_until)
            if earlier is not None and not scans:
                return earlier.id
            newest = max((scan.received_at for scan in scans), default=None)
            run = Rescreening(
                id=self.chance.new_id(),
                key=asked.key,
                begun_at=self.clock.now(),
                begun_by=by,
                since=asked.since,
                library={"name": asked.name, "release": asked.release, "digest": asked.digest},
                changes={"added": {k: list(v) for k, v in asked.added.items()}, "gone": sorted(asked.gone)},
                n_scans=len(scans),
                covered_until=newest,
            )
            session.add(run)
            session.flush()
            for position, ids in enumerate(_chunked([(scan.id, scan.size) for scan in scans])):
                session.add(
                    RescreeningChunk(
                        id=self.chance.new_id(),
                        rescreening_id=run.id,
                        position=position,
                        scan_ids=ids,
                        state=ChunkState.WAITING,
                    )
                )
            return run.id

    def take(self, run_id: str, owner: str, asked: Asked) -> Taken | None:
        """The next chunk that waits; None where all are done, or in the hands of others."""
        now = self.clock.now()
        with self.database.writing(owner, "rescreening.take") as session:
            chunk = repository.take_chunk(session, run_id, owner, now, now + LEASE_FOR)
            if chunk is None:
                return None
            chunk_id, epoch, scan_ids = chunk.id, chunk.epoch, list(chunk.scan_ids)
        with self.database.reading() as session:
            scans = repository.scans_by_id(session, scan_ids)
        old = tuple(each for scan in scans if (each := self._old(scan)) is not None)
        return Taken(chunk_id, run_id, epoch, Chunk(asked.place, asked.digest, asked.added, asked.gone, old))

    def renew(self, taken: Taken) -> bool:
        """A sign of life; false where the chunk was given to another."""
        with self.database.writing("rescreening", "rescreening.renew") as session:
            return repository.renew_chunk(session, taken.chunk_id, taken.epoch, self.clock.now() + LEASE_FOR)

    def finish(self, taken: Taken, answer: ChunkAnswer) -> bool:
        """Chunk, hits and cases together; false where another process has the chunk by now, and nothing is written."""
        faults = "; ".join(answer.faults)[:2000] or None
        with self.database.writing("rescreening", "rescreening.finish") as session:
            repository.lock_run(session, taken.run_id)
            is_mine = repository.finish_chunk(
                session, taken.chunk_id, taken.epoch, answer.n_looked, answer.n_identified, faults
            )
            if is_mine:
                for hit in answer.hits:
                    self._keep(session, taken.run_id, hit)
        return is_mine

    def release(self, taken: Taken, error: str | None) -> bool:
        """Let go of a chunk that was not finished; true where it is given up after too many tries."""
        is_hopeless = error is not None and taken.epoch >= _TRIES
        with self.database.writing("rescreening", "rescreening.release") as session:
            is_mine = repository.release_chunk(session, taken.chunk_id, taken.epoch, error, is_hopeless=is_hopeless)
        return is_hopeless and is_mine

    def let_go_of(self, run_id: str, has_gone: Callable[[str], bool]) -> int:
        """Chunks of owners that have gone wait again at once, without their leases running out; the number of them."""
        with self.database.reading() as session:
            left = [
                (chunk.id, chunk.epoch)
                for chunk in repository.leased_chunks(session, run_id)
                if chunk.owner is not None and has_gone(chunk.owner)
            ]
        if left:
            with self.database.writing("rescreening", "rescreening.release") as session:
                for chunk_id, epoch in left:
                    repository.release_chunk(session, chunk_id, epoch, None, is_hopeless=False)
        return len(left)

    def end_where_over(self, run_id: str) -> Progress:
        """How far the run is; written down as ended where nothing waits and nobody works."""
        with self.database.reading() as session:
            progress = repository.progress_of(session, run_id)
        if not progress.is_over:
            return progress
        with self.database.writing("rescreening", "rescreening.end") as session:
            run = repository.lock_run(session, run_id)
            if run.ended_at is None:
                run.ended_at = self.clock.now()
        return progress

    # -- what people see ---------------------------------------------------------------------------------------------

    def runs(self, limit: int = 50) -> list[dict[str, Any]]:
        """The last runs, newest first."""
        with self.database.reading() as session:
            found = repository.page_of_runs(session, limit)
            return [_run_as_json(run, repository.progress_of(session, run.id)) for run in found]

    def hits_of_case(self, case_id: str, principal: Principal) -> list[dict[str, Any]]:
        """Why a retrospective case was opened; nothing for a reader who has not looked for himself yet."""
        with self.database.reading() as session:
            case = self.cases.get(session, case_id, principal)
            if case.lane != Lane.RETROSPECTIVE:
                raise NotFound("this is no retrospective case")
            if not self.cases.view(session, case, principal).suspicions:
                return []
            return [_hit_as_json(hit) for hit in repository.hits_of_case(session, case_id)]

    # -- parts -------------------------------------------------------------------------------------------------------

    def _old(self, scan: Scan) -> OldScan | None:
        """The scan with its bytes; None where they are missing or changed, which `audit verify` says."""
        try:
            content = self.files.read(scan.sha256)
            stated = stated_of(scan.form)
        except (OSError, ValueError):
            return None
        answers = tuple({name: each[name] for name in _ASKED_OF_ANSWERS} for each in scan.identifications or ())
        return OldScan(scan.id, scan.file_name, content, stated, answers)

    def _keep(self, session: Session, run_id: str, hit: Hit) -> None:
        scan = next(iter(repository.scans_by_id(session, [hit.scan_id])), None)
        if scan is None:
            return
        because = "; ".join(hit.reasons)
        case = repository.open_retrospective_case(session, scan)
        if case is None:
            case = self.cases.open_case(
                session,
                unit=scan.unit,
                exhibit=None,  # a further scan of the exhibit belongs to its living case
                lane=Lane.RETROSPECTIVE,
                because=f"looked at again: {because}",
                scan_ids=[scan.id],
            )
        else:
            self.cases.join(session, case, [scan.id])
        session.flush()
        session.add(
            RetrospectiveHit(
                id=self.chance.new_id(),
                rescreening_id=run_id,
                scan_id=scan.id,
                case_id=case.id,
                reasons=list(hit.reasons),
                identification=dict(hit.identification),
                found_at=self.clock.now(),
            )
        )
        session.flush()


def _chunked(scans: Sequence[tuple[str, int]]) -> list[list[str]]:
    """Ids in parts of bounded number and bytes, in order."""
    parts: list[list[str]] = []
    room = 0
    for scan_id, size in scans:
        if not parts or len(parts[-1]) == _CHUNK_SCANS or size > room:
            parts.append([])
            room = _CHUNK_BYTES
        parts[-1].append(scan_id)
        room -= size
    return parts


def _run_as_json(run: Rescreening, progress: Progress) -> dict[str, Any]:
    added = run.changes["added"]
    return {
        "rescreening_id": run.id,
        "begun_at": as_utc_text(run.begun_at),
        "ended_at": None if run.ended_at is None else as_utc_text(run.ended_at),
        "since": run.since,
        "library": run.library,
        "new_references": sum(len(ids) for ids in added.values()),
        "scans": run.n_scans,
        "chunks": {
            "waiting": progress.waiting,
            "leased": progress.leased,
            "done": progress.done,
            "failed": progress.failed,
        },
        "spectra_looked_at": progress.n_looked,
        "spectra_identified": progress.n_identified,
        "hits": progress.n_hits,
    }


def _hit_as_json(hit: RetrospectiveHit) -> dict[str, Any]:
    return {
        "scan_id": hit.scan_id,
        "reasons": list(hit.reasons),
        "identification": hit.identification,
        "found_at": as_utc_text(hit.found_at),
    }
