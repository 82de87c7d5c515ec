"""Every query on runs through the archive, their chunks and their hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from reachback.cases.models import Case
from reachback.cases.states import OPEN
from reachback.intake.models import Scan, ScanState
from reachback.rescreening.models import ChunkState, Rescreening, RescreeningChunk, RetrospectiveHit
from spectra.verdict import Outcome

__all__ = [
    "Progress",
    "finish_chunk",
    "hits_of",
    "hits_of_case",
    "leased_chunks",
    "lock_run",
    "newest_run",
    "open_retrospective_case",
    "page_of_runs",
    "progress_of",
    "release_chunk",
    "renew_chunk",
    "scans_by_id",
    "scans_to_screen",
    "take_chunk",
]

# Those that ended without a match are looked through first; what could not be judged stays so under any library.
_FIRST = (Outcome.NO_MATCH, Outcome.CLASS, Outcome.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come; of its scans, how many were looked at and how many identified in full."""

    waiting: int
    leased: int
    done: int
    failed: int
    n_looked: int
    n_identified: int
    n_hits: int

    @property
    def is_over(self) -> bool:
        """Nothing waits, and nobody works."""
        return self.waiting == self.leased == 0


def lock_run(session: Session, run_id: str) -> Rescreening:
    """The run; in a writing session, whoever else finishes a chunk of it waits until the end."""
    return session.scalars(select(Rescreening).where(Rescreening.id == run_id).with_for_update()).one()


def newest_run(session: Session, key: str) -> Rescreening | None:
    """The run of this key that was begun last."""
    query = select(Rescreening).where(Rescreening.key == key).order_by(Rescreening.begun_at.desc(), Rescreening.id)
    return session.scalars(query.limit(1)).first()


def page_of_runs(session: Session, limit: int) -> list[Rescreening]:
    """The runs begun last, newest first."""
    query = select(Rescreening).order_by(Rescreening.begun_at.desc(), Rescreening.id).limit(limit)
    return list(session.scalars(query))


def scans_to_screen(session: Session, after: datetime | None) -> Sequence[Row[str, int, datetime]]:
    """Id, size and time of every identified scan, those without a match first, the newest first among equals."""
    rank = case({outcome: place for place, outcome in enumerate(_FIRST)}, value=Scan.outcome, else_=len(_FIRST))
    query = (
        select(Scan.id, Scan.size, Scan.received_at)
        .where(Scan.state.in_([ScanState.IDENTIFIED, ScanState.UNREADABLE]))
        .where(or_(Scan.outcome.is_(None), Scan.outcome != Outcome.UNUSABLE))
        .order_by(rank, Scan.received_at.desc(), Scan.id)
    )
    if after is not None:
        query = query.where(Scan.received_at > after)
    return session.execute(query).all()


def scans_by_id(session: Session, scan_ids: Sequence[str]) -> list[Scan]:
    """These scans, in this order."""
    found = {scan.id: scan for scan in session.scalars(select(Scan).where(Scan.id.in_(scan_ids)))}
    return [found[scan_id] for scan_id in scan_ids if scan_id in found]


# -- the four statements of a lease: take, renew, finish, and let go ---------------------------------------------------


def take_chunk(session: Session, run_id: str, owner: str, now: datetime, until: datetime) -> RescreeningChunk | None:
    """Lease the next chunk that waits, or whose holder has gone; no two processes are ever given the same one."""
    left = and_(RescreeningChunk.state == ChunkState.LEASED, RescreeningChunk.expires_at <= now)
    waiting = (
        select(RescreeningChunk.id)
        .where(RescreeningChunk.rescreening_id == run_id)
        .where(or_(RescreeningChunk.state == ChunkState.WAITING, left))
        .order_by(RescreeningChunk.position)
        .limit(1)
    )
    chosen: ColumnElement[bool]
    if session.get_bind().dialect.name == "postgresql":
        chunk_id = session.scalar(waiting.with_for_update(skip_locked=True))
        if chunk_id is None:
            return None
        chosen = RescreeningChunk.id == chunk_id
    else:
        chosen = RescreeningChunk.id == waiting.scalar_subquery()
    statement = (
        update(RescreeningChunk)
        .where(chosen)
        .values(state=ChunkState.LEASED, owner=owner, expires_at=until, epoch=RescreeningChunk.epoch + 1)
        .returning(RescreeningChunk)
    )
    return session.scalar(statement.execution_options(synchronize_session=False))


