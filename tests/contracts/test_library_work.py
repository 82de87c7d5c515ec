"""A release and an import asked for over HTTP: done in a process of its own, or refused with reasons."""

from __future__ import annotations

import csv
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from library.ledger import State
from library.proposals import propose_folder
from library.store import LibraryStore, review
from reachback.accounts.models import Role
from reachback.audit.verification import verify
from reachback.db.session import Database
from reachback.intake.process_sign import ProcessSign
from reachback.library_work.models import WorkState
from reachback.library_work.service import HOLD_FOR
from reachback.library_work.steps import release_step
from reachback.library_work.worker import LibraryWorker
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import Desk, Reader, make_desk
from tests.library.made_library import curve, jcamp
from tests.library.made_store import ANN, AT, BOB, made_folder

AXIS = np.arange(500.0, 3500.1, 4.0)


@pytest.fixture
def desk(
    database: Database,
    clock: StillClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Desk:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))
    LibraryStore.create(tmp_path / "library", "made", "setter up", AT)
    return make_desk(database, clock, tmp_path)


@pytest.fixture
def ann(desk: Desk) -> Reader:
    return desk.reader(Role.LIBRARIAN, ANN)


@pytest.fixture
def worker(desk: Desk, tmp_path: Path) -> Iterator[LibraryWorker]:
    sign = ProcessSign(tmp_path / "processes", "a worker")
    yield LibraryWorker(desk.app.state.services.library_work, sign)
    sign.lower()


def store(tmp_path: Path) -> LibraryStore:
    return LibraryStore.at(tmp_path / "library")


def reviewed(tmp_path: Path, n: int = 3) -> None:
    """A few references that were proposed by one and reviewed by another."""
    folder = made_folder(tmp_path / "made")
    manifest = folder / "manifest.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    manifest.write_text("\n".join(lines[: n + 1]) + "\n", encoding="utf-8")
    report = propose_folder(store(tmp_path), folder, ANN, AT)
    assert len(report.proposed) == n
    review(store(tmp_path), report.proposed, BOB, AT)


