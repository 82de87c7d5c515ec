from __future__ import annotations

import json
from pathlib import Path

from tests.reachback.conftest import Command


def test_inspect_shows_what_is_written(reachback: Command, scan: Path, tmp_path: Path) -> None:
    ended = reachback("inspect", scan)
    assert (ended.code, ended.err) == (0, "")
    assert "jcamp-dx" in ended.out
    assert "500 to 3500 cm-1" in ended.out


def test_inspect_json_has_an_entry_for_every_file(reachback: Command, scan: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    ended = reachback("inspect", scan, tmp_path, tmp_path / "empty", tmp_path / "missing", "--json")
    assert ended.code == 3
    made = json.loads(ended.out)
    assert made["schema"] == "reachback.inspection/1"
    assert [file["file"] for file in made["files"]] == [
        str(scan),
        str(tmp_path),
        str(tmp_path / "empty"),
        str(tmp_path / "missing"),
    ]
    assert [bool(file["error"]) for file in made["files"]] == [False, True, True, True]
    (spectrum,) = made["files"][0]["spectra"]
    assert (spectrum["technique"], spectrum["n_points"], spectrum["x_units"]) == ("ftir", 751, "cm-1")
    assert len(ended.err.splitlines()) == 3


def test_a_built_library_answers_as_its_folder(reachback: Command, lab: Path, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    built = reachback("library", "build", lab, "--out", out)
    assert (built.code, built.err) == (0, "")
    assert "3 raman, 6 ftir references" in built.out
    answers = []
    for library in (lab, out):
        result = json.loads(reachback("identify", scan, "--library", library, "--json").out)["results"][0]
        del result["timing_ms"]
        answers.append(result)
    assert answers[0] == answers[1]


def test_a_build_is_refused_with_every_bad_row(reachback: Command, lab: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    manifest = (lab / "manifest.csv").read_text(encoding="utf-8")
    (tmp_path / "bad" / "manifest.csv").write_text(manifest, encoding="utf-8")
    ended = reachback("library", "build", tmp_path / "bad", "--out", tmp_path / "out")
    assert (ended.code, ended.out) == (2, "")
    assert "5 rows that cannot be used" in ended.err
    assert not (tmp_path / "out").exists()
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    ended = reachback("library", "build", lab, "--out", tmp_path / "taken")
    assert ended.code == 2
    assert "is no compiled library" in ended.err


def test_list_and_show(reachback: Command, lab: Path) -> None:
    listed = reachback("library", "list", lab)
    assert listed.code == 0
    assert "spectra.npz#2" in listed.out
    watched = json.loads(reachback("library", "list", lab, "--watched", "--json").out)["references"]
    assert [entry["substance"] for entry in watched] == ["beta", "gamma"]
    shown = reachback("library", "show", lab)
    assert shown.code == 0
    assert "6 references (6 measured) of 6 substances, 2 watched" in " ".join(shown.out.split())
    summary = json.loads(reachback("library", "show", lab, "--json").out)
    assert summary["techniques"]["raman"]["references"] == 3
    assert summary["digest"] in shown.out.replace("\n", "")


def test_show_finds_a_compiled_library_that_was_changed(reachback: Command, lab: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    reachback("library", "build", lab, "--out", out)
    assert reachback("library", "show", out).code == 0
    matrix = out / "raman.curves.npy"
    content = bytearray(matrix.read_bytes())
    content[-1] ^= 1
    matrix.write_bytes(content)
    ended = reachback("library", "show", out)
    assert (ended.code, ended.out) == (2, "")
    assert "raman.curves.npy was changed" in ended.err


def test_help_is_shown_where_no_command_is_named(reachback: Command) -> None:
    assert "identify" in reachback("--help").out
    assert "identify" in reachback().out + reachback().err


def test_the_demonstration_runs_through(reachback: Command) -> None:
    ended = reachback("demo", "--once")
    assert (ended.code, ended.err) == (0, "")
    for words in ("simulated", "(tentative)", "MIXTURE", "NO MATCH", "SCAN NOT USABLE", "What to try next"):
        assert words in ended.out, words
    assert "was expected" not in ended.out
    for step in ("Upload.", "Second reader.", "does not see", "The officer reads.", "nothing was kept"):
        assert step in ended.out, step
    assert "NOT the same bytes" not in ended.out
