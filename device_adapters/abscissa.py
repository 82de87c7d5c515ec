"""The axis of a scan in cm^-1, where the file and the user say enough for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import NotASpectrum, Unstated
from device_adapters.recording import Recording
from spectra.spectrum import Technique

__all__ = ["wavenumbers"]

FloatArray = NDArray[np.float64]

_NM_TO_PER_CM = 1e7
_UM_TO_PER_CM = 1e4
_EV_TO_PER_CM = 8065.543937349212  # e / (100 h c), exact by the SI of 2019
_FOREIGN = {
    "s": "an axis in seconds is no spectrum but a chromatogram or a time trace",
    "min": "an axis in minutes is no spectrum but a chromatogram or a time trace",
    "ppm": "an axis in ppm is that of nuclear magnetic resonance, not of a Raman or infrared spectrum",
    "m/z": "an axis in m/z is that of a mass spectrum, not of a Raman or infrared spectrum",
    "points": "the axis counts points or pixels and no wavenumbers: export the scan with its calibrated axis",
}


def wavenumbers(
    x: FloatArray, recording: Recording, technique: Technique, laser_nm: float | None, used: list[tuple[str, str]]
) -> FloatArray:
    """Axis [cm^-1]: the Raman shift, or the wavenumber of an infrared spectrum.

    Parameters
    ----------
    x : array, shape (n_points,)
        [``recording.x_units``] Finite.
    laser_nm : float or None
        [nm]
    used : list
        Gets a note where an axis without any unit was taken as cm^-1.

    Raises
    ------
    Unstated
        A wavelength axis of a Raman scan without its laser, or an axis without unit that may be either.
    NotASpectrum
        The unit is that of another technique, or values that are no wavelengths or wavenumbers.
    """
    units = recording.x_units
    if units in _FOREIGN:
        raise NotASpectrum(_FOREIGN[units])
    if units == "unknown":
        _refuse_unclear(x, recording, technique)
        used.append(("x_units", "cm-1, as the file names no unit"))
    if technique is Technique.RAMAN:
        return _raman_shift(x, units, laser_nm)
    return _infrared(x, units)


def _raman_shift(x: FloatArray, units: str, laser_nm: float | None) -> FloatArray:
    if units in ("cm-1", "unknown"):
        return x
    if units == "eV":
        raise NotASpectrum("a Raman axis in eV may be a shift or a photon energy: export the Raman shift in cm-1")
    if laser_nm is None:
        raise Unstated(f"the axis is a wavelength in {units}, no Raman shift without its laser: state --laser NM")
    _refuse_not_positive(x, "wavelength")
    nanometres = x if units == "nm" else 1000.0 * x
    return _NM_TO_PER_CM / laser_nm - _NM_TO_PER_CM / nanometres


def _infrared(x: FloatArray, units: str) -> FloatArray:
    if units in ("nm", "um"):
        _refuse_not_positive(x, "wavelength")
        return (_NM_TO_PER_CM if units == "nm" else _UM_TO_PER_CM) / x
    axis = x * _EV_TO_PER_CM if units == "eV" else x
    _refuse_not_positive(axis, "wavenumber")
    return axis


def _refuse_not_positive(x: FloatArray, what: str) -> None:
    bad = np.flatnonzero(x <= 0)
    if bad.size:
        raise NotASpectrum(f"a {what} of {x[bad[0]]:g} at point {bad[0] + 1} cannot be: this axis is no {what}")


def _refuse_unclear(x: FloatArray, recording: Recording, technique: Technique) -> None:
    """An axis without any unit is taken as cm^-1 only where it can hardly be something else."""
    written = recording.metadata.get("x_units_as_written")
    if written:
        raise NotASpectrum(f"the axis is written as {written!r}, which names neither cm-1 nor nm, um or eV")
    low, high = float(x.min(initial=np.inf)), float(x.max(initial=-np.inf))
    if technique is Technique.RAMAN:
        # Wavelengths of scans with the usual lasers lie between 450 and 1200 nm.
        is_clear = low >= -4000.0 and high <= 5000.0 and (high > 1200.0 or (low <= 450.0 and high >= 600.0))
    else:
        is_clear = low > 10.0 and 1000.0 < high <= 15_000.0
    if not is_clear:
        raise Unstated(
            f"the axis runs from {low:g} to {high:g} without a unit and may be no wavenumber: name the columns in the"
            " file's first line, for example 'Raman shift (cm-1)' or 'wavelength (nm)'"
        )
