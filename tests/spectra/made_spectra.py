"""A made-up world of substances, so that the truth behind every scan of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spectra.axis import SHARE_WINDOWS
from spectra.compilation import compile_references
from spectra.criteria import CRITERIA, Criteria
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.quality import noise
from spectra.question import Question
from spectra.reference import Grade, Reference, ReferenceEntry, ReferenceSet
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.unmix import Unmixed, unmix

FloatArray = NDArray[np.float64]

N_SUBSTANCES = 20
AXES = {
    Technique.FTIR: np.arange(600.0, 2000.1, 4.0),
    Technique.RAMAN: np.arange(150.0, 2500.1, 2.0),
}
ORDINATES = {Technique.FTIR: Ordinate.ABSORBANCE, Technique.RAMAN: Ordinate.INTENSITY}
# Half widths of bands at half height [cm^-1], as the two techniques show them.
_WIDTHS = {Technique.FTIR: (6.0, 14.0), Technique.RAMAN: (4.0, 9.0)}
CLASSES = ("cutting agent", "stimulant", "opioid", "fentanyl-related")


def name_of(number: int) -> str:
    return f"substance {number:02d}"


def bands(number: int, technique: Technique, axis: FloatArray) -> FloatArray:
    """The pure substance of this number: a dozen Lorentzian bands, unit area in the share window, shape (n_points,)."""
    rng = np.random.default_rng([number, technique is Technique.RAMAN])
    low, high = SHARE_WINDOWS[technique]
    places = rng.uniform(low + 30.0, high - 30.0, 12)
    heights = rng.uniform(0.15, 1.0, 12)
    widths = rng.uniform(*_WIDTHS[technique], 12)
    curve = (heights / (1.0 + ((axis[:, None] - places) / widths) ** 2)).sum(axis=1)
    fine = np.arange(low, high, 1.0)
    area = (heights / (1.0 + ((fine[:, None] - places) / widths) ** 2)).sum()
    return np.asarray(curve / area)


def spectrum(intensity: FloatArray, technique: Technique, axis: FloatArray | None = None) -> Spectrum:
    """A spectrum of this technique on its usual axis."""
    return Spectrum(AXES[technique] if axis is None else axis, intensity, technique, ORDINATES[technique])


def scan(
    parts: dict[int, float],
    technique: Technique,
    *,
    seed: int = 0,
    noise: float = 1 / 500,
    background: float = 0.05,
) -> Spectrum:
    """A measured mixture: shares by number, a sloping background, and noise [of the strongest band]."""
    axis = AXES[technique]
    clean = sum((share * bands(number, technique, axis) for number, share in parts.items()), np.zeros(axis.size))
    top = float(clean.max())
    position = np.linspace(-1.0, 1.0, axis.size)
    rng = np.random.default_rng([seed, *parts])
    slow = background * top * (2.0 + position - 0.5 * position**2)
    return spectrum(clean + slow + noise * top * rng.standard_normal(axis.size), technique)


def entry(number: int, **changes: object) -> ReferenceEntry:
    """Identity of a made-up substance; every fourth is fentanyl-related and watched."""
    family = CLASSES[number % len(CLASSES)]
    given = ReferenceEntry(
        id=f"{number:02d}.jdx",
        substance=name_of(number),
        form="base",
        substance_class=family,
        controlled=family != "cutting agent",
        watch=family == "fentanyl-related",
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def reference(number: int, technique: Technique, *, axis: FloatArray | None = None, **changes: object) -> Reference:
    """A reference measured with little noise."""
    axis = AXES[technique] if axis is None else axis
    clean = bands(number, technique, axis)
    rng = np.random.default_rng([number, 77])
    noisy = clean * 1.0 + 2e-4 * clean.max() * rng.standard_normal(axis.size)
    return Reference(entry(number, **changes), spectrum(noisy, technique, axis))


def made_references(technique: Technique, numbers: Sequence[int] = range(N_SUBSTANCES)) -> list[Reference]:
    return [reference(number, technique) for number in numbers]


def subset(references: ReferenceSet, rows: Sequence[int] | NDArray[np.intp]) -> ReferenceSet:
    """Some references of a set, in the order given."""
    rows = np.asarray(rows, dtype=np.intp)
    return replace(
        references,
        curves=references.curves[rows],
        features=references.features[rows],
        coverage=references.coverage[rows],
        entries=tuple(references.entries[row] for row in rows.tolist()),
    )


def without(references: ReferenceSet, substance: str) -> ReferenceSet:
    """The set with every reference of one substance taken out."""
    return subset(references, [row for row, e in enumerate(references.entries) if e.substance != substance])


def with_grade(references: ReferenceSet, grade: Grade) -> ReferenceSet:
    return replace(references, entries=tuple(replace(e, grade=grade) for e in references.entries))


def made_set(technique: Technique) -> ReferenceSet:
    return compile_references(made_references(technique))


def question(scan: Spectrum, references: ReferenceSet, criteria: Criteria = CRITERIA) -> Question:
    """What is asked of a scan: all references may be named."""
    ready = prepare(scan, recipe_for(scan.technique))
    least = criteria.least_noise * float(np.ptp(ready.curve))
    sigma = max(noise(scan.intensity) / float(np.sqrt(ready.thinning)), least)
    return Question(ready, np.ones(references.n_refs, dtype=bool), references, sigma, criteria)


def fitted_with(rows: Sequence[int], asked: Question) -> Unmixed:
    """The scan fitted with these references, whatever a search would find."""
    rows = list(rows)
    return replace(unmix(asked), rows=tuple(rows), window=asked.window(rows), weighed=asked.weigh(rows))
