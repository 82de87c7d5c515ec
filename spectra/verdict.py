"""What the machine says of one scan: plain frozen values, no numerics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spectra.reference import Grade
from spectra.spectrum import Spectrum

__all__ = [
    "ALWAYS_REVIEWED",
    "Alert",
    "AlertLevel",
    "Candidate",
    "Component",
    "Explanation",
    "Identification",
    "Outcome",
    "QualityReport",
    "Target",
    "Unexplained",
]


# Classes of the library whose alerts a chemist always sees.
ALWAYS_REVIEWED = ("fentanyl-related", "fentanyl precursor")


class Outcome(StrEnum):
    """The six answers there are."""

    MATCH = "match"
    MIXTURE = "mixture"
    CLASS = "class"
    INCONCLUSIVE = "inconclusive"
    NO_MATCH = "no_match"
    UNUSABLE = "unusable"


class AlertLevel(StrEnum):
    """Who is told: an alarm goes to the officer, an indication to the chemist."""

    ALARM = "alarm"
    INDICATION = "indication"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Is the scan fit to be judged? ``flags`` are stable words, ``advice`` whole sentences for the officer."""

    usable: bool
    snr: float | None
    flags: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the sample. ``share`` is of the signal area, never a weight or a purity."""

    substance: str
    form: str | None
    share: float
    share_interval: tuple[float, float]
    confidence: float
    controlled: bool
    substance_class: str | None
    reference: str
    grade: Grade
    indistinguishable_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What no reference accounts for: share of the signal area [1], positions of its bands [cm^-1]."""

    share: float
    bands: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A watched substance or family is indicated."""

    level: AlertLevel
    group: str
    substance: str | None
    share: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Target:
    """One watched substance: seen, or the share at which this scan would have shown it with 95 % probability."""

    substance: str
    detected: bool
    limit_share: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of the ranked hit list; ``score`` is the similarity to the scan alone [1]."""

    substance: str
    form: str | None
    reference: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """The evidence as curves and bands.

    Parameters
    ----------
    axis : array, shape (n_points,)
        [cm^-1] The part of the grid that was judged.
    scan, fit, residual : array, shape (n_points,)
        [1] Baseline-corrected scan scaled to unit area, its reconstruction, and the difference; packaging that was
        set aside is in none of them, unless nothing else was seen.
    parts : array, shape (n_parts, n_points)
        [1] Each component's contribution to ``fit``, in the order of the components.
    matched, missing : tuple of tuple of float, length n_parts
        [cm^-1] Bands of each component that the scan shows, and that it lacks.
    """

    axis: NDArray[np.float64]
    scan: NDArray[np.float64]
    fit: NDArray[np.float64]
    residual: NDArray[np.float64]
    parts: NDArray[np.float64]
    matched: tuple[tuple[float, ...], ...]
    missing: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """Everything that is said of one scan. ``explanation`` is None where nothing could be compared.

    ``background`` names the packaging that was seen and set aside: no part of the sample, and of no share.
    """

    spectrum: Spectrum
    quality: QualityReport
    outcome: Outcome
    tentative: bool
    components: tuple[Component, ...]
    unexplained: Unexplained | None
    alerts: tuple[Alert, ...]
    class_hint: str | None
    targets: tuple[Target, ...]
    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    explanation: Explanation | None
    timing_ms: float
    background: tuple[str, ...] = ()

    @property
    def reach_back(self) -> bool:
        """True for every outcome but a non-tentative match or mixture without an open alert.

        An alert is closed where a measured reference settles the substance by name, except for the fentanyl family,
        which a chemist always sees.
        """
        settled = self.outcome in (Outcome.MATCH, Outcome.MIXTURE) and not self.tentative
        named = {c.substance for c in self.components if c.grade is Grade.MEASURED}
        open_alerts = [a for a in self.alerts if a.substance not in named or a.group in ALWAYS_REVIEWED]
        return not settled or bool(open_alerts)
