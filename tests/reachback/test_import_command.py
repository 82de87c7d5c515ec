from __future__ import annotations

from pathlib import Path

from tests.library.importers.made_sources import KEY, block, table, write_zip
from tests.reachback.conftest import Command


def test_an_archive_becomes_a_library_that_can_be_built_and_asked(reachback: Command, tmp_path: Path) -> None:
    files = {f"{n}.jdx": block(f"made {n}", n, __INCHIKEY=KEY.replace("A", chr(65 + n), 1)) for n in range(8)}
    path = write_zip(tmp_path / "a.zip", files)
    ended = reachback("library", "import", "jcamp", path, "--out", tmp_path / "out", "--controlled", "no")
    assert (ended.code, ended.err) == (0, "")
    assert "8 references of 8 substances; 0 left out (left_out.csv), 0 conflicts" in ended.out
    assert reachback("library", "build", tmp_path / "out", "--out", tmp_path / "built").code == 0
    (tmp_path / "scan.jdx").write_text(block("unknown", 3), encoding="utf-8")
    assert "made 3" in reachback("identify", tmp_path / "scan.jdx", "--library", tmp_path / "built").out


def test_what_is_left_out_is_said_and_ends_with_3(reachback: Command, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("fentanyl", 1), "../b.jdx": block("b", 2), "c.txt": "x"})
    ended = reachback("library", "import", "jcamp", path, "--out", tmp_path / "out")
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 2
    assert "../b.jdx: its path leads outside the archive" in ended.err
    # The starter library's substances are always known.
    (row,) = table(tmp_path / "out" / "manifest.csv")
    assert (row["substance"], row["controlled"], row["class"]) == ("fentanyl", "yes", "fentanyl-related")


def test_a_laboratory_s_own_table_of_substances_goes_first(reachback: Command, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("house blend", 1)})
    (tmp_path / "ours.csv").write_text("substance,synonyms,controlled\nblend,house blend,no\n", encoding="utf-8")
    ended = reachback(
        *("library", "import", "jcamp", path, "--out", tmp_path / "out", "--substances", tmp_path / "ours.csv")
    )
    assert ended.code == 0
    assert table(tmp_path / "out" / "manifest.csv")[0]["substance"] == "blend"


def test_wrong_usage_is_one_sentence(reachback: Command, tmp_path: Path) -> None:
    for arguments, words in (
        (("none", tmp_path), "is no library source"),
        (("jcamp",), "jcamp needs a PATH"),
        (("jcamp", tmp_path / "none"), "does not exist"),
        (("jcamp", tmp_path, "--technique", "nmr"), "the technique is raman or ftir"),
        (("jcamp", tmp_path, "--controlled", "maybe"), "--controlled is yes or no"),
        (("folder", tmp_path), "has no manifest.csv"),
    ):
        ended = reachback("library", "import", *arguments, "--out", tmp_path / "out")
        assert (ended.code, ended.out) == (2, ""), words
        assert words in ended.err
        assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_what_may_be_passed_on_is_said_for_a_whole_source(reachback: Command, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("house blend", 1)})
    asked = ("library", "import", "jcamp", path, "--out", tmp_path / "out")
    wrong = reachback(*asked, "--may-be-passed-on", "perhaps")
    assert (wrong.code, "--may-be-passed-on is yes or no" in wrong.err) == (2, True)
    assert reachback(*asked, "--may-be-passed-on", "yes").code == 0
    assert table(tmp_path / "out" / "manifest.csv")[0]["may_be_passed_on"] == "yes"
    assert reachback(*asked).code == 0
    assert table(tmp_path / "out" / "manifest.csv")[0]["may_be_passed_on"] == ""
