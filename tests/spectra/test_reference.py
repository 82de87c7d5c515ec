from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spectra.compilation import compile_references
from spectra.errors import InvalidReference
from spectra.reference import ReferenceSet, is_sers
from spectra.spectrum import Technique
from tests.spectra.made_spectra import reference


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("curves", np.zeros((20, 3), dtype=np.float32)),
        ("features", np.zeros((19, 5), dtype=np.float32)),
        ("coverage", np.zeros((20, 3), dtype=np.int64)),
        ("entries", ()),
    ],
)
def test_a_set_whose_parts_disagree_is_refused(references: ReferenceSet, field: str, value: object) -> None:
    with pytest.raises(InvalidReference, match="of a reference set is"):
        replace(references, **{field: value})  # type: ignore[arg-type]


def test_a_set_counts_its_references(references: ReferenceSet) -> None:
    assert references.n_refs == 20


@pytest.mark.parametrize(
    ("mode", "sers"), [(None, False), ("ATR", False), ("SERS", True), ("sers on gold", True), ("SORS", False)]
)
def test_surface_enhancement_is_read_from_the_mode(mode: str | None, sers: bool) -> None:
    assert is_sers(mode) is sers


def test_references_of_one_substance_and_form_have_one_identity() -> None:
    made = [
        reference(0, Technique.RAMAN),
        reference(1, Technique.RAMAN, mode="SERS"),
        reference(2, Technique.RAMAN, substance="substance 00"),
        reference(3, Technique.RAMAN, substance="substance 00", form=None),
    ]
    compiled = compile_references(made)
    assert compiled.identities.tolist() == [0, 1, 0, 2]
    assert compiled.is_sers.tolist() == [False, True, False, False]
