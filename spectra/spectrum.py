"""One measured spectrum: frozen, checked at birth, axis in cm^-1."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spectra.errors import InvalidSpectrum

__all__ = ["MAX_POINTS", "MIN_POINTS", "Ordinate", "Provenance", "Spectrum", "Technique"]

FloatArray = NDArray[np.float64]

MIN_POINTS = 32
MAX_POINTS = 100_000
# Far beyond any detector; squares of more overflow the single precision that libraries are searched in.
_LARGEST_INTENSITY = 1e18


class Technique(StrEnum):
    """How the sample was measured."""

    RAMAN = "raman"
    FTIR = "ftir"


class Ordinate(StrEnum):
    """What the intensity of a spectrum is, once somebody has decided it."""

    INTENSITY = "intensity"  # Raman: counts, counts per second or arbitrary units
    ABSORBANCE = "absorbance"  # decadic absorbance [1], or proportional to it
    TRANSMITTANCE = "transmittance"  # fraction of light transmitted [1], 1 = all
    PERCENT_TRANSMITTANCE = "percent_transmittance"  # the same in [%]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a spectrum came from, and who decided what the file left open.

    ``stated`` holds pairs (what, value) that a user stated because the file did not say:
    ``(("technique", "raman"), ("laser_nm", "785"))``.
    """

    file: str = ""
    index: int = 0
    sha256: str | None = None
    title: str | None = None
    stated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """A spectrum on an ascending wavenumber axis.

    Parameters
    ----------
    axis : array-like, shape (n_points,)
        [cm^-1] Wavenumber (FTIR) or Raman shift, strictly ascending.
    intensity : array-like, shape (n_points,)
        [see ``ordinate``] Finite everywhere.
    technique : Technique
    ordinate : Ordinate
        Raman spectra are always ``INTENSITY``; FTIR spectra never are.
    mode : str or None
        ``"ATR"``, ``"transmission"``, ``"SERS"`` …; None where nobody said.
    laser_nm : float or None
        [nm] Excitation wavelength of a Raman scan.
    provenance : Provenance

    Raises
    ------
    InvalidSpectrum
        Wrong shape, fewer than 32 or more than 100,000 points, values that are not finite or beyond 10^18,
        an axis that is not strictly ascending, an ordinate foreign to the technique.
    """

    axis: FloatArray
    intensity: FloatArray
    technique: Technique
    ordinate: Ordinate
    mode: str | None = None
    laser_nm: float | None = None
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", _frozen(self.axis, "axis"))
        object.__setattr__(self, "intensity", _frozen(self.intensity, "intensity"))
        too_large = np.flatnonzero(np.abs(self.intensity) > _LARGEST_INTENSITY)
        if too_large.size:
            raise InvalidSpectrum(
                f"the intensity holds {too_large.size} values beyond {_LARGEST_INTENSITY:g}, the first at point"
                f" {too_large[0] + 1}"
            )
        if self.axis.shape != self.intensity.shape:
            raise InvalidSpectrum(
                f"axis and intensity differ in length: {self.axis.size} against {self.intensity.size} points"
            )
        if not MIN_POINTS <= self.axis.size <= MAX_POINTS:
            raise InvalidSpectrum(
                f"a spectrum needs {MIN_POINTS} to {MAX_POINTS:,} points, this one has {self.axis.size:,}"
            )
        descents = np.flatnonzero(np.diff(self.axis) <= 0)
        if descents.size:
            i = int(descents[0])
            raise InvalidSpectrum(
                f"the axis is not strictly ascending: {self.axis[i]:g} is followed by {self.axis[i + 1]:g} cm^-1"
                f" at point {i + 2}"
            )
        if (self.technique is Technique.RAMAN) != (self.ordinate is Ordinate.INTENSITY):
            raise InvalidSpectrum(f"a {self.technique} spectrum cannot have the ordinate {self.ordinate}")
        if self.laser_nm is not None and not 100.0 < self.laser_nm < 3000.0:
            raise InvalidSpectrum(f"a laser wavelength of {self.laser_nm:g} nm is outside 100 to 3000 nm")

    @property
    def n_points(self) -> int:
        """Number of points of the axis."""
        return int(self.axis.size)

    def with_intensity(self, intensity: ArrayLike, ordinate: Ordinate | None = None) -> Spectrum:
        """The same spectrum with other ordinates [as ``ordinate``, by default unchanged], shape (n_points,)."""
        return replace(self, intensity=np.asarray(intensity, dtype=np.float64), ordinate=ordinate or self.ordinate)

    def between(self, low: float, high: float) -> Spectrum:
        """The part of the spectrum from ``low`` to ``high`` [cm^-1], both included.

        Raises
        ------
        InvalidSpectrum
            Fewer than 32 points lie there.
        """
        inside = (self.axis >= low) & (self.axis <= high)
        return replace(self, axis=self.axis[inside], intensity=self.intensity[inside])


def _frozen(values: Any, what: str) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise InvalidSpectrum(f"the {what} of a spectrum has one dimension, not {array.ndim}")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InvalidSpectrum(
            f"the {what} holds {bad.size} values that are not finite, the first at point {bad[0] + 1}"
        )
    array.flags.writeable = False
    return array
