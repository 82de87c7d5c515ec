from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spectra.compilation import compile_references
from spectra.criteria import CRITERIA
from spectra.detect import watch
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique
from spectra.unmix import unmix
from tests.spectra.made_spectra import AXES, entry, made_references, question, reference, scan, subset

WATCHED = [3, 7, 11, 15, 19]


def test_every_watched_reference_but_the_components_is_asked_for(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.5, 7: 0.5}, references.technique), references)
    traces = watch(unmix(asked), asked, 1.0)
    assert [trace.row for trace in traces] == [3, 11, 15, 19]
    for trace in traces:
        assert abs(trace.z) < CRITERIA.trace_evidence
        assert trace.limit_share is not None
        assert 0.0 < trace.limit_share < 0.1


def test_evidence_and_limit_are_those_of_the_fit(references: ReferenceSet) -> None:
    asked = question(scan({0: 0.6, 5: 0.4}, references.technique), references)
    found = unmix(asked)
    # The most likely of the fits with more and less variation of bands, found here by trying them all.
    fits = [asked.fit(list(found.rows), found.window, scale) for scale in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0)]
    best = fits[int(np.argmax([fit.log_likelihood for fit in fits]))]
    z, amount = best.ask(references.curves[WATCHED][:, found.window].astype(np.float64))
    traces = watch(found, asked, 2.0)
    assert [trace.z for trace in traces] == pytest.approx(z.tolist())
    assert [trace.share for trace in traces] == pytest.approx((amount / 2).tolist())
    limits = (CRITERIA.trace_evidence + 1.645) * amount / z / 2
    assert [trace.limit_share for trace in traces] == pytest.approx(limits.tolist())


def test_a_trace_at_its_limit_has_the_evidence_that_alerts(references: ReferenceSet) -> None:
    technique = references.technique
    blind = subset(references, [row for row in range(20) if row != 3])
    evidence = []
    for seed in range(10):
        asked = question(scan({0: 0.6, 5: 0.4}, technique, seed=seed), blind)
        asked = replace(asked, references=references, comparable=np.ones(20, dtype=bool))
        (limit,) = [t.limit_share for t in watch(unmix(asked), asked, 1.0) if t.row == 3]
        assert limit is not None
        spiked = question(scan({0: 0.6, 5: 0.4, 3: limit}, technique, seed=seed), blind)
        found = unmix(spiked)
        # The rows of the smaller library are those of the larger one, but for the one that is left out.
        whole = replace(found, rows=tuple(row + (row >= 3) for row in found.rows))
        seen = watch(whole, replace(spiked, references=references, comparable=np.ones(20, dtype=bool)), 1.0)
        evidence += [t.z for t in seen if t.row == 3]
    assert len(evidence) == 10
    assert float(np.mean(evidence)) == pytest.approx(CRITERIA.trace_evidence + 1.645, rel=0.25)


def test_what_looks_like_a_component_has_no_limit(technique: Technique) -> None:
    made = made_references(technique, [0, 5])
    twin = Reference(entry(31, id="twin.jdx", watch=True), made[0].spectrum)
    library = compile_references([*made, twin])
    asked = question(scan({0: 0.6, 5: 0.4}, technique), library)
    found = unmix(asked)
    if 2 in found.rows:
        found = replace(found, rows=tuple(0 if row == 2 else row for row in found.rows))
    (trace,) = watch(found, asked, 1.0)
    assert (trace.row, trace.z, trace.limit_share) == (2, 0.0, None)


def test_what_is_not_covered_or_not_comparable_is_not_judged(technique: Technique) -> None:
    axis = AXES[technique]
    half = axis[axis < axis[0] + 0.4 * (axis[-1] - axis[0])]
    library = compile_references(
        [*made_references(technique, [0, 3]), reference(7, technique, axis=half), reference(11, technique)]
    )
    asked = question(scan({0: 1.0}, technique), library)
    asked.comparable[3] = False
    traces = {trace.row: trace for trace in watch(unmix(asked), asked, 1.0)}
    assert set(traces) == {1, 2}
    assert (traces[2].z, traces[2].limit_share) == (0.0, None)


@pytest.mark.parametrize("total", [0.0, -1.0])
def test_without_signal_or_watch_list_nothing_is_asked(references: ReferenceSet, total: float) -> None:
    asked = question(scan({0: 1.0}, references.technique), references)
    assert watch(unmix(asked), asked, total) == ()
    unwatched = subset(references, [0, 1, 2])
    asked = question(scan({0: 1.0}, references.technique), unwatched)
    assert watch(unmix(asked), asked, 1.0) == ()
