"""A laboratory's first day from the shell: init, check, propose, review, release, diff, export, replay."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.library.importers.made_sources import KEY, block, write_zip
from tests.library.made_store import made_folder
from tests.reachback.conftest import Command


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "made")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reachback: Command) -> Path:
    monkeypatch.setenv("REACHBACK_LIBRARY_STORE", str(tmp_path / "store"))
    assert reachback("library", "init", "lab", "--by", "Ann").code == 0
    return tmp_path / "store"


@pytest.fixture
def first(store: Path, made: Path, reachback: Command) -> Path:
    """A store with one release."""
    assert reachback("library", "propose", made, "--by", "Ann").code == 0
    assert reachback("library", "review", "--all", "--by", "Bob").code == 0
    assert reachback("library", "release", "--by", "Ann").code == 0
    return store


def test_the_first_day(store: Path, made: Path, reachback: Command) -> None:
    assert "9 proposed" in reachback("library", "propose", made, "--by", "Ann").out
    own = reachback("library", "review", "--all", "--by", "Ann")
    assert (own.code, "another person" in own.err) == (2, True)
    assert reachback("library", "review", "R000001", "--by", "Bob").code == 0
    listed = json.loads(reachback("library", "list", "--state", "proposed", "--json").out)
    assert len(listed["references"]) == 8
    assert reachback("library", "review", "--all", "--by", "Bob").out == "reviewed: 8 references\n"
    released = reachback("library", "release", "--by", "Ann")
    assert released.out.startswith("lab-1: released, digest ")
    again = reachback("library", "release", "--by", "Ann")
    assert (again.code, "nothing has changed since lab-1" in again.err) == (2, True)
    shown = json.loads(reachback("library", "show", "lab-1", "--json").out)
    assert (shown["name"], shown["release"]) == ("lab", "1")
    listed = json.loads(reachback("library", "list", "--releases", "--json").out)
    assert [each["name"] for each in listed["releases"]] == ["lab-1"]
    assert "lab-1" in reachback("library", "list", "--releases").out
    one = json.loads(reachback("library", "show", "R000001", "--json").out)
    assert (one["state"], one["proposer"], one["reviewer"], one["first_release"]) == ("released", "Ann", "Bob", 1)
    assert "alpha" in reachback("library", "show", "R000001").out


def test_an_answer_names_its_release_and_can_be_given_again(
    first: Path, made: Path, reachback: Command, tmp_path: Path
) -> None:
    scan = made / "alpha.jdx"
    answered = reachback("identify", scan, "--library", "lab-1", "--json")
    assert answered.code == 0
    element = json.loads(answered.out)["results"][0]
    assert (element["library"]["name"], element["library"]["release"]) == ("lab", "1")
    answer = tmp_path / "answer.json"
    answer.write_text(answered.out, encoding="utf-8")
    again = reachback("library", "replay", answer, scan)
    assert (again.code, again.err) == (0, "")
    assert "the same, bit for bit" in again.out


def test_a_replay_says_which_part_differs(first: Path, made: Path, reachback: Command, tmp_path: Path) -> None:
    scan = made / "alpha.jdx"
    stored = json.loads(reachback("identify", scan, "--library", "lab-1", "--json").out)
    stored["results"][0]["engine"] = "0.0.9"
    stored["results"][0]["library"]["digest"] = "0" * 64
    stored["results"][0]["outcome"] = "no_match"
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(stored), encoding="utf-8")
    again = reachback("library", "replay", answer, scan)
    assert again.code == 1
    assert "the answer was given by engine 0.0.9" in again.err
    assert "the release had the digest 000000000000" in again.err
    assert "outcome: 'no_match' is now 'match'" in again.err
    other = reachback("library", "replay", answer, made / "beta.jdx")
    assert (other.code, "none of the files named is" in other.err) == (2, True)
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    assert "holds no identification" in reachback("library", "replay", tmp_path / "none.json", scan).err


def test_what_is_refused_is_named_and_the_rest_taken(store: Path, made: Path, reachback: Command) -> None:
    (made / "beta.jdx").unlink()
    ended = reachback("library", "propose", made, "--by", "Ann")
    assert ended.code == 3
    assert "8 proposed, 0 kept as drafts, 0 known already, 1 refused" in ended.out
    assert "refused: beta.jdx: beta.jdx does not exist in the folder" in ended.err


def test_a_change_is_told_in_words(first: Path, reachback: Command) -> None:
    ended = reachback("library", "deprecate", "R000001", "--by", "Eve", "--because", "wrong salt")
    assert ended.code == 0
    assert reachback("library", "release", "--by", "Ann").code == 0
    told = reachback("library", "diff", "lab-1", "lab-2")
    assert "0 references added, 0 corrected, 1 gone" in told.out
    assert "Gone: R000001 (ftir, alpha, base): wrong salt; no reference of alpha is left." in told.out
    assert json.loads(reachback("library", "diff", "lab-1", "lab-2", "--json").out)["after"] == "lab-2"
    assert reachback("library", "diff", "lab-1", "lab-9").code == 2


def test_an_export_names_what_stayed(first: Path, reachback: Command, tmp_path: Path) -> None:
    ended = reachback("library", "export", "lab-1", "--out", tmp_path / "out")
    assert (ended.code, "4 references, signed; 5 may not be passed on" in ended.out) == (0, True)
    assert "left out: R000002 (beta)" in ended.err
    assert re.search("key fingerprint: [0-9a-f]{16};", ended.out)
    assert reachback("library", "show", tmp_path / "out").code == 0


def test_a_check_ends_with_its_verdict_and_its_report(
    first: Path, made: Path, reachback: Command, tmp_path: Path
) -> None:
    assert reachback("library", "check", "lab-1").code == 0
    assert reachback("library", "check").code == 0
    (made / "twin.jdx").write_text((made / "alpha.jdx").read_text(encoding="utf-8") + "$$\n", encoding="utf-8")
    manifest = made / "manifest.csv"
    row = next(line for line in manifest.read_text(encoding="utf-8").splitlines() if line.startswith("alpha.jdx"))
    twin = row.replace("alpha.jdx,alpha", "twin.jdx,omega")
    manifest.write_text(manifest.read_text(encoding="utf-8") + twin + "\n", encoding="utf-8")
    ended = reachback("library", "check", made, "--report", tmp_path / "report.html")
    assert ended.code == 1
    assert "[label:alpha.jdx+twin.jdx]" in ended.out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Check failed." in page
    assert page.count("<svg") >= 2
    reported = reachback("library", "check", made, "--report", tmp_path / "report.json", "--json")
    assert json.loads(reported.out) == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    stored = json.loads(reported.out)
    assert (stored["schema"], stored["passed"]) == ("reachback.library-check/1", False)
    assert reachback("library", "propose", made, "--by", "Ann").code == 0
    assert reachback("library", "review", "--all", "--by", "Bob").code == 0
    refused = reachback("library", "release", "--by", "Ann")
    assert (refused.code, "[label:R000001+R000010]" in refused.err) == (2, True)
    settled = reachback("library", "settle", "label:R000001+R000010", "--by", "Eve", "--because", "the same substance")
    assert settled.code == 0
    assert reachback("library", "release", "--by", "Ann").out.startswith("lab-2: released")


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    made: Path, reachback: Command, tmp_path: Path
) -> None:
    for name in ("report.pdf", "nowhere/report.html"):
        ended = reachback("library", "check", made, "--report", tmp_path / name)
        assert (ended.code, "cannot be written" in ended.err or "does not exist" in ended.err) == (2, True)


def test_the_same_check_gives_the_same_page(made: Path, reachback: Command, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        assert reachback("library", "check", made, "--report", tmp_path / name).code == 0
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("propose", ".", "--by", "Ann"),
        ("release", "--by", "Ann"),
        ("list", "--releases"),
        ("show", "R000001"),
    ],
)
def test_without_a_store_every_command_says_how_to_make_one(
    command: tuple[str, ...], reachback: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACHBACK_LIBRARY_STORE", str(tmp_path / "nowhere"))
    ended = reachback("library", *command)
    assert (ended.code, "reachback library init" in ended.err) == (2, True)


def test_wrong_usage_is_refused(store: Path, reachback: Command) -> None:
    assert reachback("library", "review", "--by", "Bob").code == 2
    assert reachback("library", "list", "--state", "lost").code == 2
    assert reachback("library", "propose", "R000001", "--by", "Ann").code == 2
    assert "no release yet" in reachback("library", "list", "--releases").out


def test_open_questions_are_decided_by_pattern_and_by_table(store: Path, reachback: Command, tmp_path: Path) -> None:
    files = {f"{n}.jdx": block(f"made {n}", n, __INCHIKEY=KEY.replace("A", chr(65 + n), 1)) for n in range(4)}
    out, filled = tmp_path / "out", tmp_path / "open.csv"
    reachback("library", "import", "jcamp", write_zip(tmp_path / "a.zip", files), "--out", out)
    refused = reachback("library", "propose", out, "--by", "Ann")
    assert (refused.code, "4 refused" in refused.out) == (3, True)
    assert "4 open questions: 4 status_not_stated" in reachback("library", "decide", out).out
    one = ("library", "decide", out, "--substance", "made 0", "--controlled", "yes", "--by", "Ann")
    assert (reachback(*one).code, reachback(*one, "--because", "list of 2026").code) == (2, 0)
    assert "3 open questions" in reachback("library", "decide", out, "--write", filled).out
    assert "may be filled already" in reachback("library", "decide", out, "--write", filled).err
    text = filled.read_text(encoding="utf-8")
    filled.write_text(text.replace(",,,\n", ",perhaps,,\n", 1), encoding="utf-8")
    bad = reachback("library", "decide", out, "--read", filled, "--by", "Ann")
    assert (bad.code, "line 2: controlled is 'perhaps'" in bad.err, "nothing was decided" in bad.err) == (3, True, True)
    filled.write_text(text.replace(",,,\n", ",no,,looked up\n"), encoding="utf-8")
    done = reachback("library", "decide", out, "--read", filled, "--by", "Ann")
    assert "3 questions about 3 references decided; 0 are open" in done.out
    assert "4 proposed" in reachback("library", "propose", out, "--by", "Ann").out
    shown = json.loads(reachback("library", "show", "R000001", "--json").out)
    assert (shown["controlled"], shown["decided"].startswith("status not stated: controlled, watched: list of")) == (
        True,
        True,
    )


def test_findings_are_settled_by_table_and_by_check(
    store: Path, made: Path, reachback: Command, tmp_path: Path
) -> None:
    text = (made / "alpha.jdx").read_text(encoding="utf-8")
    (made / "beta.jdx").write_text(text + "$$ typed again\n", encoding="utf-8")
    reachback("library", "propose", made, "--by", "Ann")
    assert reachback("library", "settle", "--by", "Ann", "--because", "x").code == 2
    filled = tmp_path / "findings.csv"
    assert "1 label" in reachback("library", "settle", "--write", filled).out
    assert "no row is filled" in reachback("library", "settle", "--read", filled, "--by", "Ann").out
    filled.write_text(filled.read_text(encoding="utf-8").replace(",,\n", ",R9,x\n"), encoding="utf-8")
    bad = reachback("library", "settle", "--read", filled, "--by", "Ann")
    assert (bad.code, "line 2: take_out is 'R9'" in bad.err) == (3, True)
    settled = reachback("library", "settle", "--check", "label", "--by", "Ann", "--because", "one lot")
    assert (settled.code, "settled: 1 open findings (1 label)" in settled.out) == (0, True)
    assert "no open finding fits" in reachback("library", "settle", "--check", "label", "--because", "x").out


def test_a_received_export_is_verified(first: Path, reachback: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    exported = reachback("library", "export", "lab-1", "--out", out)
    fingerprint = exported.out.partition("key fingerprint: ")[2][:16]
    good = reachback("library", "verify", out, "--key", fingerprint)
    assert (good.code, good.err, "is what was signed" in good.out, "as named" in good.out) == (0, "", True, True)
    assert "with --key" in reachback("library", "verify", "lab-1").out
    wrong = reachback("library", "verify", out, "--key", "0" * 16)
    assert (wrong.code, "not the one you named" in wrong.err) == (1, True)
    with (out / "manifest.csv").open("ab") as stream:
        stream.write(b"\n")
    bad = reachback("library", "verify", out, "--json")
    found = json.loads(bad.out)
    assert (bad.code, found["passed"], [each["what"] for each in found["problems"]]) == (1, False, ["manifest.csv"])
    assert "manifest.csv: it was changed" in reachback("library", "verify", out).err
    (out / "release.signature.json").write_text("[]", encoding="utf-8")
    assert reachback("library", "verify", out).code == 1
    assert reachback("library", "verify", tmp_path).code == 2


def test_a_watched_substance_without_a_reference_is_said(first: Path, reachback: Command, tmp_path: Path) -> None:
    stated = tmp_path / "stated"
    stated.mkdir()
    table = "substance,watch,source,date\nomega,yes,a source made for this test,2026-01-01\n"
    (stated / "substances.csv").write_text(table, encoding="utf-8")
    assert "1 statement about substances kept" in reachback("library", "propose", stated, "--by", "Ann").out
    assert "without a raman reference: beta, gamma " in reachback("library", "show", "lab-1").out
    assert reachback("library", "release", "--by", "Ann").code == 0
    assert "on the watch list without a ftir reference: omega" in reachback("library", "show", "lab-2").out
    shown = json.loads(reachback("library", "show", "lab-2", "--json").out)
    assert shown["watched_without_reference"] == {"raman": ["beta", "gamma", "omega"], "ftir": ["omega"]}
    plain = reachback("library", "show", "R000001").out
    digest = json.loads(reachback("library", "show", "R000001", "--json").out)["sha256"]
    assert digest in "".join(plain.split())
