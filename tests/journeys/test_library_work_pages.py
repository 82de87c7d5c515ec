"""A librarian before a screen: a published library is imported, its doubts decided, and a release made of it."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from library.ledger import State
from library.store import LibraryStore, review
from reachback.accounts.models import Role
from tests.journeys.browsing import DESK, PHONE, RunningDesk, Visitor, serve_desk
from tests.library.made_library import curve, jcamp
from tests.library.made_store import ANN, AT, BOB

Visit = Callable[..., Visitor]
AXIS = np.arange(500.0, 3500.1, 4.0)


@pytest.fixture(scope="module")
def running_desk() -> Iterator[RunningDesk]:
    """A desk with an empty library store of its own."""
    with tempfile.TemporaryDirectory(prefix="reachback-desk-") as folder:
        LibraryStore.create(Path(folder) / "library", "narcotics", "setter up", AT)
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
            patch.setenv("REACHBACK_DATA_DIR", folder)
            with serve_desk(Path(folder)) as desk:
                yield desk


@pytest.fixture
def store(running_desk: RunningDesk) -> LibraryStore:
    return LibraryStore.at(running_desk.services.release_book.place)


def published(folder: Path, *names: tuple[str, int, str], extra: tuple[tuple[str, str], ...] = ()) -> Path:
    """An archive as laboratories publish them; one file in it leads outside, and one is no spectrum."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for title, seed, cas in names:
            label = f"##TITLE={title}" + (f"\n##CAS REGISTRY NO={cas}" if cas else "")
            zipped.writestr(f"{title}.jdx", jcamp(AXIS, curve(seed, AXIS)).replace("##TITLE=made for a test", label))
        for name, text in extra:
            zipped.writestr(name, text)
    path = folder / "published.zip"
    path.write_bytes(content.getvalue())
    return path


def look(visitor: Visitor, name: str) -> None:
    """Nothing grave, nothing wider than the screen, and a picture."""
    assert visitor.grave_findings() == []
    assert visitor.overflow() <= 0
    visitor.picture(name)


