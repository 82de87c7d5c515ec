"""Real files of real instruments, from bytes to a verdict and its picture."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from reachback.commands.app import run

Command = Callable[..., tuple[int, str, str]]

INSTRUMENTS = {
    "Metrohm Mira": ("handheld/mira_Scan00050.csv", ["--technique", "raman", "--laser", "785"]),
    "Perkin-Elmer 1800": ("jdx/PE1800.DX", []),
    "EZRaman": ("ascii/PST_AfCal_10min_532nm_EZI860.txt", ["--technique", "raman"]),
}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("REACHBACK_LIBRARY", raising=False)

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return int(str(ended.value.code)), written.out, written.err

    return call


@pytest.mark.slow
def test_a_file_of_each_instrument_gets_a_verdict_and_a_picture(
    shared_data: Path, tmp_path: Path, command: Command
) -> None:
    for instrument, (file, stated) in INSTRUMENTS.items():
        picture = tmp_path / f"{instrument}.svg"
        code, out, err = command("identify", shared_data / "device_files" / file, *stated, "--json", "--plot", picture)
        assert code == 0, (instrument, err)
        results = json.loads(out)["results"]
        assert results, instrument
        # The starter library holds band tables only: whatever it names is tentative and goes to a chemist.
        assert all(result["reach_back"] for result in results), instrument
        assert all(result["tentative"] for result in results if result["components"]), instrument
        assert ET.fromstring(picture.read_text(encoding="utf-8")).tag.endswith("svg")


@pytest.mark.slow
def test_a_measured_mixture_is_taken_apart(shared_data: Path, command: Command) -> None:
    liquids = shared_data / "raman_liquids"
    code, out, err = command(
        "identify", liquids / "mixtures" / "mix_01.jdx", "--library", liquids / "library", "--json"
    )
    assert code == 0, err
    (result,) = json.loads(out)["results"]
    assert result["outcome"] == "mixture"
    assert {part["substance"] for part in result["components"]} == {"diglyme", "methanol"}
    assert result["library"]["name"] == "library"
