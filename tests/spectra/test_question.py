"""What a question keeps of its fits, and lets go of."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from spectra.evidence import WeighedFit, part_of
from spectra.fitting import fit_chosen
from spectra.reference import ReferenceSet
from tests.spectra.made_spectra import question, scan


def test_evidence_is_that_of_fits_made_from_nothing(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.5, 7: 0.3, 13: 0.2}, references.technique), references)
    rows = [4, 7, 13]
    asked.fit([4, 13], asked.window(rows))
    weighed, window = asked.weigh(rows), asked.window(rows)
    axis, curve = references.axis[window], asked.ready.curve[window]
    for i, row in enumerate(rows):
        others = asked.curves(rows[:i] + rows[i + 1 :], window)
        plain = WeighedFit(axis, curve, [part_of(axis, other, 0.02) for other in others], asked.sigma)
        z, _ = plain.ask(asked.curves([row], window))
        assert weighed.z[i] == pytest.approx(z[0])
        assert weighed.left_without[i] == pytest.approx(float(plain.whitened_residual @ plain.whitened_residual))


def test_nothing_is_fitted_twice(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.6, 7: 0.4}, references.technique), references)
    window = asked.window([4, 7])
    assert asked.weigh([4, 7]) is asked.weigh([4, 7])
    assert asked.fit([4, 7], window) is asked.weigh([4, 7]).fit
    assert asked.parts([4], window)[0] is asked.fit([4, 7], window).components[0]
    assert asked.fit([4], window) is not asked.fit([4], slice(window.start, window.stop - 1))


def test_a_question_kept_open_keeps_no_fits(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.6, 7: 0.4}, references.technique), references)
    fitted = fit_chosen(asked, [4, 7])
    amounts = fitted.unmixed.weighed.fit.amounts.copy()
    kept = weakref.ref(fitted.unmixed.weighed.fit)
    del fitted
    gc.collect()
    assert kept() is None
    assert np.array_equal(fit_chosen(asked, [4, 7]).unmixed.weighed.fit.amounts, amounts)
