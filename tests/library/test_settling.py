from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from library.checking import check_store
from library.errors import BrokenManifest, StepRefused
from library.ledger import State
from library.proposals import propose_folder
from library.qc.findings import Finding
from library.releases import make_release
from library.settling import Chosen, findings_csv, open_findings, read_settlements
from library.store import LibraryStore, review, settle_each, withdraw
from tests.library.made_store import ANN, AT, BOB, edit_rows, made_folder, made_store


@pytest.fixture
def store(tmp_path: Path) -> LibraryStore:
    """A store in which one curve, re-typed, stands under two names."""
    folder = made_folder(tmp_path / "made")
    text = (folder / "alpha.jdx").read_text(encoding="utf-8")
    (folder / "beta.jdx").write_text(text + "$$ typed again\n", encoding="utf-8")
    made = made_store(tmp_path / "store")
    report = propose_folder(made, edit_rows(folder, lambda row: None), ANN, AT)
    review(made, report.proposed, BOB, AT)
    return made


@pytest.fixture
def found(store: LibraryStore) -> tuple[Finding, ...]:
    return open_findings(check_store(store).checked.findings, store.ledger())


def filled(found: tuple[Finding, ...], store: LibraryStore, take_out: str, because: str) -> bytes:
    rows = list(csv.reader(io.StringIO(findings_csv(found, store.ledger()))))
    for row in rows[1:]:
        row[-2:] = take_out, because
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_findings_that_stand_keep_their_reason_in_the_release(store: LibraryStore, found: tuple[Finding, ...]) -> None:
    assert {each.check for each in found} >= {"label"}
    with pytest.raises(StepRefused, match="nobody settled"):
        make_release(store, ANN, AT)
    said, bad = read_settlements(filled(found, store, "", "the same lot"), store.ledger())
    assert (bad, said.take_out, set(said.stand)) == ([], {}, {each.key for each in found})
    settle_each(store, said.stand, ANN, AT)
    assert {(each.by, each.reason) for each in store.ledger().decisions.values()} == {(ANN, "the same lot")}
    assert make_release(store, ANN, AT).number == 1
    assert open_findings(check_store(store).checked.findings, store.ledger()) == ()


def test_a_reference_is_taken_out_by_the_table(store: LibraryStore, found: tuple[Finding, ...]) -> None:
    wrong = found[0].references[0]
    said, bad = read_settlements(filled(found, store, wrong, ""), store.ledger(), because="wrong label")
    assert (bad, dict(said.take_out), said.stand) == ([], {wrong: "wrong label"}, {})
    withdraw(store, list(said.take_out), ANN, AT, "wrong label")
    assert store.ledger().standings[wrong].state is State.WITHDRAWN
    _, bad = read_settlements(filled(found, store, wrong, "again"), store.ledger())
    assert f"{wrong} is withdrawn already" in bad[0].reason


def test_each_bad_line_is_named(store: LibraryStore, found: tuple[Finding, ...]) -> None:
    header = b"key,take_out,because\n"
    key = found[0].key.encode()
    content = header + key + b",,stands\n" + key + b",,twice\n" + key + b",R000099,x\nlabel:R000098+R1,,x\n,,x\n,,\n"
    said, bad = read_settlements(content, store.ledger())
    assert [each.line for each in bad] == [3, 4, 5, 6]
    assert dict(said.stand) == {found[0].key: "stands"}
    _, without = read_settlements(header + key + b"," + found[0].references[0].encode() + b",\n", store.ledger())
    assert "with a reason" in without[0].reason
    with pytest.raises(BrokenManifest, match="lacks the column key"):
        read_settlements(b"a,b\n", store.ledger())
    with pytest.raises(StepRefused, match="give both"):
        settle_each(store, {found[0].key: " "}, ANN, AT)


def test_a_pattern_is_meant_only_where_all_references_fit(store: LibraryStore, found: tuple[Finding, ...]) -> None:
    ledger = store.ledger()
    assert open_findings(found, ledger, Chosen(check="LAB*"))
    assert open_findings(found, ledger, Chosen(check="noise")) == ()
    assert open_findings(found, ledger, Chosen(source="of nobody")) == ()
