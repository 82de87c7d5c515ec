from __future__ import annotations

from pathlib import Path

import pytest

from reachback.errors import CasesRefused
from reachback.validation.cases import open_cases, read_case
from spectra.spectrum import Technique
from tests.reachback.validation.made_cases import make_cases, write_scan


def test_lines_become_cases_or_sentences(tmp_path: Path) -> None:
    folder = open_cases(make_cases(tmp_path / "cases"))
    assert [(case.file, case.truth) for case in folder.cases[:4]] == [
        ("a.jdx", ("alpha",)),
        ("b.jdx", ("BETA",)),
        ("ab.jdx", ("alpha", "beta")),
        ("s.jdx", ("stranger",)),
    ]
    assert folder.cases[0].basis == "made"
    assert folder.name == f"{tmp_path.name}/cases"
    assert folder.problems == (
        "expected.csv line 7: ../outside.jdx lies outside the folder; put the file into it",
        "expected.csv line 8: empty.jdx has no components; name what is in it, separated by semicolons",
    )
    scans = read_case(folder.cases[0])
    assert not isinstance(scans, str)
    assert scans[0].technique is Technique.FTIR
    refused = read_case(folder.cases[4])
    assert isinstance(refused, str)
    assert refused.startswith("broken.jdx: ")


def test_commas_separate_too_and_what_a_file_does_not_say_is_stated(tmp_path: Path) -> None:
    write_scan(tmp_path / "a.jdx", alpha=1.0)
    (tmp_path / "b.csv").write_text("\n".join(f"{400 + 10 * i},{i % 7}" for i in range(160)), encoding="utf-8")
    text = "\ufefffile,components,technique,laser_nm\r\na.jdx,alpha,,\r\nb.csv,beta;gamma,raman,785\r\n"
    (tmp_path / "expected.csv").write_text(text, encoding="utf-8")
    cases = open_cases(tmp_path).cases
    assert [case.truth for case in cases] == [("alpha",), ("beta", "gamma")]
    scans = read_case(cases[1])
    assert not isinstance(scans, str)
    assert (scans[0].technique, scans[0].laser_nm) == (Technique.RAMAN, 785.0)


def test_a_library_is_a_folder_of_cases(lab: Path) -> None:
    cases = open_cases(lab).cases
    assert {case.truth for case in cases} >= {("alpha",), ("beta",), ("ftir 2",), ("raman 0",)}
    assert all(case.reference is not None for case in cases)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "says nowhere what its scans are; add expected.csv"),
        (b"file;components\na;b\n", "lacks the column file in its first line"),
        (b"file,what\na,b\n", "lacks the column components in its first line"),
        (b"file,components\n\xff,b\n", "is not UTF-8"),
        (b"file,components\n", "names no case"),
    ],
)
def test_a_folder_that_says_nothing_is_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "expected.csv").write_bytes(content)
    with pytest.raises(CasesRefused, match=sentence):
        open_cases(tmp_path)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CasesRefused, match="is no folder"):
        open_cases(tmp_path / "nowhere")
