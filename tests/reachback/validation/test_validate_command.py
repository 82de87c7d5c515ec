from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reachback import __version__
from reachback.validation.trials import Amount
from tests.reachback.conftest import Command
from tests.reachback.validation.made_cases import make_cases, write_scan

FEW = Amount(pure=1, mixtures=1, clean=2, traces=1, spikes=1, left_out=1)


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("reachback.validation.trials.QUICK", FEW)
    return make_cases(tmp_path / "cases")


def validated(reachback: Command, lab: Path, cases: Path, report: Path, *others: object) -> tuple[int, str]:
    ended = reachback("validate", "--library", lab, "--cases", cases, "--report", report, "--quick", *others)
    assert str(report) in ended.out
    return ended.code, ended.err


def loaded(report: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return made


def test_json_holds_every_figure_and_a_broken_file_keeps_no_other_from_its_own(
    reachback: Command, lab: Path, cases: Path, tmp_path: Path
) -> None:
    code, said = validated(reachback, lab, cases, tmp_path / "r.json", "--processes", 1)
    made = loaded(tmp_path / "r.json")
    assert code == (1 if made["missed"] else 3)
    assert len([line for line in said.splitlines() if line.startswith("broken.jdx: ")]) == 1
    assert len(made["not_judged"]) == 3
    assert (made["schema"], made["engine"]) == ("reachback.validation/1", __version__)
    assert made["library"]["digest"]
    assert (made["seed"], made["half"], made["quick"], made["presumptive"]) == (1, "all", True, True)
    kinds = [(section["technique"], section["simulated"]) for section in made["sections"]]
    assert sorted(kinds) == [("ftir", False), ("ftir", True), ("raman", True)]
    measured = next(section for section in made["sections"] if not section["simulated"])
    assert measured["data"].endswith("/cases")
    assert measured["calibration"]
    figures = measured["figures"]
    assert figures["scans"] == 4
    assert figures["naming"][0]["right"]["hits"] == 2
    assert figures["naming"][0]["right"]["interval"] == pytest.approx([0.1581, 1.0], abs=1e-4)
    assert figures["mixtures"][0]["recall"] == {**figures["mixtures"][0]["recall"], "hits": 2, "of": 2}
    assert figures["foreign"][0]["refused"]["hits"] == 1


def test_more_processes_find_the_same(reachback: Command, lab: Path, cases: Path, tmp_path: Path) -> None:
    found = []
    for processes in (1, 2):
        validated(reachback, lab, cases, tmp_path / f"{processes}.json", "--processes", processes)
        found.append(loaded(tmp_path / f"{processes}.json")["sections"])
    assert found[0] == found[1]


def test_a_report_is_read_by_people(reachback: Command, lab: Path, cases: Path, tmp_path: Path) -> None:
    for name in ("r.md", "r.html"):
        validated(reachback, lab, cases, tmp_path / name, "--processes", 1, "--half", "all")
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    for words in (
        "presumptive",
        "FTIR, simulated scans",
        "FTIR, measured scans",
        "Left out of the library",
        "Look-alikes",
    ):
        assert words in text
    pictures = sorted(path.name for path in tmp_path.glob("r-*.svg"))
    assert "r-ftir-simulated-detection.svg" in pictures
    assert all(f"]({name})" in text for name in pictures)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(pictures)
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )


def test_the_code_says_whether_goals_were_missed(reachback: Command, lab: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder, truth in ((good, "alpha"), (bad, "beta")):
        folder.mkdir()
        write_scan(folder / "a.jdx", alpha=1.0)
        (folder / "expected.csv").write_text(f"file,components\na.jdx,{truth}\n", encoding="utf-8")
    assert validated(reachback, lab, good, tmp_path / "good.json", "--measured-only") == (0, "")
    code, said = validated(reachback, lab, bad, tmp_path / "bad.json", "--measured-only")
    assert code == 1
    assert "missed (ftir, measured): pure, other instrument: named right, 0 of 1 = 0.00 % (0.00 % to 97.5 %)" in said
    missed = {entry["goal"] for entry in loaded(tmp_path / "bad.json")["missed"]}
    assert missed == {"pure_right", "pure_wrong"}


def test_the_library_itself_proves_nothing(
    reachback: Command, lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reachback.validation.trials.QUICK", FEW)
    _, said = validated(reachback, lab, lab, tmp_path / "r.json", "--processes", 1)
    assert "9 of the cases are files of the library itself" in said
    assert all(section["simulated"] for section in loaded(tmp_path / "r.json")["sections"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--report", "r.txt"), "must end in .json, .html, .md"),
        (("--report", "nowhere/r.json"), "lies in a folder that does not exist"),
        (("--report", "r.json", "--half", "third"), "--half is one of all, even, odd"),
        (("--report", "r.json", "--cases", "nowhere"), "nowhere is no folder"),
        (("--report", "r.json", "--library", "nowhere"), "nowhere is no library"),
    ],
)
def test_wrong_usage_is_one_sentence(
    reachback: Command,
    lab: Path,
    cases: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = reachback("validate", "--library", lab, "--cases", cases, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1
