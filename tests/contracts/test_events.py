"""What changed is heard once, in order, and by nobody of another unit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.db.session import Database
from reachback.notify import event_stream
from reachback.notify.event_stream import EventFeed, latest_number, stream_events
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, make_desk


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path) as made:
        yield made


def test_each_event_is_heard_once(desk: Desk, clock: StillClock) -> None:
    feed = EventFeed(desk.database, clock, None, latest_number(desk.database))
    ids = []
    for _ in range(3):
        ids.append(desk.open_case().id)
        assert [event.subject_id for event in feed.news()] == ids[-1:]
        assert feed.news() == []
    clock.pass_time(minutes=5)
    assert feed.news() == []
    ids.append(desk.open_case().id)
    assert [event.subject_id for event in feed.news()] == ids[-1:]


def test_a_unit_hears_of_its_own_only(desk: Desk, clock: StillClock) -> None:
    feed = EventFeed(desk.database, clock, "harbour", 0)
    desk.open_case(unit="airport")
    ours = desk.open_case(unit="harbour").id
    assert [event.subject_id for event in feed.news()] == [ours]


def test_the_stream_goes_on_behind_the_last_one_heard(
    desk: Desk, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    first, second = desk.open_case().id, desk.open_case().id

    async def listen() -> list[str]:
        stream = stream_events(desk.database, clock, None, 0)
        heard = await _take(stream, 3)
        number = heard[1].splitlines()[0].removeprefix("id: ")
        resumed = stream_events(desk.database, clock, None, int(number))
        heard += await _take(resumed, 3)
        for each in (stream, resumed):
            await each.aclose()  # type: ignore[attr-defined]
        return heard

    heard = asyncio.run(listen())
    assert [_data(message)["id"] for message in heard if message.startswith("id:")] == [first, second, second]
    assert heard[-1] == ": still here\n\n"


def test_listening_needs_a_token(desk: Desk) -> None:
    assert desk.client.get("/api/v1/events").status_code == 401
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    wrong = desk.client.get("/api/v1/events", headers={**officer, "Last-Event-ID": "x"})
    assert wrong.status_code == 422


def test_the_stream_is_served(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(event_stream, "STREAM_SECONDS", 0.2)
    case_id = desk.open_case(unit="harbour").id
    officer = desk.person(Role.OFFICER, "anna", "harbour")
    answer = desk.client.get("/api/v1/events", headers={**officer, "Last-Event-ID": "0"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    messages = [message for message in answer.text.split("\n\n") if message.startswith("id:")]
    assert [_data(message)["id"] for message in messages] == [case_id]
    assert set(_data(messages[0])) == {"kind", "id", "at"}


async def _take(stream: AsyncIterator[str], n_messages: int) -> list[str]:
    return [await anext(stream) for _ in range(n_messages)]


def _data(message: str) -> dict[str, Any]:
    line = next(line for line in message.splitlines() if line.startswith("data: "))
    data: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return data
