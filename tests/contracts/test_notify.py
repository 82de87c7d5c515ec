"""What is told is a row first; the worker sends it, tries again, and gives up with its reason."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from reachback.clock import SystemChance
from reachback.db.session import Database
from reachback.notify.models import GIVEN_UP, SENDING, SENT, UNREAD, WAITING, Delivery, DomainEvent
from reachback.notify.repository import finish_delivery
from reachback.notify.service import NotifyService
from reachback.notify.worker import FIRST_WAIT, MAX_ATTEMPTS, DeliveryWorker, wait_before
from reachback.settings import Settings
from tests.contracts.databases import StillClock
from tests.contracts.receiver import Receiver, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 – it guards nothing
MESSAGE = {"title": "A case waits for a chemist", "path": "/cases/c1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def clock() -> StillClock:
    return StillClock(datetime.now(UTC))  # a receiver refuses calls that are minutes old


def settings(tmp_path: Path, **changes: str | None) -> Settings:
    return Settings(data_dir=tmp_path, webhook_secret=SECRET, **changes)  # type: ignore[arg-type]


def tell(database: Database, clock: StillClock, used: Settings, accounts: tuple[str, ...] = ()) -> None:
    with database.writing("test", "told") as session:
        NotifyService(clock, SystemChance(), used).tell(session, "case.opened", "c1", "harbour", MESSAGE, accounts)


def deliveries(database: Database) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.channel)))


def test_a_system_is_called_signed_and_without_any_finding(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    used = settings(tmp_path, webhook_url=f"{receiver.url}/hook", public_url="https://desk.example/")
    tell(database, clock, used)
    assert DeliveryWorker(database, clock, used).run_once() == 1
    (call,) = receiver.calls
    body = Webhook(SECRET).verify(call.body, call.headers)
    assert call.path == "/hook"
    assert body["type"] == "case.opened"
    assert body["data"] == {
        "subject_id": "c1",
        "title": MESSAGE["title"],
        "link": "https://desk.example/cases/c1",
        "accounts": [],
    }
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(call.body.replace(b"c1", b"c2"), call.headers)
    assert [row.state for row in deliveries(database)] == [SENT]
    assert DeliveryWorker(database, clock, used).run_once() == 0


def test_a_failed_call_is_tried_again_later_under_the_same_id(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [503, 302, 200]
    used = settings(tmp_path, webhook_url=receiver.url)
    worker = DeliveryWorker(database, clock, used)
    tell(database, clock, used)
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    (row,) = deliveries(database)
    assert (row.state, row.last_error) == (WAITING, "the system answered 503")
    assert row.not_before - clock.now() == FIRST_WAIT
    for _ in range(2):
        clock.pass_time(seconds=wait_before(2).total_seconds())
        worker.run_once()
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len(receiver.calls) == 3
    assert deliveries(database)[0].state == SENT


def test_in_the_end_it_is_given_up_with_its_reason(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [500]
    used = settings(tmp_path, webhook_url=receiver.url)
    worker = DeliveryWorker(database, clock, used)
    tell(database, clock, used)
    for _ in range(MAX_ATTEMPTS + 3):
        worker.run_once()
        clock.pass_time(hours=2)
    assert len(receiver.calls) == MAX_ATTEMPTS
    (row,) = deliveries(database)
    assert (row.state, row.attempts, row.last_error) == (GIVEN_UP, MAX_ATTEMPTS, "the system answered 500")


def test_a_receiver_that_wants_no_more_is_not_asked_again(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [410]
    used = settings(tmp_path, webhook_url=receiver.url)
    tell(database, clock, used)
    DeliveryWorker(database, clock, used).run_once()
    assert deliveries(database)[0].state == GIVEN_UP


def test_nobody_listening_and_a_bad_secret_are_one_sentence_each(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    used = settings(tmp_path, webhook_url="http://127.0.0.1:1/")
    tell(database, clock, used)
    DeliveryWorker(database, clock, used).run_once()
    assert deliveries(database)[0].last_error == "the system could not be reached (ConnectError)"
    clock.pass_time(hours=1)
    unsigned = Settings(data_dir=tmp_path, webhook_url="http://127.0.0.1:1/", webhook_secret=None)
    DeliveryWorker(database, clock, unsigned).run_once()
    assert "REACHBACK_WEBHOOK_SECRET" in (deliveries(database)[0].last_error or "")


def test_people_hear_through_apprise_and_read_a_link_only(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    used = settings(tmp_path, channels=receiver.url.replace("http://", "json://"), public_url="https://desk.example")
    tell(database, clock, used)
    DeliveryWorker(database, clock, used).run_once()
    (row,) = deliveries(database)
    assert (row.state, row.last_error) == (SENT, None)
    assert "127.0.0.1" not in row.channel + json.dumps(row.message)  # addresses hold passwords
    sent = json.loads(receiver.calls[0].body)
    assert sent["title"] == MESSAGE["title"]
    assert sent["message"] == f"{MESSAGE['title']}\n\nhttps://desk.example/cases/c1"


def test_a_channel_that_refuses_is_tried_again_and_one_that_is_gone_is_not(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [500]
    used = settings(tmp_path, channels=receiver.url.replace("http://", "json://"))
    tell(database, clock, used)
    DeliveryWorker(database, clock, used).run_once()
    (row,) = deliveries(database)
    assert (row.state, row.last_error) == (WAITING, "the channel did not take the message")
    clock.pass_time(hours=1)
    DeliveryWorker(database, clock, settings(tmp_path)).run_once()
    (row,) = deliveries(database)
    assert (row.state, row.last_error) == (GIVEN_UP, "the channel is not configured any more")


def test_a_worker_that_died_is_taken_over_and_its_late_word_does_not_count(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    used = settings(tmp_path, webhook_url=receiver.url)
    tell(database, clock, used)
    died = DeliveryWorker(database, clock, used)._claim()
    assert died is not None
    assert DeliveryWorker(database, clock, used).run_once() == 0
    clock.pass_time(minutes=2)
    taken_over = DeliveryWorker(database, clock, used)._claim()
    assert taken_over is not None
    assert (taken_over.id, taken_over.epoch, taken_over.state) == (died.id, died.epoch + 1, SENDING)
    with database.writing("worker", "late") as session:
        late = finish_delivery(session, died.id, died.epoch, state=SENT, not_before=clock.now(), error=None)
    assert not late
    assert deliveries(database)[0].state == SENDING


def test_many_workers_send_each_delivery_once(
    database: Database, clock: StillClock, receiver: Receiver, tmp_path: Path
) -> None:
    used = settings(tmp_path, webhook_url=receiver.url)
    for _ in range(12):
        tell(database, clock, used)
    workers = [threading.Thread(target=DeliveryWorker(database, clock, used).run_once) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(receiver.calls) == 12
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 12


def test_what_is_rolled_back_was_never_told(database: Database, clock: StillClock, tmp_path: Path) -> None:
    used = settings(tmp_path, webhook_url="http://127.0.0.1:1/")
    with contextlib.suppress(RuntimeError), database.writing("test", "told") as session:
        NotifyService(clock, SystemChance(), used).tell(session, "case.opened", "c1", None, MESSAGE)
        raise RuntimeError
    assert deliveries(database) == []
    with database.reading() as session:
        assert session.scalars(select(DomainEvent)).all() == []


def test_notices_wait_for_their_account_and_no_worker_takes_them(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    used = settings(tmp_path)
    tell(database, clock, used, accounts=("anna", "bert", "anna"))
    assert DeliveryWorker(database, clock, used).run_once() == 0
    assert [(row.channel, row.state) for row in deliveries(database)] == [
        ("account/anna", UNREAD),
        ("account/bert", UNREAD),
    ]


def test_a_message_can_hold_no_finding(database: Database, clock: StillClock, tmp_path: Path) -> None:
    service = NotifyService(clock, SystemChance(), settings(tmp_path))
    for message in ({"path": "/"}, {"title": "x", "substance": "fentanyl"}):
        with pytest.raises(ValueError, match="a title and a path"), database.writing("test", "told") as session:
            service.tell(session, "case.found", "c1", None, message)


def test_waits_grow_to_an_hour() -> None:
    waits = [wait_before(attempts).total_seconds() for attempts in range(1, MAX_ATTEMPTS)]
    assert waits[:3] == [30, 60, 120]
    assert waits == sorted(waits)
    assert max(waits) <= 3600


def test_the_state_of_a_delivery_is_what_the_worker_claims_by(
    database: Database, clock: StillClock, tmp_path: Path
) -> None:
    used = settings(tmp_path, webhook_url="http://127.0.0.1:1/")
    tell(database, clock, used)
    with database.writing("test", "ended") as session:
        session.execute(update(Delivery).values(state=GIVEN_UP))
    assert DeliveryWorker(database, clock, used).run_once() == 0
