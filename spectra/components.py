"""From a fit to components: shares with their intervals, confidence, and what cannot be told apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from spectra.calibration import UNCALIBRATED, Calibration
from spectra.fitting import Fitted
from spectra.verdict import Component

__all__ = ["background_of", "components_of", "sample_of"]


def components_of(fitted: Fitted, calibration: Calibration = UNCALIBRATED) -> list[Component]:
    """The components of a fit in its order, packaging among them."""
    return [_component(fitted, i, calibration) for i in range(len(fitted.unmixed.rows))]


def sample_of(fitted: Fitted, calibration: Calibration) -> list[Component]:
    """What was found of the sample."""
    positions = [i for i in range(len(fitted.unmixed.rows)) if i not in fitted.background]
    return [_component(fitted, i, calibration) for i in positions]


def background_of(fitted: Fitted, calibration: Calibration) -> list[Component]:
    """The packaging, with the substances of a sample that it cannot be told from."""
    references = fitted.question.references
    packaging = {references.entries[row].substance for row in np.flatnonzero(references.is_packaging).tolist()}
    found = [_component(fitted, i, calibration) for i in fitted.background]
    return [
        replace(one, indistinguishable_from=tuple(n for n in one.indistinguishable_from if n not in packaging))
        for one in found
    ]


def _component(fitted: Fitted, position: int, calibration: Calibration) -> Component:
    references, fit = fitted.question.references, fitted.unmixed.weighed.fit
    entry = references.entries[fitted.unmixed.rows[position]]
    alike = sorted(
        {
            references.entries[other].substance
            for other in fitted.unmixed.look_alikes[position]
            if references.entries[other].substance != entry.substance
        }
    )
    alone = calibration.support.probability(fitted.cases[position].score)
    share = float(fit.amounts[position]) / fitted.total
    spread = calibration.share_spread * float(fit.errors[position]) / fitted.total
    # The area of a band system depends on where its baseline is drawn, whatever the noise.
    baseline = fitted.question.criteria.baseline_share if len(fit.amounts) > 1 else 0.0
    margin = 1.96 * math.hypot(spread, baseline)
    return Component(
        substance=entry.substance,
        form=entry.form,
        share=min(max(share, 0.0), 1.0),
        share_interval=(max(share - margin, 0.0), min(share + margin, 1.0)),
        confidence=alone / (1 + len(alike)),
        controlled=entry.controlled,
        substance_class=entry.substance_class,
        reference=entry.id,
        grade=entry.grade,
        indistinguishable_from=tuple(alike),
    )
