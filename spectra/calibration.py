"""From a score to a probability: simple, measured, and said to be so.

For each library the support of a component (:mod:`spectra.support`) is calibrated by a logistic curve between
components that truly are in simulated scans and are listed, and components listed there that are not: stand-ins for a
substance that was left out of the library. A third of these scans hold one unknown substance, a third two known ones,
a third one of each; the probability is for a component listed in scans of that kind. The disturbances are simulated
(shift, broadening, gain tilt, slow baseline, noise), not another instrument's: the curve tells how well the score
separates *under those disturbances*, and no more.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["UNCALIBRATED", "Calibration", "LogisticCurve", "fit_logistic"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogisticCurve:
    """P(true) = 1 / (1 + exp(-(offset + slope * score))), and how many components of each kind are behind it."""

    offset: float
    slope: float
    n_true: int
    n_false: int

    def probability(self, score: float) -> float:
        """Probability [1], never outside what the number of components can support."""
        raw = 1.0 / (1.0 + np.exp(-np.clip(self.offset + self.slope * score, -30, 30)))
        # Rule of succession: n components without a counter-example do not prove more than this.
        return float(np.clip(raw, 1 / (self.n_false + 2), 1 - 1 / (self.n_true + 2)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of one library and technique, as data.

    ``share_spread`` is how many of the fit's own standard errors one standard deviation of a share really is [1].
    ``highest_false_explained`` is the largest explained part [1] of any scan whose substance had been left out.
    """

    method: str
    date: str
    seed: int
    support: LogisticCurve
    share_spread: float
    highest_false_explained: float

    @property
    def digest(self) -> str:
        """SHA-256 over the content, hexadecimal."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        """What an identification says it used."""
        return f"{self.method} {self.date} {self.digest[:12]}"

    def to_json(self) -> dict[str, object]:
        """Plain data, the inverse of :meth:`from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Calibration:
        """Read what :meth:`to_json` wrote; raises KeyError or TypeError where something is missing."""
        return cls(**{**data, "support": LogisticCurve(**data["support"])})  # type: ignore[arg-type]


def fit_logistic(true: FloatArray, false: FloatArray, assumed_false: float | None = None) -> LogisticCurve:
    """Maximum-likelihood curve with a weak pull towards slope 1, so that perfect separation stays finite.

    Parameters
    ----------
    true, false : array, shape (n,)
        [1] Scores of components that are, and are not, in the scan.
    assumed_false : float or None
        [1] Score of one false component beside those seen, not counted: where none was seen, a confidence falls
        towards it all the same.
    """
    assumed = np.array([] if assumed_false is None else [assumed_false])
    x = np.concatenate([true, false, assumed])
    sign = np.concatenate([np.ones(true.size), -np.ones(false.size + assumed.size)])
    weight = 1 / max(1, x.size)

    def loss(parameters: FloatArray) -> float:
        offset, slope = parameters
        return float(weight * np.logaddexp(0, -sign * (offset + slope * x)).sum() + 1e-3 * (slope - 1) ** 2)

    found = minimize(loss, np.array([0.0, 1.0]), method="BFGS")  # smooth and convex
    return LogisticCurve(float(found.x[0]), max(float(found.x[1]), 0.0), true.size, false.size)


# For libraries too small to calibrate: centred near the thresholds of the criteria, claiming little.
UNCALIBRATED = Calibration(
    method="uncalibrated",
    date="",
    seed=0,
    support=LogisticCurve(-2.0, 1.7, 18, 18),
    share_spread=4.0,
    highest_false_explained=0.0,
)
