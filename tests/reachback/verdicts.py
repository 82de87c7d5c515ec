"""Hand-made verdicts, for the faces that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from library.model import OpenLibrary
from spectra.reference import Grade, ReferenceEntry, ReferenceSet
from spectra.spectrum import Ordinate, Provenance, Spectrum, Technique
from spectra.verdict import (
    Alert,
    AlertLevel,
    Candidate,
    Component,
    Explanation,
    Identification,
    Outcome,
    QualityReport,
    Target,
    Unexplained,
)

AXIS = np.arange(650.0, 1850.0, 2.0)


@dataclass(frozen=True)
class StandInCalibration:
    """What the faces need of a calibration."""

    digest: str = "c0ffee"
    name: str = "stand-in"
    date: str = "2026-01-01"


def band(centre: float, height: float = 1.0, width: float = 14.0) -> np.ndarray:
    return height / (1.0 + (2.0 * (AXIS - centre) / width) ** 2)


CAFFEINE = band(745, 0.8) + band(1240, 0.3) + band(1545, 0.4) + band(1645, 1.0) + band(1695, 0.8)
FENTANYL = band(700, 0.2) + band(1380, 0.1) + band(1655, 0.25) + band(1495, 0.12)


def library(name: str = "hand-made", technique: Technique = Technique.FTIR) -> OpenLibrary:
    substances = [
        ("caffeine", "cutting agent", False),
        ("fentanyl", "fentanyl-related", True),
        ("acetylfentanyl", "fentanyl-related", True),
        ("metonitazene", "nitazene", True),
        ("cocaine", "stimulant", True),
    ]
    entries = tuple(
        ReferenceEntry(id=f"{substance}.jdx", substance=substance, substance_class=kind, controlled=watch, watch=watch)
        for substance, kind, watch in substances
    )
    matrix = np.zeros((len(entries), AXIS.size), dtype=np.float32)
    coverage = np.tile(np.array([0, AXIS.size]), (len(entries), 1))
    references = ReferenceSet(technique, AXIS, matrix, matrix, coverage, entries, "recipe")
    calibrations = {technique: StandInCalibration()}
    return OpenLibrary(name, "2026.1", "ab" * 32, "engine", {technique: references}, calibrations)  # type: ignore[arg-type]


def spectrum(technique: Technique = Technique.FTIR, file: str = "a.jdx") -> Spectrum:
    ordinate = Ordinate.ABSORBANCE if technique is Technique.FTIR else Ordinate.INTENSITY
    noise = np.random.default_rng(3).normal(0.0, 0.01, AXIS.size)
    return Spectrum(
        axis=AXIS,
        intensity=CAFFEINE + FENTANYL + noise,
        technique=technique,
        ordinate=ordinate,
        mode="ATR" if technique is Technique.FTIR else None,
        laser_nm=None if technique is Technique.FTIR else 785.0,
        provenance=Provenance(file=file, sha256="ef" * 32, stated=(("mode", "ATR"),)),
    )


def mixture(technique: Technique = Technique.FTIR, file: str = "a.jdx") -> Identification:
    scan = spectrum(technique, file)
    fit = CAFFEINE + FENTANYL
    rest = scan.intensity - fit
    explanation = Explanation(
        axis=AXIS,
        scan=np.array(scan.intensity),
        fit=fit,
        residual=rest,
        parts=np.vstack([CAFFEINE, FENTANYL]),
        matched=((745.0, 1240.0, 1545.0, 1645.0, 1695.0), (700.0, 1655.0)),
        missing=((), (1380.0,)),
    )
    return Identification(
        spectrum=scan,
        quality=QualityReport(usable=True, snr=410.2, flags=("fluorescence",), advice=("Clean the crystal.",)),
        outcome=Outcome.MIXTURE,
        tentative=True,
        components=(
            Component(
                "caffeine",
                "anhydrous",
                0.91,
                (0.89, 0.93),
                0.998,
                False,
                "cutting agent",
                "caffeine.jdx",
                Grade.MEASURED,
            ),
            Component(
                "fentanyl",
                "hydrochloride",
                0.06,
                (0.04, 0.08),
                0.97,
                True,
                "fentanyl-related",
                "fentanyl.jdx",
                Grade.BAND_TABLE,
                ("acetylfentanyl",),
            ),
        ),
        unexplained=Unexplained(0.02, (1380.0, 1495.0)),
        alerts=(
            Alert(AlertLevel.INDICATION, "nitazene", None, None, 0.6),
            Alert(AlertLevel.ALARM, "fentanyl-related", "fentanyl", 0.06, 0.97),
        ),
        class_hint=None,
        targets=(
            Target("fentanyl", True, None),
            Target("acetylfentanyl", False, 0.05),
            Target("metonitazene", False, 0.04),
            Target("cocaine", False, 0.03),
        ),
        candidates=(Candidate("caffeine", "anhydrous", "caffeine.jdx", 0.93),),
        reasons=("Two references together explain 98 % of the signal.", "One of them is a band table."),
        explanation=explanation,
        timing_ms=12.34,
    )


def unusable() -> Identification:
    return replace(
        mixture(),
        quality=QualityReport(
            usable=False, snr=None, flags=("empty_scan",), advice=("Measure again with more sample.",)
        ),
        outcome=Outcome.UNUSABLE,
        tentative=False,
        components=(),
        unexplained=None,
        alerts=(),
        candidates=(),
        reasons=("The scan shows no band above its noise.",),
        explanation=None,
    )


def no_match() -> Identification:
    made = mixture()
    assert made.explanation is not None
    nothing = np.zeros((0, AXIS.size))
    explanation = replace(
        made.explanation, fit=np.zeros(AXIS.size), residual=made.explanation.scan, parts=nothing, matched=(), missing=()
    )
    return replace(
        made,
        outcome=Outcome.NO_MATCH,
        tentative=False,
        components=(),
        unexplained=Unexplained(1.0, (745.0, 1645.0, 1695.0)),
        alerts=(),
        targets=(Target("fentanyl", False, 0.05), Target("acetylfentanyl", False, None)),
        explanation=explanation,
    )
