"""The matching core on measured scans of others, which are not part of the project."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from device_adapters.reading import read
from device_adapters.spectrum_gate import Stated, as_spectrum
from spectra.compilation import compile_references
from spectra.identify import identify
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import Outcome
from tests.spectra.conftest import Measured
from tests.spectra.made_spectra import without

SETTLED = (Outcome.MATCH, Outcome.MIXTURE)
FENTANYLS = ("fentanyl-related", "fentanyl precursor")


def test_every_reference_is_a_match_with_its_own_name(ir_library: list[Reference], ir_set: ReferenceSet) -> None:
    assert len(ir_library) == 59
    for reference in ir_library:
        verdict = identify(reference.spectrum, ir_set)
        names = [component.substance for component in verdict.components]
        assert (verdict.outcome, names) == (Outcome.MATCH, [reference.entry.substance])


def test_left_out_no_substance_is_named(ir_library: list[Reference], ir_set: ReferenceSet) -> None:
    wrong, family_wrong, fentanyls = [], [], 0
    for reference in ir_library:
        verdict = identify(reference.spectrum, without(ir_set, reference.entry.substance))
        if verdict.outcome in SETTLED or verdict.components:
            wrong.append(reference.entry.substance)
        if reference.entry.substance_class in FENTANYLS:
            fentanyls += 1
            families = {verdict.class_hint, *(alert.group for alert in verdict.alerts)} - {None, *FENTANYLS}
            family_wrong += [reference.entry.substance] if families else []
    assert fentanyls == 7
    assert (wrong, family_wrong) == ([], [])


def test_of_120_other_substances_none_is_named(measured: Measured, ir_set: ReferenceSet) -> None:
    others = measured("ir_more", Technique.FTIR)
    assert len(others) == 120
    settled = [r.entry.substance for r in others if identify(r.spectrum, ir_set).outcome in SETTLED]
    assert settled == []


@pytest.mark.parametrize(("folder", "n_mixtures", "separator"), [("raman_liquids", 15, "|"), ("raman_powders", 6, ",")])
def test_measured_mixtures_give_their_components(
    shared_data: Path, measured: Measured, folder: str, n_mixtures: int, separator: str
) -> None:
    library = compile_references(measured(f"{folder}/library", Technique.RAMAN))
    with (shared_data / folder / "mixtures" / "expected.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=separator))
    assert len(rows) == n_mixtures
    wrong, settled = {}, 0
    for row in rows:
        verdict = identify(_scan(shared_data / folder / "mixtures" / row["file"]), library)
        found = {component.substance for component in verdict.components}
        settled += verdict.outcome is Outcome.MIXTURE
        if verdict.outcome not in (Outcome.MIXTURE, Outcome.INCONCLUSIVE) or found != set(row["components"].split(";")):
            wrong[row["file"]] = (row["components"], verdict.outcome, found)
    assert wrong == {}
    # All components are named in all mixtures. In mixtures of four some may be too weak to settle the scan, and of one
    # mixture of two the bands shift so far that what is left could be something else.
    assert settled >= n_mixtures - 3


def test_a_measured_scan_upside_down_or_shifted_is_refused(ir_library: list[Reference], ir_set: ReferenceSet) -> None:
    for reference in ir_library:
        scan = reference.spectrum
        upside_down = scan.with_intensity(-scan.intensity)
        shifted = Spectrum(scan.axis + 50.0, scan.intensity, scan.technique, scan.ordinate)
        for changed in (upside_down, shifted):
            verdict = identify(changed, ir_set)
            assert verdict.outcome not in SETTLED
            assert not any(alert.substance for alert in verdict.alerts)


def _scan(path: Path) -> Spectrum:
    (recording,) = read(path.read_bytes(), path.name)
    return as_spectrum(recording, Stated())
