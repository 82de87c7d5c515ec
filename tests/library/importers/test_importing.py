from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from library.errors import OutputRefused
from library.importers import reading_on_cores
from library.importers.conflicts import open_conflicts
from library.importers.reading_on_cores import batches_of
from library.importers.registry import all_sources, source_named
from library.importers.source import Identity, LeftOut, Member, Source, SourceRefused
from library.importers.sources.jcamp_archive import SOURCE
from tests.library.importers.made_sources import KEY, block, reasons, run, table, write_zip

SLOW_IMPORT = """
import sys, time
from pathlib import Path
from library.importers.sources import jcamp_archive
from tests.library.importers.made_sources import run
read = type(jcamp_archive.SOURCE).read
def slowly(self, member, stated):
    time.sleep(0.05)
    return read(self, member, stated)
type(jcamp_archive.SOURCE).read = slowly
print("ready", flush=True)
run(jcamp_archive.SOURCE, Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    files = {f"{n:03d}.jdx": block(f"substance {n}", n, __INCHIKEY=KEY.replace("A", chr(65 + n), 1)) for n in range(20)}
    return write_zip(tmp_path / "many.zip", {**files, "notes.txt": "x"})


def test_a_killed_import_goes_on_and_ends_as_an_undisturbed_one(archive: Path, tmp_path: Path) -> None:
    started = [sys.executable, "-c", SLOW_IMPORT, str(archive), str(tmp_path / "killed")]
    with subprocess.Popen(started, stdout=subprocess.PIPE, start_new_session=True) as process:
        journal = tmp_path / "killed" / ".import" / "journal.jsonl"
        for _ in range(600):
            if journal.exists() and journal.read_bytes().count(b"\n") > 5:
                break
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (tmp_path / "killed" / "manifest.csv").exists()
    with journal.open("ab") as stream:
        stream.write(b'{"name": "cut off in the mid')  # what a kill within a line leaves
    again = run(SOURCE, archive, tmp_path / "killed")
    assert 5 <= again.n_taken_over < 21
    undisturbed = run(SOURCE, archive, tmp_path / "whole")
    for name in ("manifest.csv", "left_out.csv", "conflicts.csv", "substances.csv"):
        killed, whole = ((tmp_path / folder / name).read_bytes() for folder in ("killed", "whole"))
        assert killed == whole, name
    assert (again.n_references, undisturbed.n_taken_over) == (20, 0)


def test_a_repeated_import_reads_only_what_is_new_or_changed(archive: Path, tmp_path: Path) -> None:
    run(SOURCE, archive, tmp_path / "out")
    write_zip(archive, {"000.jdx": block("substance 0", 0), "new.jdx": block("new", 99)})
    again = run(SOURCE, archive, tmp_path / "out")
    assert (again.n_references, again.n_taken_over) == (2, 0)
    once_more = run(SOURCE, archive, tmp_path / "out")
    assert (once_more.n_references, once_more.n_taken_over) == (2, 2)


def test_a_reference_that_somebody_removed_is_read_again(archive: Path, tmp_path: Path) -> None:
    run(SOURCE, archive, tmp_path / "out")
    lost = tmp_path / "out" / table(tmp_path / "out" / "manifest.csv")[3]["file"]
    lost.unlink()
    again = run(SOURCE, archive, tmp_path / "out")
    assert (again.n_taken_over, lost.is_file()) == (20, True)


def test_conflicts_are_marked_in_the_manifest_and_wait_for_a_decision(tmp_path: Path) -> None:
    files = {"a.jdx": block("alpha", 1, __INCHIKEY=KEY), "b.jdx": block("beta", 2, __INCHIKEY=KEY)}
    path = write_zip(tmp_path / "a.zip", {**files, "c.jdx": block("gamma", 3, CAS_REGISTRY_NO="50-36-2")})
    imported = run(SOURCE, path, tmp_path / "out")
    (conflict,) = imported.undecided
    assert conflict.kind == "one_inchikey_two_names"
    assert [row["conflicts"] for row in table(tmp_path / "out" / "manifest.csv")] == [conflict.id, conflict.id, ""]
    text = (tmp_path / "out" / "conflicts.csv").read_text(encoding="utf-8")
    (tmp_path / "out" / "conflicts.csv").write_text(text.rstrip("\n") + "beta is a synonym\n", encoding="utf-8")
    assert run(SOURCE, path, tmp_path / "out").undecided == ()
    assert open_conflicts(tmp_path / "out") == ()


def test_what_is_known_later_changes_the_names_without_reading_again(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("street alpha", 1)})
    first = run(SOURCE, path, tmp_path / "out", controlled=None)
    assert {each.kind for each in first.undecided} == {"no_identity", "status_not_stated"}
    known = Identity("alpha", cas="50-36-2", synonyms=("street alpha",), controlled=True)
    again = run(SOURCE, path, tmp_path / "out", (known,), controlled=None)
    assert (again.n_taken_over, again.undecided) == (1, ())
    (row,) = table(tmp_path / "out" / "manifest.csv")
    assert (row["substance"], row["controlled"], row["name_as_written"]) == ("alpha", "yes", "street alpha")


def test_an_import_where_nothing_could_be_used_makes_no_library(tmp_path: Path) -> None:
    imported = run(SOURCE, write_zip(tmp_path / "a.zip", {"a.txt": "x"}), tmp_path / "out")
    assert (imported.n_references, list(reasons(imported))) == (0, ["a.txt"])
    assert not (tmp_path / "out" / "manifest.csv").exists()


def test_a_folder_that_holds_something_else_is_left_alone(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputRefused, match="not empty"):
        run(SOURCE, archive, tmp_path / "mine")
    with pytest.raises(OutputRefused, match="is no folder"):
        run(SOURCE, archive, tmp_path / "mine" / "thesis.txt")
    run(SOURCE, archive, tmp_path / "out")
    with pytest.raises(OutputRefused, match="with other statements"):
        run(SOURCE, archive, tmp_path / "out", technique="ftir")
    (tmp_path / "out" / ".import" / "journal.jsonl").write_text("no journal\n", encoding="utf-8")
    with pytest.raises(OutputRefused, match="is damaged"):
        run(SOURCE, archive, tmp_path / "out")


def test_two_imports_into_one_folder_do_not_mix(archive: Path, tmp_path: Path) -> None:
    started = [sys.executable, "-c", SLOW_IMPORT, str(archive), str(tmp_path / "out")]
    with subprocess.Popen(started, stdout=subprocess.PIPE) as process:
        journal = tmp_path / "out" / ".import" / "journal.jsonl"
        for _ in range(600):
            if journal.exists():
                break
            time.sleep(0.05)
        with pytest.raises(OutputRefused, match="another process"):
            run(SOURCE, archive, tmp_path / "out")
        assert process.wait(60) == 0
    assert len(table(tmp_path / "out" / "manifest.csv")) == 20


def test_sources_are_found_by_name() -> None:
    assert all(isinstance(each, Source) for each in all_sources())
    assert [each.name for each in all_sources()][:6] == [
        *("jcamp", "folder", "rruff", "openspecy", "ramanbiolib", "matrix-bundle")
    ]
    assert source_named("JCAMP").name == "jcamp"
    with pytest.raises(SourceRefused, match="there are jcamp, folder"):
        source_named("none")


def test_a_package_may_add_a_source_and_one_that_is_none_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Added(type(SOURCE)):  # type: ignore[misc]
        name = "added"

    points = {"added": Added(), "broken": None, "none": "no source"}

    class Point:
        def __init__(self, name: str) -> None:
            self.name = name

        def load(self) -> object:
            if points[self.name] is None:
                raise ImportError("not here")
            return points[self.name]

    monkeypatch.setattr("device_adapters.entry_points.entry_points", lambda group: [Point(name) for name in points])
    all_sources.cache_clear()
    try:
        assert [each.name for each in all_sources()][-1] == "added"
        assert len(all_sources()) == 7
    finally:
        all_sources.cache_clear()


def test_a_source_read_on_several_cores_gives_the_same_folder(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    alone = run(SOURCE, archive, tmp_path / "alone")
    monkeypatch.setattr(reading_on_cores, "FEWEST", 4)
    monkeypatch.setattr(reading_on_cores, "BATCH_MEMBERS", 3)
    together = run(SOURCE, archive, tmp_path / "together")
    assert (together.n_references, together.left_out) == (alone.n_references, alone.left_out)
    files = sorted(path.relative_to(tmp_path / "alone") for path in (tmp_path / "alone").rglob("*") if path.is_file())
    assert len(files) > 20
    for file in files:
        if file.name != "library.toml":  # it holds the folder's name
            assert (tmp_path / "alone" / file).read_bytes() == (tmp_path / "together" / file).read_bytes(), file
    assert run(SOURCE, archive, tmp_path / "together").n_taken_over == 21


def test_lots_are_bounded_by_number_and_weight() -> None:
    members = [Member(str(number), b"x" * (5 * 2**20 if number == 2 else 1)) for number in range(90)]
    lots = list(batches_of([*members, LeftOut("z", "no spectrum"), Member("y", b"x" * 5 * 2**20)]))
    assert [len(lot) for lot in lots] == [40, 40, 12]
    heavy = list(batches_of([Member(str(n), b"x" * 5 * 2**20) for n in range(3)]))
    assert [len(lot) for lot in heavy] == [1, 1, 1]
