"""What the checks find on references, while others come and go."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from library.compile_chunks import compile_on_all_cores
from library.proposals import propose_folder
from library.store import LibraryStore, settle, withdraw
from reachback.curation.reference_bench import ReferenceBench
from reachback.curation.reference_catalogue import ReferenceCatalogue
from reachback.problems import Busy, NotFound
from tests.library.made_store import ANN, AT
from tests.reachback.web.laboratory.made_laboratory import filled_store, new_file, released_store, same_again

HEADER = "file,substance,form,cas,inchikey,class,controlled,technique,mode,source,licence"


def add(store: LibraryStore, folder: Path, name: str, content: bytes) -> str:
    folder.mkdir()
    (folder / "a.jdx").write_bytes(content)
    (folder / "manifest.csv").write_text(f"{HEADER}\na.jdx,{name},,7732-18-5,,,no,ftir,ATR,made,CC0-1.0\n")
    return propose_folder(store, folder, ANN, AT).proposed[0]


def test_findings_follow_what_lives_in_the_library(tmp_path: Path) -> None:
    store = released_store(tmp_path / "library", tmp_path / "folder")
    bench = ReferenceBench(ReferenceCatalogue(tmp_path / "library"), patience=120.0)
    assert bench.findings(["R000001"]) == {"R000001": []}
    again = add(store, tmp_path / "again", "epsilon", same_again())
    found = {each["check"]: each for each in bench.findings(["R000001"])["R000001"]}
    assert found["label"]["references"] == ["R000001", again]
    assert found["label"]["settled"] is None
    assert [each["key"] for each in bench.open_conflicts()[0]] == [f"label:R000001+{again}"]
    settle(store, [f"label:R000001+{again}"], "Bob", AT, "both right")
    (shown,) = (each for each in bench.findings([again])[again] if each["check"] == "label")
    assert shown["settled"]["reason"] == "both right"
    assert bench.open_conflicts() == ([], 0)
    withdraw(store, [again], ANN, AT, "a wrong sample")
    assert bench.findings(["R000001"]) == {"R000001": []}
    with pytest.raises(NotFound):
        bench.findings(["R999999"])


def test_what_was_compiled_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled_store(tmp_path / "library", tmp_path / "folder")
    compiled: list[int] = []

    def counting(references, progress):  # type: ignore[no-untyped-def]
        compiled.append(len(references))
        return compile_on_all_cores(references, progress)

    monkeypatch.setattr("reachback.curation.living_sets.compile_on_all_cores", counting)
    bench = ReferenceBench(ReferenceCatalogue(tmp_path / "library"), patience=120.0)
    bench.findings(["R000001"])
    assert sorted(compiled) == [3, 6]
    add(store, tmp_path / "more", "zeta", new_file(900))
    bench.findings(["R000001"])
    assert sorted(compiled) == [1, 3, 6]


def test_a_page_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled_store(tmp_path / "library", tmp_path / "folder")

    def slow(references, progress):  # type: ignore[no-untyped-def]
        time.sleep(0.5)
        return compile_on_all_cores(references, progress)

    monkeypatch.setattr("reachback.curation.living_sets.compile_on_all_cores", slow)
    bench = ReferenceBench(ReferenceCatalogue(tmp_path / "library"), patience=0.05)
    with pytest.raises(Busy, match="being prepared"):
        bench.findings(["R000001"])
    ends = time.monotonic() + 60.0
    while time.monotonic() < ends:
        try:
            assert bench.findings(["R000001"]) == {"R000001": []}
            return
        except Busy:
            time.sleep(0.1)
    raise AssertionError("the checks were never ready")
