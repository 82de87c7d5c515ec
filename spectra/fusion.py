"""What all scans and strips of one exhibit say together: plain frozen values, no rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from spectra.spectrum import Technique
from spectra.strips import Source
from spectra.verdict import AlertLevel

__all__ = ["FusedAlert", "FusedComponent", "Fusion", "FusionLevel", "Seen", "Standing", "TechniqueSupport"]


class FusionLevel(StrEnum):
    """How far the parts of an exhibit agree."""

    CORROBORATED = "corroborated"  # everything named is named by both techniques
    SETTLED = "settled"  # a scan is named whole, and nothing speaks against it
    PARTLY = "partly"  # some parts are named
    CONTRADICTED = "contradicted"  # scans name different things
    UNRESOLVED = "unresolved"  # nothing is named


class Standing(StrEnum):
    """How a component stands between the techniques."""

    CORROBORATED = "corroborated"
    ONE_TECHNIQUE = "one_technique"
    CONTRADICTED = "contradicted"


class Seen(StrEnum):
    """What one technique says of one component."""

    NAMED = "named"
    ALIKE = "alike"  # it names something that it cannot tell from the component
    INDICATED = "indicated"  # an alert, not a component
    NOT_SEEN = "not_seen"
    NO_REFERENCE = "no_reference"  # the library holds none of this technique
    UNUSABLE = "unusable"  # no scan of this technique could be judged


@dataclass(frozen=True, slots=True)
class TechniqueSupport:
    """What the scans of one technique say of one component.

    ``scans`` of ``usable`` scans name it; ``confidence`` and ``share`` are the largest among them; ``limit_share`` is
    the least share at which a scan that does not show it would have shown it, where that is known.
    """

    technique: Technique
    seen: Seen
    scans: int
    usable: int
    confidence: float | None
    share: float | None
    limit_share: float | None


@dataclass(frozen=True, slots=True)
class FusedComponent:
    """One part of the exhibit. ``confidence`` is the strongest of any one scan: never a product."""

    substance: str
    forms: tuple[str, ...]
    standing: Standing
    confidence: float
    controlled: bool
    substance_class: str | None
    support: tuple[TechniqueSupport, ...]


@dataclass(frozen=True, slots=True)
class FusedAlert:
    """A group that any scan or strip indicates. ``confidence`` is None where only strips speak."""

    level: AlertLevel
    group: str
    substances: tuple[str, ...]
    confidence: float | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fusion:
    """One presumptive statement about an exhibit, and what it rests on."""

    statement: str
    level: FusionLevel
    components: tuple[FusedComponent, ...]
    alerts: tuple[FusedAlert, ...]
    reasons: tuple[str, ...]
    sources: tuple[Source, ...]
    reach_back: bool