def archive(*files: tuple[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in files:
            zipped.writestr(name, text)
    return content.getvalue()


def measured(title: str, seed: int, cas: str = "") -> str:
    return jcamp(AXIS, curve(seed, AXIS)).replace(
        "##TITLE=made for a test", f"##TITLE={title}" + (f"\n##CAS REGISTRY NO={cas}" if cas else "")
    )


def send(reader: Reader, content: bytes, name: str = "published.zip", **said: str) -> Any:
    return reader.client.post(
        "/api/v1/library/imports",
        files={"file": (name, content)},
        data={"source": "jcamp", "controlled": "no", "licence": "CC0-1.0", "mode": "ATR", **said},
        headers=reader.headers,
    )


def test_a_release_is_made_in_the_background_and_told(
    desk: Desk, ann: Reader, worker: LibraryWorker, tmp_path: Path
) -> None:
    reviewed(tmp_path)
    before = ann.get("/library/next-release").json()
    assert (before["name"], before["refusal"], len(before["difference"]["added"])) == ("made-1", None, 3)
    asked = ann.post("/library/releases")
    assert asked.status_code == 202, asked.text
    work_id = asked.json()["work_id"]
    assert asked.headers["Location"] == f"/api/v1/library/work/{work_id}"
    assert (asked.json()["state"], asked.json()["asked_by"]) == ("waiting", ANN)
    assert store(tmp_path).ledger().releases == []  # nothing happens in the request
    second = desk.reader(Role.LIBRARIAN, BOB).post("/library/releases")
    assert (second.status_code, "being made already" in second.json()["detail"]) == (409, True)
    assert worker.run_once() == 1
    shown = ann.get(f"/library/work/{work_id}").json()
    assert (shown["state"], shown["result"]["release"], shown["reason"]) == ("done", "made-1", None)
    release = desk.chemist("one").get("/library/releases/made-1").json()
    assert release["digest"] == shown["result"]["digest"] == ann.get("/library/releases").json()["items"][0]["digest"]
    assert (release["signature_valid"], release["by"], release["counts"]) == (True, ANN, {"ftir": 3})
    assert release["difference"]["sentences"][0].startswith("From nothing to made-1: 3 references added")
    again = ann.post("/library/releases")
    assert (again.status_code, "nothing has changed" in again.json()["detail"]) == (409, True)
    services = desk.app.state.services
    checked = verify(services.database, services.files, None)
    assert "library_works" in checked.audited
    assert [each for each in checked.broken if each.table == "library_works"] == []


def test_a_release_with_a_conflict_is_refused_with_the_reasons(
    desk: Desk, ann: Reader, worker: LibraryWorker, tmp_path: Path
) -> None:
    folder = made_folder(tmp_path / "made")
    first = (folder / "alpha.jdx").read_text(encoding="utf-8")
    (folder / "beta.jdx").write_text(first + "$$ the same curve under another name\n", encoding="utf-8")
    lines = (folder / "manifest.csv").read_text(encoding="utf-8").splitlines()
    (folder / "manifest.csv").write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    report = propose_folder(store(tmp_path), folder, ANN, AT)
    review(store(tmp_path), report.proposed, BOB, AT)
    work_id = ann.post("/library/releases").json()["work_id"]
    assert worker.run_once() == 1
    shown = ann.get(f"/library/work/{work_id}").json()
    assert (shown["state"], store(tmp_path).ledger().releases) == ("refused", [])
    assert "nobody settled" in shown["reason"]
    keys = [each["key"] for each in shown["result"]["conflicts"]]
    assert keys
    assert all("R000001" in key for key in keys)
    book = desk.app.state.services.release_book
    assert [each["key"] for each in book.still_open(shown["result"]["conflicts"])] == keys
    settled = ann.post("/library/conflicts/settle", {"keys": keys, "because": "one lot, bought twice"})
    assert settled.status_code == 200, settled.text
    assert book.still_open(shown["result"]["conflicts"]) == []
    assert ann.post("/library/releases").status_code == 202
    assert worker.run_once() == 1
    assert len(store(tmp_path).ledger().releases) == 1


def test_an_import_proposes_what_is_usable_and_says_why_not_the_rest(
    desk: Desk, ann: Reader, worker: LibraryWorker, tmp_path: Path
) -> None:
    content = archive(
        ("good.jdx", measured("caffeine", 5, "58-08-2")),
        ("nameless.jdx", measured("", 6)),
        ("../outside.jdx", measured("outside", 7)),
        ("=cmd.txt", "no spectrum"),
        ("bomb.jdx", "0" * 8 * 2**20),
        ("doubtful.jdx", measured("no identity", 8)),
    )
    asked = send(ann, content, controlled="")
    assert asked.status_code == 202, asked.text
    assert asked.json()["request"]["file"] == "published.zip"
    same = send(ann, content, controlled="")
    assert (same.status_code, same.json()["work_id"]) == (200, asked.json()["work_id"])
    assert worker.run_once() == 1
    shown = ann.get(f"/library/work/{asked.json()['work_id']}").json()
    assert shown["state"] == "done", shown
    result = shown["result"]
    assert (result["n_proposed"], result["first"]) == (1, "R000001")
    reasons = dict(result["left_out"])
    assert "leads outside" in reasons["../outside.jdx"]
    assert "archive bomb" in reasons["bomb.jdx"]
    assert not list(tmp_path.rglob("outside.jdx"))
    table = desk.chemist("one").get(f"/library/work/{shown['work_id']}/left-out.csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {"../outside.jdx", "bomb.jdx", "nameless.jdx", "'=cmd.txt"} <= {row["file or reference"] for row in rows}
    assert str(tmp_path) not in str(shown)
    (standing,) = store(tmp_path).ledger().standings.values()
    assert (standing.state, standing.proposer) == (State.PROPOSED, ANN)  # who may not review it


def test_a_decision_lets_what_waited_for_it_be_proposed(
    desk: Desk, ann: Reader, worker: LibraryWorker, tmp_path: Path
) -> None:
    content = archive(("a.jdx", measured("madeine", 5, "50-36-2")), ("b.jdx", measured("no identity", 8)))
    work_id = send(ann, content, controlled="").json()["work_id"]
    where = f"/library/imports/{work_id}/decisions"
    assert ann.post(where, {"decisions": {"x": {"because": "y"}}}).status_code == 409  # it has not ended
    assert worker.run_once() == 1
    conflicts = {(each["kind"], each["subject"]): each["id"] for each in _conflicts(ann, work_id)}
    status = conflicts["status_not_stated", "madeine"]
    said = {"because": "no schedule names it", "controlled": False}
    for key, body, code in (
        ("x", said, 404),
        (status, {"because": "no yes and no no"}, 422),
        (conflicts["no_identity", "no identity"], said, 422),
    ):
        assert ann.post(where, {"decisions": {key: body}}).status_code == code
    other = desk.reader(Role.LIBRARIAN, BOB)
    decided = other.post(where, {"decisions": {status: said}})
    assert decided.status_code == 202, decided.text
    assert worker.run_once() == 1
    after = ann.get(f"/library/work/{decided.json()['work_id']}").json()
    assert (after["state"], after["result"]["n_proposed"], after["result"]["n_refused"]) == ("done", 1, 1)
    assert [each["decision"] for each in _conflicts(ann, after["work_id"]) if each["id"] == status] == [said["because"]]
    (standing,) = store(tmp_path).ledger().standings.values()
    assert (standing.reference.row.controlled, standing.proposer) == (False, BOB)


def _conflicts(reader: Reader, work_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(f"/library/work/{work_id}").json()["result"]["conflicts"]
    return found


def test_what_is_no_import_is_refused_in_a_sentence(ann: Reader, worker: LibraryWorker, tmp_path: Path) -> None:
    for said, word in (({"source": "nowhere"}, "choose one of"), ({"laser_nm": "red"}, "laser_nm")):
        refused = send(ann, b"x", **said)
        assert (refused.status_code, word in refused.json()["detail"]) == (422, True)
    assert send(ann, b"").status_code == 422
    work_id = send(ann, b"neither an archive nor a spectrum", "notes.txt").json()["work_id"]
    assert worker.run_once() == 1
    shown = ann.get(f"/library/work/{work_id}").json()
    assert (shown["state"], shown["result"]["n_proposed"], shown["result"]["n_left_out"]) == ("refused", 0, 1)
    assert str(tmp_path) not in str(shown)
    # What was refused may be sent again.
    assert send(ann, b"neither an archive nor a spectrum", "notes.txt").status_code == 202


def test_only_librarians_act_and_staff_reads(desk: Desk, ann: Reader, tmp_path: Path) -> None:
    reviewed(tmp_path, 1)
    work_id = ann.post("/library/releases").json()["work_id"]
    for reader in (desk.chemist("one"), desk.officer(), desk.reader(Role.ADMIN, "root")):
        assert reader.post("/library/releases").status_code == 403
        assert (
            reader.post(f"/library/imports/{work_id}/decisions", {"decisions": {"a": {"because": "b"}}}).status_code
            == 403
        )
        assert send(reader, b"x").status_code == 403
    for path in ("/library/work", f"/library/work/{work_id}", "/library/next-release"):
        assert desk.officer().get(path).status_code == 403
        assert desk.chemist("one").get(path).status_code == 200
    for path in ("/library/work/none", "/library/releases/made-1", "/library/releases/other-1/diff"):
        assert ann.get(path).status_code == 404


def test_what_a_worker_leaves_is_taken_up_and_given_up_in_the_end(
    desk: Desk, ann: Reader, clock: StillClock, tmp_path: Path
) -> None:
    reviewed(tmp_path, 1)
    service = desk.app.state.services.library_work
    work_id = ann.post("/library/releases").json()["work_id"]
    first = service.take("first", lambda owner: False)
    assert first is not None
    assert service.take("second", lambda owner: False) is None  # it is alive
    second = service.take("second", lambda owner: owner == "first")
    assert second is not None
    assert second.job.earlier == (first.job.at,)
    assert not service.renew(first, None)  # its lease is another's
    clock.pass_time(seconds=HOLD_FOR.total_seconds() + 1)
    assert service.take("third", lambda owner: False) is not None
    clock.pass_time(seconds=HOLD_FOR.total_seconds() + 1)
    assert service.take("fourth", lambda owner: False) is None
    shown = ann.get(f"/library/work/{work_id}").json()
    assert (shown["state"], "3 times" in shown["reason"]) == (WorkState.FAILED, True)
    assert ann.post("/library/releases").status_code == 202  # nothing stands in the way of another


def test_what_an_earlier_try_has_written_counts_as_done(
    desk: Desk, ann: Reader, worker: LibraryWorker, clock: StillClock, tmp_path: Path
) -> None:
    reviewed(tmp_path, 1)
    work_id = ann.post("/library/releases").json()["work_id"]
    taken = desk.app.state.services.library_work.take("killed", lambda owner: False)
    assert taken is not None
    assert release_step(taken.job, lambda told: None).state == WorkState.DONE  # and killed before it could say so
    clock.pass_time(seconds=HOLD_FOR.total_seconds() + 1)
    assert worker.run_once() == 1
    shown = ann.get(f"/library/work/{work_id}").json()
    assert (shown["state"], shown["result"]["release"]) == ("done", "made-1")
    assert len(store(tmp_path).ledger().releases) == 1


def test_a_worker_that_is_told_to_stop_lets_its_piece_wait(
    desk: Desk, ann: Reader, worker: LibraryWorker, tmp_path: Path
) -> None:
    reviewed(tmp_path, 1)
    work_id = ann.post("/library/releases").json()["work_id"]
    at_work = threading.Thread(target=worker.run_once)
    at_work.start()
    while ann.get(f"/library/work/{work_id}").json()["state"] != "running":
        time.sleep(0.01)
    worker.stop()
    at_work.join(timeout=10)
    assert not at_work.is_alive()
    # It lost nobody's process, and waits for no lease to run out.
    again = desk.app.state.services.library_work.take("next", lambda owner: False)
    assert again is not None
    assert len(again.job.earlier) == 1
    assert store(tmp_path).ledger().releases == []


def test_without_a_store_it_is_said_how_one_is_made(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    ann = make_desk(database, clock, tmp_path).reader(Role.LIBRARIAN, ANN)
    for answer in (ann.post("/library/releases"), send(ann, b"x")):
        assert (answer.status_code, "reachback library init" in answer.json()["detail"]) == (409, True)
