"""Duplicates, labels, look-alikes and mixtures among references of which one is known to be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from library.qc.findings import Finding, Level
from library.qc.whole import Checked, check_sets
from spectra.compilation import compile_references
from spectra.reference import Grade, Reference
from spectra.spectrum import Technique
from tests.library.qc.made_references import FTIR_AXIS, curve, drawn, reference


def noise(seed: int, sigma: float = 0.002) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, sigma, FTIR_AXIS.size)


def checked(*references: Reference, settled: dict[str, str] | None = None) -> Checked:
    return check_sets({Technique.FTIR: compile_references(references)}, settled=settled)


def only(found: Checked, check: str) -> Finding:
    (finding,) = [each for each in found.findings if each.check == check]
    return finding


def test_different_substances_are_no_finding() -> None:
    found = checked(*drawn(range(12)))
    assert found.findings == ()
    assert found.blocking == ()


def test_one_curve_under_two_names_is_a_conflict_until_settled() -> None:
    others = drawn(range(1, 8))
    twin = reference("twin", curve(1, FTIR_AXIS) * 3.0)
    found = checked(*others, twin)
    conflict = only(found, "label")
    assert (conflict.level, set(conflict.references)) == (Level.CONFLICT, {"s1", "twin"})
    assert "the same curve under two names" in conflict.words
    assert conflict.key == "label:s1+twin"
    assert found.blocking == (conflict,)
    settled = checked(*others, twin, settled={"label:s1+twin": "two names of one substance"})
    assert settled.blocking == ()
    assert "settled: two names of one substance" in only(settled, "label").words


def test_the_same_curve_twice_and_nearly_twice() -> None:
    first = reference("a1", curve(1, FTIR_AXIS), substance="alpha")
    again = reference("a2", curve(1, FTIR_AXIS) * 0.5, substance="alpha")
    other = reference("a3", curve(1, FTIR_AXIS) + noise(5, 0.006), substance="alpha")
    found = checked(*drawn(range(2, 8)), first, again, other)
    assert only(found, "duplicate").references == ("a1", "a2")
    assert {each.level for each in found.findings if each.check == "near_duplicate"} == {Level.NOTE}
    calls = found.techniques[Technique.FTIR].calls
    assert (calls.asked, calls.right) == (3, 3)


def test_two_forms_that_look_the_same_are_asked_about() -> None:
    base = reference("a1", curve(1, FTIR_AXIS), substance="alpha", form="base")
    salt = reference("a2", curve(1, FTIR_AXIS) + noise(5), substance="alpha", form="hydrochloride")
    finding = only(checked(*drawn(range(2, 8)), base, salt), "form")
    assert (finding.level, finding.references) == (Level.WARNING, ("a1", "a2"))


def test_a_wrong_label_is_called_by_its_right_name() -> None:
    alpha = [reference(f"a{n}", curve(1, FTIR_AXIS) + noise(n, 0.02), substance="alpha") for n in range(3)]
    # Alike enough to alpha to be asked about, and much more alike to beta.
    mixed = 0.45 * curve(1, FTIR_AXIS) + 0.55 * curve(11, FTIR_AXIS)
    beta = [reference(f"b{n}", mixed + noise(30 + n, 0.004), substance="beta") for n in range(2)]
    wrong = reference("wrong", mixed + noise(77, 0.004), substance="alpha")
    found = checked(*drawn(range(20, 26)), *alpha, *beta, wrong)
    asked = [each for each in found.findings if each.check == "called_otherwise"]
    assert [each.references[0] for each in asked if each.references[0] == "wrong"] == ["wrong"]
    assert "calls wrong beta" in next(each.words for each in asked if each.references[0] == "wrong")
    calls = found.techniques[Technique.FTIR].calls
    assert calls.right < calls.asked


def test_a_drawn_table_beside_its_measurement_blocks_nothing() -> None:
    table = reference("table", curve(1, FTIR_AXIS) + noise(2), substance="one", grade=Grade.BAND_TABLE)
    found = checked(*drawn(range(1, 8)), table)
    assert only(found, "label").level is Level.WARNING
    assert found.blocking == ()


def test_a_cut_sample_is_suspected_with_its_two_parts() -> None:
    cut = reference("cut", 0.6 * curve(1, FTIR_AXIS) + 0.4 * curve(11, FTIR_AXIS) + noise(9), substance="s1")
    found = checked(*drawn([1, 11, 21, 31, 41, 51]), cut)
    (suspect,) = found.techniques[Technique.FTIR].mixtures
    references = found.techniques[Technique.FTIR].references
    assert {references.entries[row].id for row in suspect.parts} == {"s1", "s11"}
    share = dict(zip([references.entries[row].id for row in suspect.parts], suspect.shares, strict=True))
    assert share["s1"] == pytest.approx(0.6, abs=0.12)
    assert only(found, "mixture").references[0] == "cut"


@pytest.mark.parametrize(
    ("part", "told_apart_from"), [(0.0, [None]), (0.005, [1000.0]), (0.01, [300.0]), (0.03, [100.0]), (0.1, [])]
)
def test_the_more_alike_a_pair_the_better_the_scan_it_takes(part: float, told_apart_from: list[float | None]) -> None:
    pair = [curve(1, FTIR_AXIS), (1 - part) * curve(1, FTIR_AXIS) + part * curve(11, FTIR_AXIS)]
    found = checked(*drawn(range(20, 26)), *(reference(f"p{number}", each) for number, each in enumerate(pair)))
    pairs = found.techniques[Technique.FTIR].look_alikes
    assert [each.told_apart_from for each in pairs] == told_apart_from
    words = [each.words for each in found.findings if each.check == "look_alike"]
    assert all("can be told apart" in each for each in words)
    assert len(words) == len(told_apart_from)


def test_only_what_is_new_is_asked_about() -> None:
    twins = [reference("old1", curve(1, FTIR_AXIS)), reference("old2", curve(1, FTIR_AXIS) * 2.0)]
    new = reference("new", curve(5, FTIR_AXIS))
    whole = compile_references([*twins, *drawn([21, 31]), new])
    found = check_sets({Technique.FTIR: whole}, only={Technique.FTIR: np.array([4])})
    assert [each for each in found.findings if each.is_blocking] == []