def leased_chunks(session: Session, run_id: str) -> list[RescreeningChunk]:
    """The chunks of a run that somebody holds, or held when he was killed."""
    query = select(RescreeningChunk).where(RescreeningChunk.rescreening_id == run_id)
    return list(session.scalars(query.where(RescreeningChunk.state == ChunkState.LEASED)))


def renew_chunk(session: Session, chunk_id: str, epoch: int, until: datetime) -> bool:
    """A sign of life; false where the chunk was given to another meanwhile."""
    return _change(session, chunk_id, epoch, {"expires_at": until})


def finish_chunk(
    session: Session, chunk_id: str, epoch: int, n_looked: int, n_identified: int, error: str | None
) -> bool:
    """The chunk is done; false where it was given to another meanwhile, and then nothing of it may be written."""
    values = {"state": ChunkState.DONE, "owner": None, "expires_at": None, "error": error}
    return _change(session, chunk_id, epoch, {**values, "n_looked": n_looked, "n_identified": n_identified})


def release_chunk(session: Session, chunk_id: str, epoch: int, error: str | None, *, is_hopeless: bool) -> bool:
    """Let go of a chunk: it waits again, or has failed for good."""
    state = ChunkState.FAILED if is_hopeless else ChunkState.WAITING
    return _change(session, chunk_id, epoch, {"state": state, "owner": None, "expires_at": None, "error": error})


def _change(session: Session, chunk_id: str, epoch: int, values: dict[str, Any]) -> bool:
    statement = (
        update(RescreeningChunk)
        .where(RescreeningChunk.id == chunk_id, RescreeningChunk.epoch == epoch)
        .where(RescreeningChunk.state == ChunkState.LEASED)
        .values(values)
        .returning(RescreeningChunk.id)
    )
    return session.scalar(statement.execution_options(synchronize_session=False)) is not None


# -- what came of it ---------------------------------------------------------------------------------------------------


def progress_of(session: Session, run_id: str) -> Progress:
    """How far a run has come."""
    chunks = select(
        RescreeningChunk.state,
        func.count(),
        func.coalesce(func.sum(RescreeningChunk.n_looked), 0),
        func.coalesce(func.sum(RescreeningChunk.n_identified), 0),
    ).where(RescreeningChunk.rescreening_id == run_id)
    rows = session.execute(chunks.group_by(RescreeningChunk.state)).all()
    count = {row[0]: row[1] for row in rows}
    hits = select(func.count()).where(RetrospectiveHit.rescreening_id == run_id)
    return Progress(
        waiting=count.get(ChunkState.WAITING, 0),
        leased=count.get(ChunkState.LEASED, 0),
        done=count.get(ChunkState.DONE, 0),
        failed=count.get(ChunkState.FAILED, 0),
        n_looked=sum(row[2] or 0 for row in rows),
        n_identified=sum(row[3] or 0 for row in rows),
        n_hits=session.scalar(hits) or 0,
    )


def hits_of(session: Session, run_id: str) -> list[RetrospectiveHit]:
    """What a run found, in the order it was found."""
    query = select(RetrospectiveHit).where(RetrospectiveHit.rescreening_id == run_id)
    return list(session.scalars(query.order_by(RetrospectiveHit.found_at, RetrospectiveHit.id)))


def hits_of_case(session: Session, case_id: str) -> list[RetrospectiveHit]:
    """The hits that a retrospective case stands on."""
    query = select(RetrospectiveHit).where(RetrospectiveHit.case_id == case_id)
    return list(session.scalars(query.order_by(RetrospectiveHit.found_at, RetrospectiveHit.id)))


def open_retrospective_case(session: Session, scan: Scan) -> Case | None:
    """The retrospective case that still waits for an answer on this scan, or on another scan of its old case."""
    same = Scan.id == scan.id if scan.case_id is None else Scan.case_id == scan.case_id
    query = (
        select(Case)
        .join(RetrospectiveHit, RetrospectiveHit.case_id == Case.id)
        .join(Scan, Scan.id == RetrospectiveHit.scan_id)
        .where(same, Case.state.in_(sorted(OPEN)))
        .order_by(Case.opened_at, Case.id)
        .limit(1)
    )
    return session.scalars(query.with_for_update(of=Case).execution_options(populate_existing=True)).first()
