from __future__ import annotations

import pytest

from spectra.bands import BandMatch
from spectra.reference import ReferenceSet
from spectra.support import Support, supports
from spectra.unmix import keep_only, unmix
from tests.spectra.made_spectra import question, scan, subset


def test_true_components_stand_on_their_own(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.5, 7: 0.3, 13: 0.2}, references.technique), references)
    for case in supports(unmix(asked), asked):
        assert case.bands.shown > 0.7
        assert case.agreement > 0.9
        assert 0.8 < case.accounted <= 1.0
        assert case.score > 2.4


def test_a_component_beside_an_unknown_rest_stands_weaker(references: ReferenceSet) -> None:
    asked = question(scan({4: 0.5, 7: 0.5}, references.technique), references)
    whole = unmix(asked)
    complete = dict(zip(whole.rows, supports(whole, asked), strict=True))
    alone = keep_only([4], whole, asked)
    (beside,) = supports(alone, asked)
    assert beside.variance > complete[4].variance
    assert beside.accounted < complete[4].accounted
    assert beside.score < complete[4].score


def test_nothing_found_has_no_case(references: ReferenceSet) -> None:
    asked = question(scan({4: 1.0}, references.technique), subset(references, [1, 2]))
    assert supports(unmix(asked), asked) == ()


@pytest.mark.parametrize(("variance", "score"), [(0.2, 3.0), (1.0, 3.0), (10.0, 3.0 - 0.3 * 2.302585)])
def test_an_unknown_rest_costs_score(variance: float, score: float) -> None:
    assert Support(BandMatch((), (), 1.0), 1.0, 1.0, variance).score == pytest.approx(score)
