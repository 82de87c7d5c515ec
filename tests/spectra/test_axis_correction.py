"""An axis that is bent, corrected against the scan itself: what is named then, and what never is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from device_adapters import as_spectrum, read
from spectra.axis_correction import AxisCorrection, by_standard, correctable, register
from spectra.compilation import compile_references
from spectra.criteria import CRITERIA
from spectra.errors import InvalidReference, InvalidSpectrum
from spectra.identify import identify, identify_by_standard
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Reference, ReferenceEntry, ReferenceSet
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import Outcome

from .made_spectra import AXES, N_SUBSTANCES, bands, name_of, spectrum

AXIS = AXES[Technique.RAMAN]
BENT = AxisCorrection((6.0, 12.0, 6.0, 5.0, 3.0))  # as badly as a real handheld: -6 to +32 cm^-1


def library(
    technique: Technique = Technique.RAMAN, without: int | None = None, watched: int | None = None
) -> ReferenceSet:
    entries = [
        ReferenceEntry(f"r{i}", name_of(i), watch=i == watched, controlled=i == watched, substance_class="made")
        for i in range(N_SUBSTANCES)
        if i != without
    ]
    numbers = [i for i in range(N_SUBSTANCES) if i != without]
    return compile_references(
        [
            Reference(entry, spectrum(1000 * bands(i, technique, AXES[technique]), technique))
            for i, entry in zip(numbers, entries, strict=True)
        ]
    )


def on_bent_axis(number: int, bent: AxisCorrection = BENT, technique: Technique = Technique.RAMAN) -> Spectrum:
    """A quiet scan of a substance by an instrument whose axis reads too high by ``bent``."""
    axis = AXES[technique]
    curve = bands(number, technique, axis)
    noise = np.random.default_rng(number).standard_normal(axis.size) * curve.max() / 400
    true = spectrum(1000 * (curve + noise), technique)
    return replace(true, axis=axis + displaced(bent, axis))


def displaced(bent: AxisCorrection, axis: NDArray[np.float64]) -> NDArray[np.float64]:
    # The correction is a function of the axis as it reads; found here by repetition.
    reads = axis
    for _ in range(50):
        reads = axis + bent.displacement(reads)
    return reads - axis


@pytest.mark.parametrize("number", range(0, N_SUBSTANCES, 3))
def test_a_bent_axis_is_found_and_the_substance_named_with_a_word_of_it(number: int) -> None:
    references = library()
    verdict = identify(on_bent_axis(number), references)
    assert [c.substance for c in verdict.components] == [name_of(number)]
    assert verdict.outcome is Outcome.MATCH
    assert "axis_corrected" in verdict.quality.flags
    assert any("axis of this scan was corrected by up to" in reason for reason in verdict.reasons)
    assert any("calibrate" in advice for advice in verdict.quality.advice)
    assert np.array_equal(verdict.spectrum.axis, on_bent_axis(number).axis)  # the scan is told of as it came


@pytest.mark.parametrize("number", range(0, N_SUBSTANCES, 3))
def test_the_displacement_is_the_one_that_was_put_in(number: int) -> None:
    references = library()
    scan = on_bent_axis(number)
    found = register(prepare(scan, recipe_for(Technique.RAMAN)), references, number)
    assert found is not None
    inside = (AXIS > 350) & (AXIS < 1700)
    off = np.abs(found.correction.displacement(AXIS[inside]) - BENT.displacement(AXIS[inside]))
    assert np.median(off) < 1.5


@pytest.mark.parametrize("number", range(N_SUBSTANCES))
def test_a_substance_that_the_library_does_not_hold_is_not_bent_into_another(number: int) -> None:
    verdict = identify(on_bent_axis(number), library(without=number))
    assert verdict.outcome not in (Outcome.MATCH, Outcome.MIXTURE)
    assert not verdict.components
    assert not verdict.alerts


def test_a_watched_substance_is_told_of_and_never_settled_on_a_corrected_axis() -> None:
    verdict = identify(on_bent_axis(6), library(watched=6))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [c.substance for c in verdict.components] == [name_of(6)]
    assert [alert.substance for alert in verdict.alerts] == [name_of(6)]
    assert verdict.reach_back


@pytest.mark.parametrize("shift", [20.0, -20.0, 30.0, 50.0, -50.0])
def test_an_axis_that_is_only_shifted_far_is_mislabelled_and_stays_refused(shift: float) -> None:
    scan = on_bent_axis(3, AxisCorrection((0.0,)))
    verdict = identify(replace(scan, axis=scan.axis + shift), library())
    assert verdict.outcome not in (Outcome.MATCH, Outcome.MIXTURE)
    assert not verdict.components


def test_an_axis_bent_beyond_belief_is_not_corrected() -> None:
    far = AxisCorrection(tuple(4.0 * c for c in BENT.coefficients))
    verdict = identify(on_bent_axis(3, far), library())
    assert verdict.outcome not in (Outcome.MATCH, Outcome.MIXTURE)
    assert "axis_corrected" not in verdict.quality.flags


def test_an_axis_that_is_right_is_left_alone() -> None:
    verdict = identify(on_bent_axis(3, AxisCorrection((0.0,))), library())
    assert verdict.outcome is Outcome.MATCH
    assert "axis_corrected" not in verdict.quality.flags


def test_packaging_on_a_bent_axis_is_no_sample() -> None:
    made = library()
    entries = [replace(e, substance_class="packaging") if e.substance == name_of(3) else e for e in made.entries]
    references = replace(made, entries=tuple(entries))
    verdict = identify(on_bent_axis(3), references)
    assert not verdict.components
    assert not any("axis" in reason for reason in verdict.reasons)


def test_an_interferometer_has_no_such_axis() -> None:
    references = library(Technique.FTIR)
    scan = on_bent_axis(3, technique=Technique.FTIR)
    ready = prepare(scan, recipe_for(Technique.FTIR))
    assert correctable(ready, np.ones(references.n_refs, bool), references, CRITERIA) is None


def test_a_large_library_is_narrowed_down_without_losing_the_substance() -> None:
    rng = np.random.default_rng(1)
    others = [
        Reference(ReferenceEntry(f"o{i}", f"other {i}"), spectrum(other, Technique.RAMAN))
        for i in range(850)
        for other in [
            (rng.lognormal(0, 1, 12) / (1 + ((AXIS[:, None] - rng.uniform(250, 2300, 12)) / 6.0) ** 2)).sum(axis=1)
        ]
    ]
    own = Reference(ReferenceEntry("own", name_of(3)), spectrum(bands(3, Technique.RAMAN, AXIS), Technique.RAMAN))
    references = compile_references([*others, own])
    found = correctable(
        prepare(on_bent_axis(3), recipe_for(Technique.RAMAN)), np.ones(references.n_refs, bool), references, CRITERIA
    )
    assert found is not None
    assert references.entries[found.row].id == "own"


def test_a_correction_that_would_turn_points_around_is_refused() -> None:
    with pytest.raises(InvalidSpectrum, match="ascending"):
        AxisCorrection((0.0, 0.0, 0.0, 0.0, 400.0)).apply(on_bent_axis(3))


def test_a_scan_of_a_known_material_puts_others_on_the_right_axis() -> None:
    references = library(watched=6)
    standard = by_standard(on_bent_axis(9), references, name_of(9).upper(), CRITERIA)
    half = on_bent_axis(6)
    verdict = identify_by_standard(half, standard, references)
    # By the standard's word, not by its own: so it may be settled although it is watched.
    assert verdict.outcome is Outcome.MATCH
    assert [c.substance for c in verdict.components] == [name_of(6)]
    assert verdict.quality.flags.count("axis_corrected") == 1
    assert f"by the instrument's scan of {name_of(9)}" in verdict.reasons[-1]
    assert verdict.spectrum is half


def test_a_standard_says_what_is_wrong_with_it() -> None:
    references = library()
    with pytest.raises(InvalidReference, match="no Raman reference of the standard gold"):
        by_standard(on_bent_axis(9), references, "gold", CRITERIA)
    with pytest.raises(InvalidSpectrum, match=f"does not show {name_of(3)}"):
        by_standard(on_bent_axis(9), references, name_of(3), CRITERIA)
    with pytest.raises(InvalidSpectrum, match="Raman only"):
        by_standard(on_bent_axis(9, technique=Technique.FTIR), references, name_of(9), CRITERIA)
    far = replace(on_bent_axis(9), axis=on_bent_axis(9).axis + 38.0)
    with pytest.raises(InvalidSpectrum, match="off by up to"):
        by_standard(far, references, name_of(9), replace(CRITERIA, min_standard_agreement=0.0))


def measured(path: Path) -> Spectrum:
    [recording] = read(path.read_bytes(), path.name)
    return as_spectrum(recording)


def test_the_badly_calibrated_handheld_is_never_named_wrong(shared_data: Path) -> None:
    solvents = sorted((shared_data / "raman_liquids" / "library").glob("*.jdx"))
    microscope = [
        shared_data / "raman_transfer" / f"{name}_microscope_00.jdx" for name in ("naphthalene", "cyclohexane")
    ]
    references = compile_references(
        [
            Reference(ReferenceEntry(p.name, p.stem.split("_microscope")[0]), measured(p))
            for p in (*microscope, *solvents)
        ]
    )
    right = 0
    for path in sorted((shared_data / "raman_transfer").glob("*_handheld_*.jdx")):
        truth = path.name.split("_")[0]
        verdict = identify(measured(path), references)
        assert {c.substance for c in verdict.components} <= {truth}
        right += verdict.outcome is Outcome.MATCH
    assert right >= 14  # twelve of cyclohexane, and of naphthalene those whose bands have nearly the library's heights


def test_the_handhelds_cyclohexane_tells_of_the_axis_of_its_naphthalene(shared_data: Path) -> None:
    folder = shared_data / "raman_transfer"
    names = ("naphthalene", "cyclohexane")
    references = compile_references(
        [Reference(ReferenceEntry(name, name), measured(folder / f"{name}_microscope_00.jdx")) for name in names]
    )
    standard = by_standard(measured(folder / "cyclohexane_handheld_00.jdx"), references, "cyclohexane", CRITERIA)
    own = register(
        prepare(measured(folder / "naphthalene_handheld_00.jdx"), recipe_for(Technique.RAMAN)), references, 0
    )
    assert own is not None
    places = np.array([508.0, 760.0, 1022.0, 1388.0, 1476.0, 1576.0])
    off = own.correction.displacement(places) - standard.correction.displacement(places)
    # Two materials, one instrument: beyond cyclohexane's last band, at 1,444, the axis is only guessed.
    assert np.abs(off[:4]).max() < 6.0
    assert own.correction.displacement(places)[-1] == pytest.approx(26.0, abs=3.0)
