"""Server-sent events: what changed, told to open pages; polling the table is the truth, the stream only wakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool

from reachback.clock import Clock, as_utc_text
from reachback.db.session import Database
from reachback.notify.models import DomainEvent
from reachback.strict_json import dump_strictly

__all__ = ["EventFeed", "stream_events"]

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# A listener comes back by itself with the last number it heard; by then a dead token is a dead token.
STREAM_SECONDS = 600.0
_AT_ONCE = 500
# Numbers are given out before the commit: one that is lower may become visible later, but not after this long.
_LATE = timedelta(seconds=30)


class EventFeed:
    """What one listener has not heard yet."""

    def __init__(self, database: Database, clock: Clock, unit: str | None, floor: int) -> None:
        self.database, self.clock, self.unit, self.floor = database, clock, unit, floor
        self.heard: set[int] = set()

    def news(self) -> list[DomainEvent]:
        """Events since the last call; of one unit, where the listener may hear of that one only."""
        query = select(DomainEvent).where(DomainEvent.id > self.floor).order_by(DomainEvent.id).limit(_AT_ONCE)
        if self.unit is not None:
            query = query.where(DomainEvent.unit == self.unit)
        if self.heard:
            query = query.where(DomainEvent.id.not_in(self.heard))
        with self.database.reading() as session:
            fresh = list(session.scalars(query))
            settled = session.scalar(
                select(func.max(DomainEvent.id)).where(
                    DomainEvent.id > self.floor, DomainEvent.at < self.clock.now() - _LATE
                )
            )
        self.heard |= {event.id for event in fresh}
        if settled is not None and len(fresh) < _AT_ONCE:
            self.floor = max(self.floor, settled)
            self.heard = {number for number in self.heard if number > self.floor}
        return fresh


def latest_number(database: Database) -> int:
    """Number of the newest event, 0 where there is none."""
    with database.reading() as session:
        return session.scalar(select(func.max(DomainEvent.id))) or 0


async def stream_events(
    database: Database, clock: Clock, unit: str | None, last_heard: int | None
) -> AsyncIterator[str]:
    """The stream of one listener, from the event behind ``last_heard`` on; from now on where that is None."""
    floor = await run_in_threadpool(latest_number, database) if last_heard is None else last_heard
    feed = EventFeed(database, clock, unit, floor)
    loop = asyncio.get_running_loop()
    ends = loop.time() + STREAM_SECONDS
    spoke = loop.time()
    yield f"retry: {round(POLL_SECONDS * 1000)}\n\n"
    while loop.time() < ends:
        fresh = await run_in_threadpool(feed.news)
        for event in fresh:
            yield _as_message(event)
        if fresh:
            spoke = loop.time()
        elif loop.time() - spoke >= HEARTBEAT_SECONDS:
            spoke = loop.time()
            yield ": still here\n\n"
        await asyncio.sleep(POLL_SECONDS)


def _as_message(event: DomainEvent) -> str:
    data = {"kind": event.kind, "id": event.subject_id, "at": as_utc_text(event.at)}
    return f"id: {event.id}\ndata: {dump_strictly(data, indent=None)}\n\n"
