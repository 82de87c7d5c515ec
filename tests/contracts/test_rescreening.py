from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.audit.verification import verify
from reachback.cases.clock_sweeps import CaseClock
from reachback.cases.models import Case, ClockEvent, Lane
from reachback.db.session import Database
from reachback.intake.models import Scan
from reachback.intake.repository import scans_of_case
from reachback.rescreening import service as service_module
from reachback.rescreening.chunk_work import ChunkAnswer, Hit, OtherLibrary, look_through
from reachback.rescreening.models import RescreeningChunk, RetrospectiveHit
from reachback.rescreening.service import LEASE_FOR
from tests.contracts.databases import StillClock
from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, Archive, always, made_library, made_scan


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("libraries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REACHBACK_CACHE_DIR", str(folder / "cache"))
        yield made_library(folder / "earlier", OLD_NAMES), made_library(folder / "present", [*OLD_NAMES, NEW_NAME])


@pytest.fixture
def archive(database: Database, clock: StillClock, tmp_path: Path, libraries: tuple[Path, Path]) -> Archive:
    return Archive(database, clock, tmp_path, *libraries)


def rows(archive: Archive, table: type) -> list[Any]:
    with archive.database.reading() as session:
        return list(session.scalars(select(table)))


def test_a_scan_without_a_match_is_answered_by_a_new_reference_and_keeps_its_old_answer(archive: Archive) -> None:
    unknown = archive.keep(made_scan((NEW_NAME, 1.0)))
    settled = archive.keep(made_scan((OLD_NAMES[0], 1.0)))
    before = {scan.id: (scan.outcome, scan.identifications, scan.case_id) for scan in rows(archive, Scan)}
    assert before[unknown][0] != "match"
    progress = archive.run()
    assert (progress.n_hits, progress.n_looked, progress.failed, progress.is_over) == (1, 2, 0, True)
    (hit,) = rows(archive, RetrospectiveHit)
    assert (hit.scan_id, hit.reasons) == (unknown, [f"a new reference names {NEW_NAME}"])
    assert hit.identification["outcome"] == "match"
    (case,) = rows(archive, Case)
    assert (case.id, case.lane, case.unit, case.scan_ids) == (hit.case_id, Lane.RETROSPECTIVE, "harbour", [unknown])
    assert "a new reference names novel" in case.opened_because
    after = {scan.id: (scan.outcome, scan.identifications, scan.case_id) for scan in rows(archive, Scan)}
    assert after == before
    assert settled in after


def test_a_mixture_with_something_unknown_is_found_too(archive: Archive) -> None:
    archive.keep(made_scan((OLD_NAMES[1], 0.7), (NEW_NAME, 0.3)))
    assert archive.run().n_hits == 1


def test_scans_that_the_new_reference_says_nothing_about_open_no_case(archive: Archive) -> None:
    for name in (*OLD_NAMES[:3], "stranger"):
        archive.keep(made_scan((name, 1.0)))
    archive.keep(b"no spectrum at all")
    archive.keep(made_scan((NEW_NAME, 1.0)), with_library=archive.present)  # answered with it already
    progress = archive.run()
    assert progress.n_hits == 0
    assert progress.n_looked == 4
    assert rows(archive, Case) == []


def test_a_reference_that_was_withdrawn_calls_up_the_answers_that_rest_on_it(
    archive: Archive, tmp_path: Path, libraries: tuple[Path, Path]
) -> None:
    # The wrong label was corrected: what was `old 5` is `renamed` now.
    corrected = made_library(tmp_path / "corrected", OLD_NAMES)
    manifest = (corrected / "manifest.csv").read_text(encoding="utf-8")
    (corrected / "manifest.csv").write_text(manifest.replace(",old 5,", ",renamed,"), encoding="utf-8")
    moved = Archive(archive.database, archive.clock, archive.folder, libraries[0], corrected)
    moved.keep(made_scan((OLD_NAMES[5], 1.0)))
    moved.keep(made_scan((OLD_NAMES[4], 1.0)))
    assert moved.run().n_hits == 1
    (hit,) = rows(moved, RetrospectiveHit)
    assert hit.reasons == [
        "a new reference names renamed",
        "the answer rested on a reference that was withdrawn or corrected: old 5",
    ]


