"""References over HTTP, on both databases: looked up, proposed from a file, taken out, conflicts decided together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from httpx import Response

from library.ledger import State
from library.store import LibraryStore
from reachback.accounts.models import Role
from reachback.curation.models import CaseReference
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import Desk, Reader, make_desk
from tests.contracts.test_curation import confirmed_case
from tests.reachback.web.laboratory.made_laboratory import filled_store, new_file, same_again, stated


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("REACHBACK_LIBRARY_STORE", raising=False)
    filled_store(tmp_path / "library", tmp_path / "folder")
    return make_desk(database, clock, tmp_path)


@pytest.fixture
def librarian(desk: Desk) -> Reader:
    return desk.reader(Role.LIBRARIAN, "lib")


def propose(desk: Desk, reader: Reader, content: bytes, metadata: str) -> Response:
    return desk.client.post(  # type: ignore[return-value]
        "/api/v1/library/references",
        files={"file": ("a.jdx", content)},
        data={"metadata": metadata},
        headers=reader.headers,
    )


def test_references_are_searched_and_shown(desk: Desk, librarian: Reader) -> None:
    found = librarian.get("/library/references?q=alpha&technique=ftir&grade=measured").json()["items"]
    assert [each["reference_id"] for each in found] == ["R000001"]
    page = librarian.get("/library/references?technique=raman&limit=2").json()
    assert (len(page["items"]), page["next"]) == (2, "technique=raman&after=R000008&limit=2")
    rest = librarian.get(f"/library/references?{page['next']}").json()
    assert ([each["reference_id"] for each in rest["items"]], rest["next"]) == (["R000009"], None)
    shown = librarian.get("/library/references/R000001").json()
    assert [each["what"] for each in shown["story"]] == ["taken_in", "proposed", "accepted"]
    assert (shown["may_be_passed_on"], shown["releases"], len(shown["sha256"])) == (True, [], 64)
    picture = librarian.get("/library/references/R000001/picture.svg?beside=R000002")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert librarian.get("/library/references/nothing").status_code == 404
    assert librarian.get("/library/references/R000001/findings").json() == {"items": []}


def test_a_file_is_proposed_or_refused_by_field(desk: Desk, librarian: Reader) -> None:
    made = propose(desk, librarian, new_file(), json.dumps(stated()))
    assert (made.status_code, made.json()["state"]) == (201, "proposed"), made.text
    wrong = propose(desk, librarian, new_file(), json.dumps({"substance": "delta", "resolution": "fine"}))
    assert wrong.status_code == 422
    assert set(wrong.json()["fields"]) == {"inchikey", "controlled", "resolution", "source", "licence"}
    for metadata in ("{", "[]", '{"a": 1}', '{"nobody": "knows"}', "[" * 100_000):
        assert propose(desk, librarian, new_file(), metadata).status_code == 422
    assert propose(desk, librarian, b"no spectrum", json.dumps(stated())).json()["fields"]["file"]
    two = (new_file(501) + new_file(502)).replace(b"##TITLE=made", b"##TITLE=two, made")
    assert propose(desk, librarian, two, json.dumps(stated("two"))).status_code in (201, 422)
    known = propose(desk, librarian, new_file(801), json.dumps(stated("beta", form="base", cas="", controlled="")))
    row = LibraryStore.at(desk.app.state.services.references.catalogue.place).ledger().standings
    beta = row[known.json()["reference_id"]].reference.row
    assert (beta.inchikey, beta.controlled) == ("BETABETABETABE-AAAAAAAAAA-N", True)  # as the library has it


def test_conflicts_are_decided_together_or_not_at_all(desk: Desk, librarian: Reader) -> None:
    for number, (seed, name) in enumerate(((0, "one"), (10, "two")), start=10):
        made = propose(desk, librarian, same_again(seed), json.dumps(stated(name)))
        assert made.json()["reference_id"] == f"R0000{number}", made.text
    waiting = librarian.get("/library/conflicts").json()["items"]
    keys = sorted(each["key"] for each in waiting)
    assert keys == ["label:R000001+R000010", "label:R000002+R000011"]
    refused = librarian.post("/library/conflicts/settle", {"keys": [*keys, "label:R000001+R000002"], "because": "x"})
    assert refused.status_code == 409
    assert len(librarian.get("/library/conflicts").json()["items"]) == 2
    store = LibraryStore.at(desk.app.state.services.references.catalogue.place)
    before = store.ledger().head
    assert librarian.post("/library/conflicts/settle", {"keys": keys, "because": "both right"}).json() == {"keys": keys}
    after = store.ledger().head
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1  # both by one event
    assert librarian.get("/library/conflicts").json() == {"items": [], "not_checked": 0}


def test_what_grew_from_a_case_is_taken_out_with_its_proposal(desk: Desk, librarian: Reader) -> None:
    case_id = confirmed_case(desk)
    (row,) = librarian.get("/library/eligible-scans").json()["items"]
    assert (row["case_id"], row["why_not"], row["reference_id"]) == (case_id, None, None)
    made = librarian.post("/library/candidates", {"case_id": case_id, "scan_id": row["scan_id"]}).json()
    assert librarian.get("/library/eligible-scans").json()["items"][0]["reference_id"] == made["reference_id"]
    out = {"reference_ids": [made["reference_id"]], "because": "a wrong sample"}
    assert librarian.post("/library/references/take-out", out).status_code == 200
    assert librarian.post("/library/references/take-out", out).status_code == 409
    with desk.app.state.services.database.reading() as session:
        kept = session.get(CaseReference, made["proposal_id"])
        assert (kept.state, kept.withdrawn_because) == ("withdrawn", "a wrong sample")
    ledger = LibraryStore.at(desk.app.state.services.references.catalogue.place).ledger()
    assert ledger.standings[made["reference_id"]].state is State.WITHDRAWN


def test_only_librarians_change_the_library(desk: Desk) -> None:
    chemist = desk.chemist("one")
    for path, body in (
        ("/library/references/take-out", {"reference_ids": ["R000001"], "because": "x"}),
        ("/library/references/propose-drafts", {"reference_ids": ["R000001"], "because": "x"}),
        ("/library/conflicts/settle", {"keys": ["label:a+b"], "because": "x"}),
    ):
        assert chemist.post(path, body).status_code == 403, path
    assert propose(desk, chemist, new_file(), json.dumps(stated())).status_code == 403
    for path in ("/library/references/R000001", "/library/conflicts", "/library/eligible-scans"):
        assert desk.officer().get(path).status_code == 403
        assert chemist.get(path).status_code == 200
