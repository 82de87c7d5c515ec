from __future__ import annotations

import numpy as np
import pytest

from spectra.compilation import compile_references, share_points
from spectra.errors import InvalidReference
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique
from tests.spectra.made_spectra import AXES, entry, made_references, reference, spectrum


def test_curves_have_unit_area_where_shares_are_measured(references: ReferenceSet) -> None:
    inside = share_points(references.axis, references.technique)
    step = recipe_for(references.technique).grid.step
    areas = np.clip(references.curves[:, inside].astype(np.float64), 0, None).sum(axis=1) * step
    assert areas == pytest.approx(np.ones(references.n_refs), abs=1e-5)


def test_features_have_unit_length(references: ReferenceSet) -> None:
    assert np.linalg.norm(references.features, axis=1) == pytest.approx(np.ones(references.n_refs), abs=1e-5)


def test_what_was_not_measured_is_zero_and_not_covered() -> None:
    axis = AXES[Technique.FTIR]
    partial = reference(1, Technique.FTIR, axis=axis[(axis > 900.0) & (axis < 1500.0)])
    compiled = compile_references([reference(0, Technique.FTIR), partial])
    first, stop = compiled.coverage[1]
    assert (compiled.axis[first], compiled.axis[stop - 1]) == pytest.approx((904.0, 1496.0), abs=4.0)
    for matrix in (compiled.curves, compiled.features):
        assert not matrix[1, :first].any()
        assert not matrix[1, stop:].any()
        assert matrix[1, first:stop].any()


def test_scale_of_a_reference_does_not_matter() -> None:
    plain = reference(3, Technique.RAMAN)
    bright = Reference(plain.entry, plain.spectrum.with_intensity(plain.spectrum.intensity * 1e7))
    one, other = (compile_references([which]) for which in (plain, bright))
    assert one.curves == pytest.approx(other.curves, rel=1e-4, abs=1e-7)
    assert one.features == pytest.approx(other.features, rel=1e-4, abs=1e-6)


def test_progress_is_told_and_the_recipe_recorded(technique: Technique) -> None:
    told: list[int] = []
    compiled = compile_references(made_references(technique, range(3)), told.append)
    assert told == [1, 2, 3]
    assert compiled.recipe == recipe_for(technique).digest
    assert [e.id for e in compiled.entries] == ["00.jdx", "01.jdx", "02.jdx"]


def test_a_reference_that_cannot_be_compared_is_named() -> None:
    good = reference(0, Technique.FTIR)
    flat = Reference(entry(7), spectrum(np.ones(AXES[Technique.FTIR].size), Technique.FTIR))
    far = reference(8, Technique.FTIR, axis=np.arange(2500.0, 3500.0, 4.0))
    with pytest.raises(InvalidReference, match="at least one reference"):
        compile_references([])
    with pytest.raises(InvalidReference, match="07.jdx: the reference has no bands in the range that is judged"):
        compile_references([good, flat])
    with pytest.raises(InvalidReference, match="08.jdx: .*too little lies in the range that is judged"):
        compile_references([good, far])
    with pytest.raises(InvalidReference, match="09.jdx: recipe ftir-fingerprint is for ftir"):
        compile_references([good, reference(9, Technique.RAMAN)])