def test_scans_without_a_match_are_looked_through_first(
    archive: Archive, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_CHUNK_SCANS", 2)
    settled = [archive.keep(made_scan((name, 1.0))) for name in OLD_NAMES[:3]]
    clock.pass_time(seconds=-60)
    unknown = [archive.keep(made_scan(("stranger", 1.0), salt=salt)) for salt in range(2)]
    archive.service.begin(archive.asked, "test")
    chunks = sorted(rows(archive, RescreeningChunk), key=lambda chunk: chunk.position)
    assert [len(chunk.scan_ids) for chunk in chunks] == [2, 2, 1]
    assert set(chunks[0].scan_ids) == set(unknown)
    assert {scan_id for chunk in chunks[1:] for scan_id in chunk.scan_ids} == set(settled)


def test_a_large_scan_does_not_make_a_large_chunk() -> None:
    sizes = [("a", 100), ("b", 7 * 2**20), ("c", 2 * 2**20), ("d", 30 * 2**20), ("e", 10)]
    assert service_module._chunked(sizes) == [["a", "b"], ["c"], ["d"], ["e"]]


def test_a_stopped_run_goes_on_and_an_ended_one_covers_only_what_came_later(
    archive: Archive, clock: StillClock
) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    service, asked = archive.service, archive.asked
    begun = service.begin(asked, "test")
    assert service.begin(asked, "test") == begun
    archive.run()
    assert service.begin(asked, "test") == begun  # nothing has come since
    clock.pass_time(minutes=1)
    archive.keep(made_scan((NEW_NAME, 1.0), salt=1))
    progress = archive.run()
    assert (progress.n_looked, progress.n_hits) == (1, 1)
    assert len(service.runs()) == 2
    assert all(run["ended_at"] and run["new_references"] == 1 for run in service.runs())


def test_a_chunk_whose_holder_has_gone_is_taken_by_another_and_the_late_answer_is_worth_nothing(
    archive: Archive, clock: StillClock
) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    service, asked = archive.service, archive.asked
    run_id = service.begin(asked, "test")
    first = service.take(run_id, "one", asked)
    assert first is not None
    assert service.take(run_id, "two", asked) is None
    clock.pass_time(seconds=LEASE_FOR.total_seconds() - 1)
    assert service.renew(first)
    clock.pass_time(seconds=LEASE_FOR.total_seconds() - 1)
    assert service.take(run_id, "two", asked) is None
    clock.pass_time(seconds=2)
    second = service.take(run_id, "two", asked)
    assert second is not None
    answer = look_through(second.work)
    assert not service.renew(first)
    assert not service.finish(first, answer)
    assert not service.release(first, "late")
    assert rows(archive, Case) == []
    assert service.finish(second, answer)
    assert not service.finish(second, answer)
    assert len(rows(archive, Case)) == 1
    assert service.end_where_over(run_id).is_over


def test_two_scans_of_one_old_case_are_looked_at_in_one_new_case(archive: Archive) -> None:
    with archive.database.writing("test", "case.open") as session:
        old = archive.service.cases.open_case(
            session, unit="harbour", exhibit=None, lane=Lane.GENERAL, because="a test"
        )
        old_id = old.id
    scans = {archive.keep(made_scan((NEW_NAME, 1.0), salt=salt), old_id) for salt in range(2)}
    assert archive.run().n_hits == 2
    (case,) = [case for case in rows(archive, Case) if case.lane == Lane.RETROSPECTIVE]
    assert set(case.scan_ids) == scans
    with archive.database.reading() as session:
        assert {scan.id for scan in scans_of_case(session, case.id)} == scans
        assert {scan.id for scan in scans_of_case(session, old_id)} == scans


def test_a_retrospective_case_waits_behind_the_living_and_rings_no_bell(archive: Archive, clock: StillClock) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    archive.run()
    cases = archive.service.cases
    clock.pass_time(minutes=10)
    with archive.database.writing("test", "case.open") as session:
        living = cases.open_case(session, unit="harbour", exhibit=None, lane=Lane.GENERAL, because="a test").id
    clock.pass_time(minutes=55)
    CaseClock(cases).run_once()
    (retrospective,) = (case for case in rows(archive, Case) if case.lane == Lane.RETROSPECTIVE)
    events = {event.case_id for event in rows(archive, ClockEvent)}
    assert living in events
    assert retrospective.id not in events
    assert (retrospective.due_at - retrospective.opened_at).total_seconds() == 3600
    chemist = Principal("c", "one", Role.CHEMIST, "laboratory")
    claims = [cases.claim_next(chemist) for _ in range(2)]
    assert [claim.case["case_id"] for claim in claims if claim] == [living, retrospective.id]


def test_a_reader_hears_of_the_hit_only_after_he_has_looked(archive: Archive) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    archive.run()
    (case,) = rows(archive, Case)
    assert archive.service.hits_of_case(case.id, Principal("c", "one", Role.CHEMIST, "laboratory")) == []
    (shown,) = archive.service.hits_of_case(case.id, Principal("s", "boss", Role.SUPERVISOR, "desk"))
    assert shown["identification"]["components"][0]["substance"] == NEW_NAME


class BreakingExecutor(Executor):
    """Works at once, and breaks like a pool whose process died where it meets a certain scan."""

    def __init__(self, deadly: str) -> None:
        self.deadly, self.is_broken = deadly, False

    def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        (chunk,) = arguments
        self.is_broken |= any(scan.scan_id == self.deadly for scan in chunk.scans)
        if self.is_broken:
            future.set_exception(BrokenProcessPool("a process died"))
        else:
            future.set_result(work(chunk))
        return future


def test_scans_that_end_their_process_are_given_up_after_three_tries_and_the_rest_is_done(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_CHUNK_SCANS", 1)
    scans = [archive.keep(made_scan((NEW_NAME, 1.0), salt=salt)) for salt in range(5)]
    opened: list[Executor] = []

    @contextmanager
    def open_executor() -> Iterator[tuple[Executor, int]]:
        opened.append(BreakingExecutor(scans[2]))
        yield opened[-1], 4

    progress = archive.run(open_executor)
    assert (progress.done, progress.failed, progress.n_hits) == (4, 1, 4)
    assert len(opened) <= 5
    (failed,) = (chunk for chunk in rows(archive, RescreeningChunk) if chunk.state == "failed")
    assert failed.scan_ids == [scans[2]]
    assert "BrokenProcessPool" in failed.error


def test_a_worker_with_another_library_is_refused(archive: Archive, libraries: tuple[Path, Path]) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    service, asked = archive.service, archive.asked
    taken = service.take(service.begin(asked, "test"), "one", asked)
    assert taken is not None
    wrong = type(taken.work)(str(libraries[0]), asked.digest, asked.added, asked.gone, taken.work.scans)
    with pytest.raises(OtherLibrary, match="give every worker the same"):
        look_through(wrong)


def test_a_scan_whose_file_is_missing_does_not_stop_the_others(archive: Archive) -> None:
    lost, kept = (archive.keep(made_scan((NEW_NAME, 1.0), salt=salt)) for salt in range(2))
    sha256 = next(scan.sha256 for scan in rows(archive, Scan) if scan.id == lost)
    archive.files.path(sha256).unlink()
    progress = archive.run()
    assert (progress.n_hits, progress.failed) == (1, 0)
    assert [hit.scan_id for hit in rows(archive, RetrospectiveHit)] == [kept]


def test_hits_and_runs_are_in_the_audit_log(archive: Archive) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    archive.run()
    checked = verify(archive.database, archive.files, None)
    assert {"rescreenings", "retrospective_hits"} <= set(checked.audited)
    assert checked.broken == []


def test_a_hit_of_a_scan_that_is_gone_is_not_kept(archive: Archive) -> None:
    service, asked = archive.service, archive.asked
    archive.keep(made_scan((OLD_NAMES[0], 1.0)))
    taken = service.take(service.begin(asked, "test"), "one", asked)
    assert taken is not None
    assert service.finish(taken, ChunkAnswer(1, 1, (Hit("none", ("x",), {}),)))
    assert rows(archive, RetrospectiveHit) == []


def test_an_executor_is_any_executor(archive: Archive) -> None:
    archive.keep(made_scan((NEW_NAME, 1.0)))
    assert archive.run(always(BreakingExecutor("none"))).n_hits == 1
