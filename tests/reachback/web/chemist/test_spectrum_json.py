"""What the spectrum view is given: the machine's own fit made again, any other set, and no word more for the blind."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from device_adapters.stated import Stated
from library.model import OpenLibrary
from library.opening import open_library, starter_folder
from reachback.identifying import Verdict, identify_bytes
from reachback.problems import Unprocessable
from reachback.web.chemist.opened_scans import OpenedScan, ScanBench, fit_of, rows_named
from reachback.web.chemist.spectrum_json import fit_as_json, ranked, reference_as_json, scan_as_json
from spectra.question import Question
from spectra.spectrum import Technique
from tests.journeys.made_scans import fentanyl_scan
from tests.reachback.web.chemist.test_packed_curves import unpacked

EXAMPLES = starter_folder() / "examples"
CUT = (EXAMPLES / "ftir_cut_drug.jdx").read_bytes()


@pytest.fixture(scope="module")
def library() -> OpenLibrary:
    return open_library(None)


@pytest.fixture(scope="module")
def bench(library: OpenLibrary) -> ScanBench:
    return ScanBench(lambda: library)


def opened(bench: ScanBench, content: bytes, name: str = "a.jdx") -> OpenedScan:
    return bench.opened({"index": 0}, f"sha of {hash(content)}", name, lambda: content)


def question(scan: OpenedScan) -> Question:
    assert scan.question is not None
    return scan.question


def verdict(content: bytes, library: OpenLibrary, name: str = "a.jdx") -> Any:
    answer = identify_bytes(content, name, library, Stated())[0]
    assert isinstance(answer, Verdict)
    return answer.identification


@pytest.mark.parametrize("content", [CUT, fentanyl_scan()], ids=["cocaine, lactose, caffeine", "fentanyl, mannitol"])
def test_the_machines_set_gives_the_machines_shares_and_bands(
    bench: ScanBench, library: OpenLibrary, content: bytes
) -> None:
    said = verdict(content, library)
    scan = opened(bench, content)
    rows = rows_named([part.reference for part in said.components], question(scan))
    fit = fit_as_json(scan, rows, library)
    assert [part["share"] for part in fit["parts"]] == pytest.approx([part.share for part in said.components])
    ends = [end for part in fit["parts"] for end in part["share_interval"]]
    assert ends == pytest.approx([end for part in said.components for end in part.share_interval])
    assert [part["matched"] for part in fit["parts"]] == [list(bands) for bands in said.explanation.matched]
    assert fit["unexplained"]["share"] == pytest.approx(said.unexplained.share)


def test_scan_fit_and_rest_add_up_as_drawn(bench: ScanBench, library: OpenLibrary) -> None:
    scan = opened(bench, CUT)
    asked = question(scan)
    rows = rows_named(["ftir/cocaine.jdx", "ftir/lactose.jdx"], asked)
    fit = fit_as_json(scan, rows, library)
    window = asked.window(rows)
    curve = asked.ready.curve[window]
    assert unpacked(fit["fit"]) + unpacked(fit["residual"]) == pytest.approx(curve, abs=2e-4 * float(np.ptp(curve)))


def test_what_is_left_out_is_asked_for_and_then_fits(bench: ScanBench, library: OpenLibrary) -> None:
    scan = opened(bench, CUT)
    asked = question(scan)
    fit = fit_as_json(scan, rows_named(["ftir/cocaine.jdx", "ftir/lactose.jdx"], asked), library)
    assert fit["suggestions"][0]["reference"] == "ftir/caffeine.jdx"
    names = ["ftir/cocaine.jdx", "ftir/lactose.jdx", "ftir/caffeine.jdx"]
    whole = fit_as_json(scan, rows_named(names, asked), library)
    assert whole["misfit"] < 0.5 * fit["misfit"]
    assert whole["unexplained"]["share"] < fit["unexplained"]["share"]
    for part in whole["parts"]:
        rivals = [rival["evidence"] for rival in part["in_its_place"]]
        assert all(evidence < part["evidence"] for evidence in rivals), "each stands before what could take its place"


def test_a_fit_takes_well_under_a_second(bench: ScanBench, library: OpenLibrary) -> None:
    scan = opened(bench, CUT)
    rows = list(range(1, 9))
    began = time.perf_counter()
    fit_as_json(scan, rows, library)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("rows", "why"),
    [([], "choose at least one"), (list(range(9)), "9 references are too many")],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(
    bench: ScanBench, library: OpenLibrary, rows: list[int], why: str
) -> None:
    with pytest.raises(Unprocessable, match=why):
        fit_of(opened(bench, CUT), rows, library)


def test_a_scan_alone_says_nothing_of_what_it_might_be(bench: ScanBench) -> None:
    shown = scan_as_json(opened(bench, CUT))
    assert shown["reversed"] is True
    assert shown["judged"]["slope_window"] > 0
    assert not any(word in str(shown).casefold() for word in ("cocaine", "lactose", "caffeine"))
    raman = scan_as_json(opened(bench, (EXAMPLES / "raman_unknown.jdx").read_bytes()))
    assert raman["reversed"] is False


def test_a_reference_comes_with_its_bands(bench: ScanBench) -> None:
    asked = question(opened(bench, CUT))
    row = rows_named(["ftir/cocaine.jdx"], asked)[0]
    shown = reference_as_json(asked, row)
    assert shown["name"] == "cocaine (hydrochloride)"
    assert any(abs(band - 1728) <= 4 for band in shown["bands"])
    assert unpacked(shown["curve"]).size == asked.window([row]).stop - asked.window([row]).start


def test_a_scan_that_the_machine_refused_has_its_nearest_references_all_the_same(bench: ScanBench) -> None:
    noisy = opened(bench, (EXAMPLES / "ftir_unusable.jdx").read_bytes())
    hits = ranked(question(noisy))
    assert hits
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_a_scan_is_opened_once(bench: ScanBench) -> None:
    first = bench.opened({"index": 0}, "once", "a.jdx", lambda: CUT)
    again = bench.opened({"index": 0}, "once", "a.jdx", lambda: pytest.fail("read twice"))
    assert again is first
    assert first.spectrum.technique is Technique.FTIR


def test_bytes_that_are_no_scan_any_more_are_refused(bench: ScanBench) -> None:
    with pytest.raises(Unprocessable, match="cannot be read any more"):
        bench.opened({"index": 0}, "spoilt", "a.jdx", lambda: b"nothing of the kind")


def test_a_library_without_the_technique_leaves_the_curve(library: OpenLibrary) -> None:
    only = {Technique.RAMAN: library.sets[Technique.RAMAN]}
    cut = replace(library, sets=only, calibrations={Technique.RAMAN: library.calibrations[Technique.RAMAN]})
    scan = ScanBench(lambda: cut).opened({"index": 0}, "x", "a.jdx", lambda: CUT)
    assert scan.question is None
    assert scan_as_json(scan)["why_not"] == "the library has no ftir references"
    with pytest.raises(Unprocessable, match="nothing can be fitted here"):
        fit_of(scan, [0], cut)
