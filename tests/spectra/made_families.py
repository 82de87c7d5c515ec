"""A made-up world in which substances of a family share bands, at about the same places and of other heights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spectra.compilation import compile_references
from spectra.reference import Grade, Reference, ReferenceEntry, ReferenceSet
from spectra.spectrum import Ordinate, Spectrum, Technique

FloatArray = NDArray[np.float64]

AXIS = np.arange(600.0, 2000.1, 4.0)
N_MEMBERS, N_OTHERS = 7, 30
FAMILIES = ("fentanyl-like", "nitazene-like")
USE = "stimulant"  # its members share nothing
SUGARS = "sugar"  # share bands, and nobody watches them


def _lines(places: FloatArray, heights: FloatArray, widths: FloatArray) -> FloatArray:
    return np.asarray((heights / (1.0 + ((AXIS[:, None] - places) / widths) ** 2)).sum(axis=1))


def _of_a_family(family: int, number: int) -> FloatArray:
    shared = np.random.default_rng([7, family])
    places, heights, widths = shared.uniform(680, 1820, 8), shared.uniform(0.4, 1.0, 8), shared.uniform(9, 15, 8)
    own = np.random.default_rng([8, family, number])
    moved, scaled = places + own.normal(0, 4, 8), heights * own.uniform(0.6, 1.4, 8)
    return _lines(moved, scaled, widths) + _lines(own.uniform(680, 1820, 4), own.uniform(0.2, 0.6, 4), np.full(4, 11.0))


def _of_none(number: int) -> FloatArray:
    own = np.random.default_rng([9, number])
    return _lines(own.uniform(680, 1820, 12), own.uniform(0.15, 1.0, 12), own.uniform(8, 15, 12))


def curves() -> dict[tuple[str, int], FloatArray]:
    """Every substance of the world by class and number."""
    made = {(name, n): _of_a_family(f, n) for f, name in enumerate((*FAMILIES, SUGARS)) for n in range(N_MEMBERS)}
    made |= {(USE, n): _of_none(1000 + n) for n in range(N_MEMBERS)}
    return made | {("cutting agent", n): _of_none(n) for n in range(N_OTHERS)}


def scan_of(parts: Sequence[tuple[float, FloatArray]], seed: int = 0) -> Spectrum:
    """A measured mixture of curves, each scaled to its share of the area."""
    clean = sum((share * curve / curve.sum() for share, curve in parts), np.zeros(AXIS.size))
    noise = np.random.default_rng([seed, 5]).standard_normal(AXIS.size)
    return Spectrum(AXIS, clean + clean.max() * noise / 500, Technique.FTIR, Ordinate.ABSORBANCE)


def reference_of(name: str, number: int, curve: FloatArray, grade: Grade = Grade.MEASURED) -> Reference:
    watched = name in (*FAMILIES, USE)
    entry = ReferenceEntry(
        id=f"{name} {number}.jdx",
        substance=f"{name} {number}",
        substance_class=name,
        controlled=watched,
        watch=watched,
        grade=grade,
    )
    return Reference(entry, scan_of([(1.0, curve)], seed=number))


def library(
    left_out: Sequence[tuple[str, int]] = (), grade: Grade = Grade.MEASURED, n_members: int = N_MEMBERS
) -> ReferenceSet:
    """All substances of the world but some."""
    return compile_references(
        [
            reference_of(name, number, curve, grade)
            for (name, number), curve in curves().items()
            if (name, number) not in left_out and (name == "cutting agent" or number < n_members)
        ]
    )
