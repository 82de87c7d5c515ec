"""References as pages: found, looked at, taken out; and by whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from library.ledger import State
from library.proposals import propose_folder
from library.releases import make_release
from library.store import LibraryStore
from reachback.accounts.models import Role
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import Desk, make_desk
from tests.library.made_library import curve, jcamp
from tests.library.made_store import ANN, AT
from tests.reachback.web.laboratory.made_laboratory import AXIS, new_file, person, same_again, stated


def test_references_are_found_by_name_number_and_class(laboratory: Desk) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    shown = lib.get("/library/references").text
    assert shown.count('class="reference-name"') == 9
    for query in ("q=alpha", "q=ALPHAALPHAALPH", "q=R000001", "q=base%20R000001"):
        found = lib.get(f"/library/references?{query}").text
        assert found.count('class="reference-name"') == 1, query
        assert "alpha" in found
    assert lib.get("/library/references?technique=raman").text.count('class="reference-name"') == 3
    assert lib.get("/library/references?substance_class=cutting%20agent").text.count('class="reference-name"') == 3
    assert "No reference fits" in lib.get("/library/references?q=nothing").text
    assert "No reference fits" in lib.get("/library/references?page=7").text


def test_a_reference_shows_its_picture_papers_and_story(laboratory: Desk) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    page = lib.get("/library/references/R000001").text
    for words in ("alpha", "ALPHAALPHAALPH-AAAAAAAAAA-N", "CC0-1.0", "may be passed on", "Ann Librarian", "accepted"):
        assert words in page
    assert "Bob Chemist" in page
    drawn = lib.get("/library/references/R000001/picture.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert b"Wavenumber" in drawn.content
    together = lib.get("/library/references/R000001/picture.svg?beside=R000002")
    assert b"alpha" in together.content
    assert b"beta" in together.content
    assert lib.get("/library/references/R000001/picture.svg?beside=R000007").status_code == 422
    assert lib.get("/library/references/R000099").status_code == 404
    assert lib.get("/library/references/R000001?beside=R000099").status_code == 422


def test_who_may_look_and_who_may_change(laboratory: Desk) -> None:
    officer, chemist = person(laboratory, Role.OFFICER, "anna"), person(laboratory, Role.CHEMIST, "carla")
    assert officer.get("/library/references").status_code == 403
    assert "Withdraw" not in chemist.get("/library/references/R000001").text
    for path in ("/library/propose", "/library/references/R000001/take-out", "/library/review"):
        assert chemist.post(path).status_code == 403, path
    assert chemist.get("/library/review").status_code == 200


def test_taking_out_asks_for_a_reason_and_twice(laboratory: Desk, tmp_path: Path) -> None:
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    refused = lib.post("/library/references/R000001/take-out", {"successor": "R000099"})
    assert refused.status_code == 422
    assert "whoever meets an old answer reads it" in refused.text
    assert 'value="R000099"' in refused.text
    asked = {"because": "a wrong label", "confirmed": "yes"}
    wrong = lib.post("/library/references/R000001/take-out", {**asked, "successor": "R000099"})
    assert "R000099 is no reference of this store" in wrong.text
    assert standing(tmp_path, "R000001").state is State.REVIEWED
    done = lib.post("/library/references/R000001/take-out", {**asked, "successor": "R000002"})
    assert done.headers["location"] == "/library/references/R000001?note=taken-out"
    assert standing(tmp_path, "R000001").state is State.WITHDRAWN
    page = lib.get("/library/references/R000001").text
    assert "a wrong label" in page
    assert '<a href="/library/references/R000002">' in page


def test_releases_that_hold_it_are_named(laboratory: Desk, tmp_path: Path) -> None:
    store = LibraryStore.at(tmp_path / "library")
    make_release(store, ANN, AT, approve=lambda manifest, library: None)
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    assert "lab-1" in lib.get("/library/references/R000001").text
    done = lib.post("/library/references/R000001/take-out", {"because": "old", "confirmed": "yes"})
    assert done.status_code == 303
    shown = laboratory.reader(Role.LIBRARIAN, "lib").get("/library/references/R000001").json()
    assert (shown["state"], shown["releases"]) == ("deprecated", ["lab-1"])


def test_a_desk_without_a_library_says_how_one_is_made(
    sqlite_database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    lib = person(make_desk(sqlite_database, clock, tmp_path), Role.LIBRARIAN, "lib")
    for path in ("/library/references", "/library/review", "/library/review/conflicts", "/library/propose"):
        page = lib.get(path)
        assert (page.status_code, "reachback library init" in page.text) == (200, True), path


def standing(tmp_path: Path, reference_id: str):  # type: ignore[no-untyped-def]
    return LibraryStore.at(tmp_path / "library").ledger().standings[reference_id]


def test_a_file_is_proposed_and_another_person_reviews_it(laboratory: Desk, tmp_path: Path) -> None:
    ann, bob = person(laboratory, Role.LIBRARIAN, "ann"), person(laboratory, Role.LIBRARIAN, "bob")
    made = ann.post("/library/propose", stated(instrument="bench FTIR", purity="98 %"), ("delta.jdx", new_file()))
    assert made.headers["location"] == "/library/references/R000010?note=proposed", made.text
    row = standing(tmp_path, "R000010").reference.row
    assert (row.substance, row.mode, row.detail("instrument"), row.detail("purity")) == (
        "delta",
        "ATR",
        "bench FTIR",
        "98 %",
    )
    own = ann.get("/library/review").text
    assert "another person has to review it" in own
    assert 'type="checkbox" id="take-R000010"' not in own
    refused = ann.post("/library/review", {"reference_id": "R000010", "decision": "accept"})
    assert (refused.status_code, "another person" in refused.text) == (422, True)
    sent = bob.post("/library/review", {"reference_id": ["R000010"], "decision": "send_back"})
    assert (sent.status_code, "its proposer reads it" in sent.text) == (422, True)
    assert 'id="take-R000010" name="reference_id" value="R000010" checked' in sent.text
    assert bob.get("/library/review/R000010").status_code == 200
    done = bob.post("/library/review/R000010", {"decision": "accept"})
    assert done.headers["location"] == "/library/review?note=accepted&n=1"
    assert standing(tmp_path, "R000010").state is State.REVIEWED


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(laboratory: Desk) -> None:
    ann = person(laboratory, Role.LIBRARIAN, "ann")
    wrong = ann.post(
        "/library/propose",
        {"substance": "delta", "cas": "7732-18-4", "laser_nm": "red", "purity": "98 %"},
        ("delta.jdx", new_file()),
    )
    assert wrong.status_code == 422
    for field in ("cas", "laser_nm", "controlled", "source", "licence"):
        assert f'id="field-{field}-wrong"' in wrong.text, field
    assert 'value="98 %"' in wrong.text
    kept = wrong.text.partition('name="kept" value="')[2][:64]
    again = ann.post("/library/propose", {**stated(), "kept": kept, "kept_name": "delta.jdx"})
    assert again.headers["location"] == "/library/references/R000010?note=proposed", again.text
    known = ann.post("/library/propose", {**stated(), "kept": kept, "kept_name": "delta.jdx"})
    assert known.headers["location"] == "/library/references/R000010?note=known"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(40)), "photo.png"),
        (("empty.jdx", b""), "empty"),
        (None, "Choose the file that the device wrote"),
    ],
)
def test_what_is_no_spectrum_is_refused_at_the_file(
    laboratory: Desk, file: tuple[str, bytes] | None, words: str
) -> None:
    ann = person(laboratory, Role.LIBRARIAN, "ann")
    page = ann.post("/library/propose", stated(), file)
    assert page.status_code == 422
    assert words in page.text.partition('id="field-file-wrong">')[2][:300]


def test_a_file_is_looked_at_first(laboratory: Desk) -> None:
    ann = person(laboratory, Role.LIBRARIAN, "ann")
    page = ann.post("/library/propose", {"step": "look", "substance": "delta"}, ("delta.jdx", new_file()))
    assert page.status_code == 200, page.text
    assert 'value="delta"' in page.text
    assert '<option value="ftir" selected>' in page.text
    picture = page.text.partition('src="/library/propose/picture.svg?')[2].partition('"')[0].replace("&amp;", "&")
    drawn = ann.get(f"/library/propose/picture.svg?{picture}")
    assert (drawn.status_code, b"Wavenumber" in drawn.content) == (200, True)
    assert ann.get("/library/propose/picture.svg?kept=../../etc/passwd").status_code == 422


def test_a_conflict_is_settled_for_all_of_a_filter_or_by_hand(laboratory: Desk, tmp_path: Path) -> None:
    ann, bob = person(laboratory, Role.LIBRARIAN, "ann"), person(laboratory, Role.LIBRARIAN, "bob")
    made = ann.post("/library/propose", stated(), ("again.jdx", same_again()))
    assert made.status_code == 303, made.text
    page = bob.get("/library/review/conflicts").text
    assert "alpha / delta" in page
    assert "1 conflict to decide" in bob.get("/library/review").text
    none = bob.post("/library/review/conflicts", {"everything": "3", "because": "both are right"})
    assert (none.status_code, "There are 1 of them now" in none.text) == (422, True)
    silent = bob.post("/library/review/conflicts", {"everything": "1"})
    assert (silent.status_code, "every later release carries" in silent.text) == (422, True)
    done = bob.post("/library/review/conflicts", {"everything": "1", "because": "one substance, two names"})
    assert done.headers["location"] == "/library/review/conflicts?note=1"
    assert "No conflict waits" in bob.get("/library/review/conflicts").text
    assert "one substance, two names" in bob.get("/library/references/R000010").text
    (decision,) = LibraryStore.at(tmp_path / "library").ledger().decisions.values()
    assert (decision.key, decision.by) == ("label:R000001+R000010", "bob")
    again = laboratory.reader(Role.LIBRARIAN, "bob").post(
        "/library/conflicts/settle", {"keys": [decision.key], "because": "again"}
    )
    assert again.status_code == 409


def test_a_draft_is_proposed_as_it_is(laboratory: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "noisy"
    folder.mkdir()
    noise = np.random.default_rng(7).normal(0.0, 0.2, AXIS.size)
    (folder / "noisy.jdx").write_text(jcamp(AXIS, curve(700, AXIS) + noise))
    header = "file,substance,form,cas,inchikey,class,controlled,technique,mode,source,licence"
    (folder / "manifest.csv").write_text(f"{header}\nnoisy.jdx,eta,,7732-18-5,,,no,ftir,ATR,made,CC0-1.0\n")
    report = propose_folder(LibraryStore.at(tmp_path / "library"), folder, "lib", AT)
    (draft,) = (identifier for identifier, _ in report.drafts)
    lib = person(laboratory, Role.LIBRARIAN, "lib")
    page = lib.get(f"/library/references/{draft}").text
    assert "Propose it as it is" in page
    assert "noisy" in page
    assert lib.post(f"/library/references/{draft}/propose").status_code == 422
    done = lib.post(f"/library/references/{draft}/propose", {"because": "all there is of it"})
    assert done.headers["location"].endswith("?note=proposed")
    assert "all there is of it" in person(laboratory, Role.LIBRARIAN, "bob").get(f"/library/review/{draft}").text
