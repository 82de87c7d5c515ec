"""One reference by itself: noise, resolution, coverage, saturation, baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from library.qc.findings import Finding, Level
from library.qc.thresholds import Thresholds
from spectra.compilation import share_points
from spectra.criteria import CRITERIA
from spectra.errors import SpectraError
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.quality import assess
from spectra.reference import Grade, Reference
from spectra.spectrum import Spectrum, Technique

__all__ = ["Measured", "judge_measured", "measure"]

ADVICE = "measure it again, or settle this finding with a reason"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one reference.

    Parameters
    ----------
    id : str
    technique : Technique
    grade : Grade
    problem : str or None
        Why it could not be prepared at all; then the figures are None or empty.
    snr : float or None
        [1] Strongest band over noise; None where the numbers are rounded or smoothed until no noise is left.
    step : float
        [cm^-1] Median distance of points.
    coverage : float
        [1] Part of the judged range that was measured.
    background : float
        [1] Area taken off as baseline over area of the bands.
    floor : float
        [1] Height that 95 of 100 points lie above, over the highest; FTIR only: a detector's dark level says nothing.
    flags : tuple of str
        Of `spectra.quality.assess`.
    stated_resolution : float or None
        [cm^-1] As the laboratory wrote it.
    """

    id: str
    technique: Technique
    grade: Grade
    problem: str | None
    snr: float | None = None
    step: float = 0.0
    coverage: float = 0.0
    background: float = 0.0
    floor: float = 0.0
    flags: tuple[str, ...] = ()
    stated_resolution: float | None = None


def measure(reference: Reference, stated_resolution: float | None = None) -> Measured:
    """Measure one reference; a reference that cannot be prepared is measured as that."""
    spectrum, entry = reference.spectrum, reference.entry
    try:
        ready = prepare(spectrum, recipe_for(spectrum.technique))
        if not _has_bands(ready):
            return Measured(entry.id, spectrum.technique, entry.grade, "it has no bands in the range that is judged")
        report = assess(spectrum, ready, CRITERIA)
    except SpectraError as error:
        return Measured(entry.id, spectrum.technique, entry.grade, str(error).rstrip("."))
    return Measured(
        id=entry.id,
        technique=spectrum.technique,
        grade=entry.grade,
        problem=None,
        snr=report.snr,
        step=float(np.median(np.diff(spectrum.axis))),
        coverage=(ready.stop - ready.first) / ready.recipe.axis.size,
        background=_background(ready),
        floor=_floor(spectrum),
        flags=report.flags,
        stated_resolution=stated_resolution,
    )


def judge_measured(measured: Measured, limits: Thresholds) -> Iterator[Finding]:
    """What speaks against a reference, by itself."""
    if measured.problem:
        yield Finding("usable", Level.FAILURE, (measured.id,), f"{measured.id} cannot be compared: {measured.problem}")
        return
    yield from _coverage(measured, limits)
    if measured.grade is Grade.BAND_TABLE:
        return  # a drawn curve has neither noise nor a detector
    yield from _noise(measured, limits)
    yield from _saturation(measured)
    yield from _resolution(measured, limits)
    yield from _baseline(measured, limits)


def _noise(measured: Measured, limits: Thresholds) -> Iterator[Finding]:
    if measured.snr is None or measured.snr >= limits.least_snr:
        return
    level = Level.FAILURE if measured.snr < limits.fail_snr else Level.WARNING
    words = (
        f"{measured.id} is noisy: its strongest band is {measured.snr:.0f} times the noise,"
        f" a reference should have {limits.least_snr:.0f}; {ADVICE}"
    )
    yield Finding("noise", level, (measured.id,), words, {"snr": measured.snr})


def _saturation(measured: Measured) -> Iterator[Finding]:
    if "no_signal" in measured.flags:
        yield Finding("saturation", Level.FAILURE, (measured.id,), f"{measured.id} holds no signal; {ADVICE}")
    for flag, words in (("saturated", "is cut off at the detector's limit"), ("opaque", "let almost no light through")):
        if flag in measured.flags:
            yield Finding("saturation", Level.FAILURE, (measured.id,), f"{measured.id} {words}; {ADVICE}")


def _resolution(measured: Measured, limits: Thresholds) -> Iterator[Finding]:
    raman = measured.technique is Technique.RAMAN
    widest = limits.widest_step_raman if raman else limits.widest_step_ftir
    coarsest = limits.coarsest_resolution_raman if raman else limits.coarsest_resolution_ftir
    if measured.step > widest:
        words = f"{measured.id} has a point every {measured.step:.1f} cm^-1, too few for bands of a solid; {ADVICE}"
        yield Finding("resolution", Level.WARNING, (measured.id,), words, {"step_cm-1": measured.step})
    stated = measured.stated_resolution
    if stated is not None and stated > coarsest:
        words = f"{measured.id} was measured at {stated:g} cm^-1, coarser than a field instrument; {ADVICE}"
        yield Finding("resolution", Level.WARNING, (measured.id,), words, {"resolution_cm-1": stated})


def _coverage(measured: Measured, limits: Thresholds) -> Iterator[Finding]:
    if measured.coverage >= limits.full_coverage:
        return
    part = f"{measured.id} covers {100 * measured.coverage:.0f} % of the range that is judged"
    figures = {"coverage": measured.coverage}
    if measured.coverage < limits.least_coverage and measured.grade is Grade.MEASURED:
        words = f"{part}: no scan of the whole range will ever be compared with it; measure all of it"
        yield Finding("coverage", Level.FAILURE, (measured.id,), words, figures)
    else:
        yield Finding("coverage", Level.NOTE, (measured.id,), f"{part}; bands outside are unknown", figures)


def _baseline(measured: Measured, limits: Thresholds) -> Iterator[Finding]:
    if measured.floor > limits.raised_floor:
        words = (
            f"{measured.id} never comes down to zero: its lowest points lie at {100 * measured.floor:.0f} % of its"
            " highest; look for a poor contact, a coloured or a wet sample"
        )
        yield Finding("baseline", Level.NOTE, (measured.id,), words, {"floor": measured.floor})
    if measured.background <= limits.raised_baseline:
        return
    level = Level.WARNING if measured.background > limits.most_background else Level.NOTE
    words = (
        f"{measured.id} lies on a background of {measured.background:.1f} times the area of its bands;"
        " look at it before you rely on weak bands"
    )
    yield Finding("baseline", level, (measured.id,), words, {"background": measured.background})


def _background(ready: Prepared) -> float:
    """Area under the baseline, counted from its lowest point, over the area of the bands [1]."""
    covered = ready.covered
    bands = float(np.clip(ready.curve[covered], 0.0, None).sum())
    base = ready.baseline[covered]
    # A constant offset, positive or negative, is the instrument's zero and hides nothing.
    return float((base - base.min()).sum()) / bands if bands > 0 else float("inf")


def _has_bands(ready: Prepared) -> bool:
    """True where compiling will find something to compare: area in the share window, and slopes."""
    window = share_points(ready.recipe.axis, ready.recipe.technique)
    return float(np.clip(ready.curve[window], 0.0, None).sum()) > 0 and float(np.linalg.norm(ready.feature)) > 0


def _floor(spectrum: Spectrum) -> float:
    if spectrum.technique is Technique.RAMAN:
        return 0.0
    absorbance, _ = convert_to_absorbance(spectrum)
    highest = float(absorbance.intensity.max())
    return float(np.percentile(absorbance.intensity, 5)) / highest if highest > 0 else 0.0
