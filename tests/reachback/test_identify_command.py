from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectra.identify import identify
from tests.library.made_library import curve, jcamp
from tests.reachback.conftest import Command

REPOSITORY = Path(__file__).resolve().parents[2]
AXIS = np.arange(500.0, 3500.1, 4.0)


def refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def parsed(text: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text, parse_constant=refuse_constant)
    return made


def bad_inputs(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that cannot be identified, and what the sentence must say."""
    good = jcamp(AXIS, curve(0, AXIS))
    lines = good.splitlines()
    contents: dict[str, tuple[bytes, str]] = {
        "empty.jdx": (b"", "empty"),
        "report.pdf": (b"%PDF-1.7\n1 0 obj\n", "PDF"),
        "truncated.jdx": ("\n".join(lines[:30]).encode(), "truncated"),
        "nan.csv": (
            (
                "Raman shift (cm-1),Intensity\n"
                + "\n".join(f"{x:.0f},{'nan' if i == 40 else 1.0}" for i, x in enumerate(AXIS))
            ).encode(),
            "not finite",
        ),
        "bare.csv": (
            "\n".join(f"{x:.0f},{y:.5f}" for x, y in zip(AXIS, curve(0, AXIS), strict=True)).encode(),
            "technique",
        ),
        "nm.csv": (
            (
                "Wavelength (nm),Intensity (counts)\n"
                + "\n".join(f"{800 + i * 0.1:.2f},{y:.5f}" for i, y in enumerate(curve(0, AXIS)))
            ).encode(),
            "technique",
        ),
        "elsewhere.jdx": (jcamp(np.arange(4500.0, 7000.0, 4.0), np.ones(625)).encode(), "too little"),
    }
    made = {}
    for name, (content, said) in contents.items():
        (folder / name).write_bytes(content)
        made[name] = (folder / name, said)
    (folder / "folder").mkdir()
    made["folder"] = (folder / "folder", "folder")
    made["missing.jdx"] = (folder / "missing.jdx", "no such file")
    return made


def test_a_scan_gets_its_verdict_as_text(reachback: Command, lab: Path, scan: Path) -> None:
    ended = reachback("identify", scan, "--library", lab)
    assert (ended.code, ended.err) == (0, "")
    assert "alpha (base)" in ended.out
    assert "PRESUMPTIVE – not confirmed" in ended.out


def test_json_holds_the_same_and_nothing_else(reachback: Command, lab: Path, scan: Path) -> None:
    ended = reachback("identify", scan, "--library", lab, "--json")
    assert (ended.code, ended.err) == (0, "")
    made = parsed(ended.out)
    assert (made["schema"], made["errors"]) == ("reachback.identification/1", [])
    (result,) = made["results"]
    assert result["scan"]["file"] == str(scan)
    assert [part["substance"] for part in result["components"]] == ["alpha"]
    assert result["library"]["name"] == "lab"
    assert result["timing_ms"]["total"] > 0.0


def test_every_bad_file_has_its_sentence_and_the_good_ones_their_verdict(
    reachback: Command, lab: Path, scan: Path, tmp_path: Path
) -> None:
    bad = bad_inputs(tmp_path)
    ended = reachback("identify", scan, *[path for path, _ in bad.values()], scan, "--library", lab, "--json")
    assert ended.code == 3
    made = parsed(ended.out)
    assert [result["scan"]["file"] for result in made["results"]] == [str(scan), str(scan)]
    errors = {error["file"]: error["error"] for error in made["errors"]}
    assert set(errors) == {str(path) for path, _ in bad.values()}
    for path, said in bad.values():
        assert said.casefold() in errors[str(path)].casefold(), (path.name, errors[str(path)])
        assert "fault of this program" not in errors[str(path)]
        (line,) = [line for line in ended.err.splitlines() if line.startswith(f"{path}: ")]
        assert line == f"{path}: {errors[str(path)]}"


@pytest.mark.parametrize("name", ["empty.jdx", "report.pdf", "truncated.jdx", "folder", "missing.jdx", "bare.csv"])
def test_one_bad_file_alone_ends_with_3_and_an_empty_result(
    reachback: Command, lab: Path, tmp_path: Path, name: str
) -> None:
    path, _ = bad_inputs(tmp_path)[name]
    ended = reachback("identify", path, "--library", lab, "--json")
    assert ended.code == 3
    assert parsed(ended.out)["results"] == []
    assert len(ended.err.splitlines()) == 1


def test_what_is_stated_is_used_and_recorded(reachback: Command, lab: Path, tmp_path: Path) -> None:
    bare, _ = bad_inputs(tmp_path)["bare.csv"]
    ended = reachback(
        "identify", bare, "--library", lab, "--technique", "FTIR", "--mode", "ATR", "--y-units", "absorbance", "--json"
    )
    assert ended.code == 0, ended.err
    (result,) = parsed(ended.out)["results"]
    assert result["scan"]["technique"] == "ftir"
    assert result["scan"]["mode"] == "ATR"
    assert set(result["scan"]["stated_by_user"]) >= {"technique", "mode"}


def test_wavelengths_need_a_laser_and_with_it_are_identified(reachback: Command, lab: Path, tmp_path: Path) -> None:
    shifts = np.arange(300.0, 1900.0, 3.0)
    rows = "\n".join(
        f"{1e7 / (1e7 / 785.0 - shift):.5f},{value:.6f}"
        for shift, value in zip(shifts, curve(100, shifts) * 1000.0, strict=True)
    )
    path = tmp_path / "nm.csv"
    path.write_text(f"Wavelength (nm),Intensity (counts)\n{rows}\n", encoding="utf-8")
    stated = ["identify", path, "--library", lab, "--technique", "raman", "--json"]
    refused = reachback(*stated)
    assert refused.code == 3
    assert "laser" in parsed(refused.out)["errors"][0]["error"]
    identified = reachback(*stated, "--laser", "785")
    assert identified.code == 0
    (result,) = parsed(identified.out)["results"]
    assert [part["substance"] for part in result["components"]] == ["raman 0"]


def raman_csv(folder: Path, name: str, seed: int) -> Path:
    """A substance of the made Raman library, by an instrument whose axis reads up to 13 cm^-1 too high."""
    true = np.arange(300.0, 1998.0, 1.5)
    reads = true + 13.0 * ((true - 300.0) / 1700.0) ** 2
    lines = [f"{x:.2f},{y:.6f}" for x, y in zip(reads, curve(seed, true), strict=True)]
    path = folder / name
    path.write_text("Raman shift (cm-1),Intensity\n" + "\n".join(lines), encoding="utf-8")
    return path


def test_the_scan_of_a_standard_puts_others_on_the_right_axis(reachback: Command, lab: Path, tmp_path: Path) -> None:
    scan, standard = raman_csv(tmp_path, "scan.csv", 102), raman_csv(tmp_path, "standard.csv", 100)
    corrected = ("--standard", standard, "--standard-is", "Raman 0")
    ended = reachback("identify", scan, "--library", lab, *corrected, "--json")
    assert ended.code == 0
    (result,) = parsed(ended.out)["results"]
    assert [part["substance"] for part in result["components"]] == ["raman 2"]
    assert "axis_corrected" in result["quality"]["flags"]
    assert "by the instrument's scan of raman 0" in " ".join(result["reasons"])
    wrong = reachback("identify", scan, "--library", lab, "--standard", scan, "--standard-is", "raman 0")
    assert (wrong.code, wrong.out) == (2, "")
    assert "does not show raman 0" in wrong.err


def test_a_technique_the_library_lacks_is_said(reachback: Command, lab: Path, scan: Path, tmp_path: Path) -> None:
    manifest = (lab / "manifest.csv").read_text(encoding="utf-8").splitlines()
    only = tmp_path / "only"
    only.mkdir()
    (only / "raman.npz").write_bytes((lab / "raman.npz").read_bytes())
    rows = [manifest[0], *[line for line in manifest if line.startswith("raman.npz")]]
    (only / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    ended = reachback("identify", scan, "--library", only)
    assert ended.code == 3
    assert "ftir scan" in ended.err
    assert "only raman references" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--library", "NOWHERE"], "no such folder"),
        (["--library", "EMPTY"], "manifest.csv"),
        (["--library", "SCAN"], "is a file"),
        (["--technique", "xrf"], "raman or ftir"),
        (["--laser", "5"], "100 and 3000 nm"),
        (["--laser", "nan"], "100 and 3000 nm"),
        (["--laser", "red"], "'--laser'"),
        (["--y-units", "apples"], "apples"),
        (["--plot", "picture.gif"], ".svg"),
        (["--plot", "nowhere/picture.svg"], "does not exist"),
        (["--colour"], "--colour"),
        (["--standard", "SCAN"], "belong together"),
        (["--standard-is", "polystyrene"], "belong together"),
        (["--standard", "NOWHERE", "--standard-is", "polystyrene"], "no such file"),
        (["--standard", "SCAN", "--standard-is", "polystyrene"], "Raman only"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_sentence(
    reachback: Command, scan: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"NOWHERE": tmp_path / "nowhere", "EMPTY": tmp_path / "empty", "SCAN": scan}
    ended = reachback("identify", scan, *[places.get(argument, argument) for argument in arguments], "--json")
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert said in line


def test_no_file_at_all_is_wrong_usage(reachback: Command) -> None:
    ended = reachback("identify")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_the_library_can_be_set_in_the_environment(
    reachback: Command, lab: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACHBACK_LIBRARY", str(lab))
    assert parsed(reachback("identify", scan, "--json").out)["results"][0]["library"]["name"] == "lab"


def test_a_fault_of_our_own_is_one_sentence_and_the_other_files_are_answered(
    reachback: Command, lab: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def faulty(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("in the middle\nof a line")
        return identify(*arguments)

    monkeypatch.setattr("reachback.identifying.identify", faulty)
    ended = reachback("identify", scan, scan, "--library", lab, "--json")
    assert ended.code == 3
    made = parsed(ended.out)
    assert len(made["results"]) == 1
    assert "fault of this program (ZeroDivisionError: in the middle of a line)" in made["errors"][0]["error"]


def test_a_fault_outside_any_file_ends_with_70(
    reachback: Command, lab: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("reachback.identification_json.identification_as_json", faulty)
    ended = reachback("identify", scan, "--library", lab, "--json")
    assert ended.code == 70
    assert "please report" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_pictures(reachback: Command, lab: Path, scan: Path, tmp_path: Path) -> None:
    picture = tmp_path / "v.svg"
    ended = reachback("identify", *[scan] * 13, "--library", lab, "--json", "--plot", picture)
    assert ended.code == 0
    assert "the first 12 of 13 scans" in ended.err
    assert picture.read_text(encoding="utf-8").count("<svg") == 1
    parsed(ended.out)
    nothing = reachback("identify", tmp_path, "--library", lab, "--plot", tmp_path / "none.svg")
    assert nothing.code == 3
    assert "was not drawn" in nothing.err
    assert not (tmp_path / "none.svg").exists()


def process(code: str, *arguments: object, cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REACHBACK_CACHE_DIR": str(cache), "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, *(["-c", code] if code else ["-m", "reachback"]), *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["identify", "--help"], ["library", "build", "--help"]]
)
def test_version_and_help_are_quick(arguments: list[str], session_cache: Path) -> None:
    code = (
        "import sys\nfrom reachback.commands.app import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "heavy = {'numpy', 'scipy', 'matplotlib', 'fastapi', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ended = process(code, *arguments, cache=session_cache)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "reachback" in ended.stdout


def test_identify_loads_neither_the_web_stack_nor_the_drawing_library(
    lab: Path, scan: Path, session_cache: Path
) -> None:
    code = (
        "import sys\nfrom reachback.commands.app import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "heavy = {'matplotlib', 'fastapi', 'starlette', 'sqlalchemy', 'uvicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ended = process(code, "identify", scan, "--library", lab, cache=session_cache)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(("arguments", "code"), [(["{scan}"], 0), (["--nonsense"], 2), (["{scan}", "missing.jdx"], 3)])
def test_the_real_command_ends_with_the_codes_of_the_contract(
    lab: Path, scan: Path, session_cache: Path, arguments: list[str], code: int
) -> None:
    told = [argument.format(scan=scan) for argument in arguments]
    ended = process("", "identify", *told, "--library", lab, "--json", cache=session_cache)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    if code != 2:
        assert len(parsed(ended.stdout)["results"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_a_reader_that_goes_away_is_no_error(
    lab: Path, scan: Path, session_cache: Path, json_option: list[str]
) -> None:
    command = [sys.executable, "-m", "reachback", "identify", str(scan), "--library", str(lab), *json_option]
    environment = {**os.environ, "REACHBACK_CACHE_DIR": str(session_cache), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complaint = running.stderr.read().decode()
        running.wait(timeout=120)
    assert complaint == ""
    assert running.returncode == 141
