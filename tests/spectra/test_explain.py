from __future__ import annotations

import numpy as np
import pytest

from spectra.explain import explain
from spectra.reference import ReferenceSet
from spectra.support import supports
from spectra.unmix import unmix
from tests.spectra.made_spectra import question, scan, subset


def test_curves_add_up_and_are_in_units_of_the_area(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.6, 7: 0.4}, references.technique), references)
    found = unmix(asked)
    cases = supports(found, asked)
    shown = explain(found, references, cases, 4.0)
    fit = found.weighed.fit
    assert shown.fit == pytest.approx(fit.parts.sum(axis=0) / 4)
    assert shown.residual == pytest.approx(fit.residual / 4)
    assert shown.scan == pytest.approx(shown.fit + shown.residual)
    assert shown.scan + fit.baseline / 4 == pytest.approx(asked.ready.curve[found.window] / 4)
    assert shown.matched == tuple(case.bands.matched for case in cases)
    assert shown.missing == tuple(case.bands.missing for case in cases)
    assert shown.axis.base is None


def test_with_nothing_found_the_scan_is_all_residual(references: ReferenceSet) -> None:
    asked = question(scan({4: 1.0}, references.technique), subset(references, [1, 2]))
    found = unmix(asked)
    shown = explain(found, references, supports(found, asked), 0.0)
    assert not shown.fit.any()
    assert np.array_equal(shown.scan, shown.residual)
    assert (shown.parts.shape[0], shown.matched, shown.missing) == (0, (), ())