def test_from_an_archive_to_a_release(
    visit: Visit, running_desk: RunningDesk, store: LibraryStore, tmp_path: Path
) -> None:
    ann = visit(running_desk.person(Role.LIBRARIAN, ANN), size=DESK, expect={422})
    page = ann.page
    page.get_by_role("link", name="Import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import")
    look(ann, "library-import-form")
    archive = published(
        tmp_path,
        ("madeine", 5, "50-36-2"),
        ("otherine", 60, "58-08-2"),
        ("nowhereine", 90, ""),
        extra=(("../outside.jdx", "##TITLE=x"), ("readme.txt", "how this came to be")),
    )
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert").filter(has_text="nothing was sent")).to_be_visible()  # what was typed stays
    page.get_by_label("File").set_input_files(archive)
    page.get_by_label("Licence").fill("CC0-1.0")
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/library/work/*")
    # Seen to its end without a reload.
    expect(page.locator("#work-now [role=status]")).to_contain_text("Done")
    expect(page.locator("dl.counts")).to_contain_text(re.compile(r"Proposed\s*1 "))
    expect(page.get_by_text("its path leads outside the archive")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    assert "../outside.jdx" in download.value.path().read_text(encoding="utf-8")
    look(ann, "library-import-done")

    # What waits for a decision is decided here, and proposed.
    expect(page.get_by_role("region", name="To be stated in the source")).to_contain_text("nowhereine")
    page.get_by_role("checkbox", name=re.compile("^madeine")).check()
    page.get_by_label("Why they may stand").fill("no schedule names it")
    page.get_by_role("button", name="Decide the chosen").click()
    expect(page.get_by_role("alert").filter(has_text="needs yes or no")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^madeine")).check()
    page.get_by_label("Where it is asked: controlled?").select_option("no")
    page.get_by_role("button", name="Decide the chosen").click()
    expect(page.locator("dl.counts")).to_contain_text(re.compile(r"Proposed\s*1 "))
    expect(page.locator("dl.counts")).to_contain_text(re.compile(r"Known already\s*1"))
    proposed = [each.reference.id for each in store.ledger().of_state(State.PROPOSED)]
    page.get_by_role("link", name="Releases").first.click()
    page.get_by_role("link", name="Make a release").click()
    expect(page.get_by_text("has no reviewed reference to release")).to_be_visible()
    look(ann, "library-release-nothing")

    # Another person's review, and nothing stands in the way any more.
    review(store, proposed, BOB, AT)
    page.reload()
    expect(page.get_by_text("Nothing that is known")).to_be_visible()
    expect(page.locator("ul.changes > li").filter(has_text="Added")).to_have_count(2)
    look(ann, "library-release-next")
    page.get_by_role("button", name="Make narcotics-1").click()
    page.wait_for_url("**/library/work/*")
    page.get_by_role("link", name="Look at the release").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("narcotics-1")
    expect(page.get_by_text("Signature stands")).to_be_visible()
    expect(page.get_by_text("reachback rescreen --library narcotics-1")).to_be_visible()
    look(ann, "library-release")
    assert [each.number for each in store.ledger().releases] == [1]


def test_a_conflict_keeps_a_release_back_and_is_told_before(
    visit: Visit, running_desk: RunningDesk, store: LibraryStore, tmp_path: Path
) -> None:
    """The same curve under another name; on a phone, in the dark."""
    running_desk.person(Role.LIBRARIAN, BOB)
    with running_desk.api(Role.LIBRARIAN, BOB) as bob:
        sent = bob.post(
            "/library/imports",
            files={"file": ("b.zip", published(tmp_path, ("thirdine", 5, "57-27-2")).read_bytes())},
            data={"source": "jcamp", "controlled": "no"},
        )
        assert sent.status_code == 202, sent.text
        visitor = visit(BOB, size=PHONE, dark=True)
        visitor.go(f"/library/work/{sent.json()['work_id']}")
        page = visitor.page
        expect(page.locator("#work-now [role=status]")).to_contain_text(re.compile("Done|Refused"))
        look(visitor, "library-import-phone")
        waiting = [each for each in store.ledger().of_state(State.PROPOSED) if each.proposer == BOB]
        review(store, [each.reference.id for each in waiting], ANN, AT)
        visitor.go("/library/releases/new")
        expect(page.get_by_text("nobody has decided: the release would be refused")).to_be_visible()
        look(visitor, "library-release-conflict-phone")
        page.get_by_role("button", name=re.compile("^Make narcotics")).click()
        page.wait_for_url("**/library/work/*")
        expect(page.locator("#work-now [role=status]")).to_contain_text("Refused")
        look(visitor, "library-release-refused-phone")
        visitor.go("/library/releases")
        look(visitor, "library-releases-phone")


def test_without_scripts_and_for_those_who_only_read(visit: Visit, running_desk: RunningDesk, tmp_path: Path) -> None:
    ann = visit(running_desk.person(Role.LIBRARIAN, ANN), javascript=False, expect={409, 422})
    page = ann.page
    ann.go("/library/imports")
    page.get_by_role("main").get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert").filter(has_text="nothing was sent")).to_be_visible()
    empty = tmp_path / "notes.zip"
    empty.write_bytes(b"neither an archive nor a spectrum")
    page.get_by_label("File").set_input_files(empty)
    page.get_by_role("main").get_by_role("button", name="Import").click()
    page.wait_for_url("**/library/work/*")
    for _ in range(100):
        if page.get_by_text("nothing of it could be read").is_visible():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(page.get_by_text("nothing of it could be read")).to_be_visible()
    chemist = visit(running_desk.person(Role.CHEMIST, "carla"), javascript=False)
    for path in ("/library/releases", "/library/releases/new", "/library/imports"):
        chemist.go(path)
        expect(chemist.page.get_by_role("heading", level=1)).to_be_visible()
        expect(chemist.page.get_by_role("main").get_by_role("button")).to_have_count(0)
