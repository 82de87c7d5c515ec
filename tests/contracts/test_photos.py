"""Photos that come with a scan: kept with it or not at all, once per key, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.audit.desk_check import verify_desk
from reachback.db.session import Database
from reachback.intake.models import Attachment
from reachback.intake.photos import MOST_PHOTOS
from tests.contracts.databases import StillClock
from tests.contracts.desk import Desk, Json, file_with, identification, make_desk

SCAN = file_with(identification("no_match"))
PHOTOS = [
    ("photo_powder", ("p1.jpg", b"\xff\xd8 one", "image/jpeg")),
    ("photo_powder", ("p2.jpg", b"\xff\xd8 two", "image/jpeg")),
    ("photo_imprint", ("t.png", b"\x89PNG three", "image/png")),
    ("photo_packaging", ("bag.jpg", b"\xff\xd8 four", "image/jpeg")),
]


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    with make_desk(database, clock, tmp_path, max_upload_bytes=100_000) as made:
        yield made


@pytest.fixture
def officer(desk: Desk) -> Json:
    return desk.person(Role.OFFICER, "anna", "harbour")


def send(desk: Desk, headers: Json, key: str, photos: list[Any], content: bytes = SCAN) -> Any:
    files = [("file", ("a.jdx", content)), *photos]
    return desk.client.post("/api/v1/scans", files=files, headers={**headers, "Idempotency-Key": key})


def attachments(desk: Desk) -> list[Attachment]:
    with desk.database.reading() as session:
        return session.query(Attachment).order_by(Attachment.file_name).all()


def kept_files(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()}


def test_photos_come_with_the_scan_and_stay_with_it(desk: Desk, officer: Json, tmp_path: Path) -> None:
    sent = send(desk, officer, "key", PHOTOS)
    assert sent.status_code == 201
    url = f"/api/v1/scans/{sent.json()['scan_id']}"
    kept = desk.client.get(url, headers=officer).json()["attachments"]
    named = [(each["kind"], each["file_name"], each["media_type"]) for each in kept]
    assert sorted(named) == [
        ("packaging", "bag.jpg", "image/jpeg"),
        ("powder", "p1.jpg", "image/jpeg"),
        ("powder", "p2.jpg", "image/jpeg"),
        ("tablet", "t.png", "image/png"),
    ]
    (imprint,) = [each for each in kept if each["kind"] == "tablet"]
    bytes_of = desk.client.get(f"{url}/attachments/{imprint['attachment_id']}", headers=officer)
    assert bytes_of.content == b"\x89PNG three"
    checked = verify_desk(desk.database, tmp_path)
    assert checked.broken == []
    (tmp_path / "files" / imprint["sha256"][:2] / imprint["sha256"]).write_bytes(b"another")
    broken = verify_desk(desk.database, tmp_path).broken
    assert [(each.table, each.id) for each in broken] == [("scans", sent.json()["scan_id"])]


def test_the_same_upload_again_keeps_nothing_twice(desk: Desk, officer: Json) -> None:
    first, again = (send(desk, officer, "key", PHOTOS) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert send(desk, officer, "key", []).json() == first.json()
    assert len(attachments(desk)) == 4


def test_equal_uploads_at_once_keep_each_photo_once(desk: Desk, officer: Json) -> None:
    desk.identifier.pause = 0.2
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(send(desk, officer, "key", PHOTOS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len(attachments(desk)) == 4


def test_a_key_that_came_without_this_photo_is_refused(desk: Desk, officer: Json, tmp_path: Path) -> None:
    scan_id = send(desk, officer, "key", PHOTOS[:1]).json()["scan_id"]
    before = kept_files(tmp_path)
    refused = send(desk, officer, "key", PHOTOS[:2])
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["detail"]
    assert refused.json()["scan_id"] == scan_id
    assert kept_files(tmp_path) == before


def test_a_photo_that_comes_twice_counts_once(desk: Desk, officer: Json) -> None:
    assert send(desk, officer, "key", [PHOTOS[0], PHOTOS[0]]).status_code == 201
    assert [each.file_name for each in attachments(desk)] == ["p1.jpg"]


def test_a_field_that_a_form_left_empty_is_no_photo(desk: Desk, officer: Json) -> None:
    head = '--x\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n'
    body = b"".join(
        [
            head.format("file", "a.jdx").encode() + SCAN + b"\r\n",
            head.format("photo_powder", "").encode() + b"\r\n",  # as a browser sends it
            b"--x--\r\n",
        ]
    )
    headers = {**officer, "Idempotency-Key": "key", "Content-Type": "multipart/form-data; boundary=x"}
    answer = desk.client.post("/api/v1/scans", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert attachments(desk) == []


def test_photos_of_an_unreadable_file_are_kept_with_it(desk: Desk, officer: Json) -> None:
    refused = send(desk, officer, "key", PHOTOS, content=b"no spectrum")
    assert refused.status_code == 422
    kept = desk.client.get(f"/api/v1/scans/{refused.json()['scan_id']}", headers=officer).json()["attachments"]
    assert len(kept) == 4


def test_photos_count_towards_the_same_limit(desk: Desk, officer: Json, tmp_path: Path) -> None:
    large = [("photo_powder", (f"{number}.jpg", bytes([number]) * 30_000)) for number in range(4)]
    assert send(desk, officer, "key", large).status_code == 413
    assert kept_files(tmp_path) == set()


def test_too_many_photos_are_refused_before_anything_is_kept(desk: Desk, officer: Json, tmp_path: Path) -> None:
    many = [("photo_powder", (f"{number}.jpg", bytes([number]))) for number in range(MOST_PHOTOS + 1)]
    refused = send(desk, officer, "key", many)
    assert refused.status_code == 422
    assert str(MOST_PHOTOS) in refused.json()["detail"]
    assert kept_files(tmp_path) == set()
    assert attachments(desk) == []
