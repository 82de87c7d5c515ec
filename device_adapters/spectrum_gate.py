"""From a recording to a spectrum that may be identified, or one sentence why not.

What the file says counts; a statement of the user fills in what it does not say, and is then recorded in the
provenance. A statement that contradicts the file is refused. One exception: where the file's ordinate word does
not fit its own numbers (an *absorbance* that runs to 585), the file has said nothing of use, and the statement
decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_adapters.abscissa import wavenumbers
from device_adapters.errors import NotASpectrum, Unstated
from device_adapters.ordinate import decide_ordinate
from device_adapters.recording import Recording
from device_adapters.stated import Stated
from spectra.errors import InvalidSpectrum
from spectra.spectrum import MAX_POINTS, MIN_POINTS, Provenance, Spectrum, Technique

__all__ = ["Stated", "as_spectrum"]

FloatArray = NDArray[np.float64]
Statements = list[tuple[str, str]]

_VAGUE_DATA_TYPES = {"SPECTRUM", "UNKNOWN", "GENERAL", "SIMPLE GRAPH", "XYDATA", "XY DATA", "CURVE", "ARBITRARY"}
_SAME_LASER_NM = 1.0  # instruments call one laser 785, 784.82 and 785.041


def as_spectrum(recording: Recording, stated: Stated | None = None, *, file: str = "") -> Spectrum:
    """Decide technique, units and axis of a recording, and check that it is a whole scan.

    Parameters
    ----------
    recording : Recording
    stated : Stated
        What the user says beside the file.
    file : str
        Name for the provenance.

    Returns
    -------
    Spectrum
        Axis [cm^-1] ascending; points the file marks as missing are left out.

    Raises
    ------
    Unstated
        Technique, laser or y units must be stated first.
    NotASpectrum
        It is a peak table, truncated, not finite, not monotonic, too short, too long, of another technique,
        or contradicts the statement.
    """
    stated = stated or Stated()
    used: Statements = []
    _refuse_no_scan(recording)
    technique = _technique(recording, stated, used)
    mode = _mode(recording, stated, used)
    laser = _laser(recording, stated, used)
    axis, intensity = _present_points(recording)
    axis = wavenumbers(axis, recording, technique, laser, used)
    ordinate = decide_ordinate(intensity, recording.y_units, technique, stated.y_units, used)
    axis, intensity = _ascending(axis, intensity)
    _refuse_too_short_or_long(axis)
    provenance = Provenance(
        file=file,
        index=recording.index,
        sha256=recording.sha256 or None,
        title=recording.title,
        stated=tuple(used),
    )
    try:
        return Spectrum(axis, intensity, technique, ordinate, mode, laser, provenance)
    except InvalidSpectrum as error:
        raise NotASpectrum(str(error)) from error


def _refuse_no_scan(recording: Recording) -> None:
    if recording.kind == "peaks":
        raise NotASpectrum("a peak table is a reference, not a scan: export the curve")
    if recording.kind == "auxiliary":
        what = f"the curve {recording.title!r}" if recording.title else "this curve"
        raise NotASpectrum(f"{what} only belongs to a scan (a dark, reference or raw measurement): use the scan itself")
    if recording.breaks_off:
        raise NotASpectrum(
            f"truncated: the file breaks off inside a line after {recording.x.size:,} points: copy or export it again"
        )
    declared, found = recording.n_declared, recording.x.size
    if declared is not None and found < declared:
        raise NotASpectrum(f"truncated: {declared:,} declared, {found:,} found: copy or export the file again")
    if declared is not None and found > declared:
        raise NotASpectrum(f"damaged: {declared:,} points declared, {found:,} found: copy or export the file again")


def _technique(recording: Recording, stated: Stated, used: Statements) -> Technique:
    data_type = recording.metadata.get("data_type")
    if recording.technique != "unknown":
        if stated.technique is not None and stated.technique != recording.technique:
            raise NotASpectrum(
                f"the file says {recording.technique}, but {stated.technique} was stated: leave the statement away,"
                " or correct the file"
            )
        return Technique(recording.technique)
    if data_type and str(data_type).upper() not in _VAGUE_DATA_TYPES:
        raise NotASpectrum(f"this is no Raman or infrared spectrum: the file calls it {data_type!r}")
    if stated.technique is None:
        raise Unstated(
            "the file does not say its technique: state it with --technique raman or --technique ftir"
            " (for ftir also --y-units)"
        )
    used.append(("technique", str(stated.technique)))
    return Technique(stated.technique)


def _mode(recording: Recording, stated: Stated, used: Statements) -> str | None:
    written = recording.metadata.get("mode")
    if written is None:
        if stated.mode is not None:
            used.append(("mode", stated.mode))
        return stated.mode
    if stated.mode is not None and stated.mode.casefold() != str(written).casefold():
        raise NotASpectrum(f"the file says the mode {written}, but {stated.mode} was stated: leave the statement away")
    return str(written)


def _laser(recording: Recording, stated: Stated, used: Statements) -> float | None:
    written = recording.metadata.get("laser_nm")
    if written is None:
        if stated.laser_nm is not None:
            used.append(("laser_nm", f"{stated.laser_nm:.10g}"))
        return stated.laser_nm
    if stated.laser_nm is not None and abs(stated.laser_nm - float(written)) > _SAME_LASER_NM:
        raise NotASpectrum(
            f"the file says a laser of {written:g} nm, but {stated.laser_nm:g} nm was stated: leave the statement away"
        )
    return float(written)


def _present_points(recording: Recording) -> tuple[FloatArray, FloatArray]:
    """All points but those the file marks as missing; anything else that is not finite is refused."""
    x, y = recording.x, recording.y
    bad_x = np.flatnonzero(~np.isfinite(x))
    if bad_x.size:
        raise NotASpectrum(f"the axis holds {bad_x.size} values that are not finite, the first at point {bad_x[0] + 1}")
    missing = np.isnan(y)
    if recording.n_missing and int(missing.sum()) == recording.n_missing:
        x, y = x[~missing], y[~missing]
    bad_y = np.flatnonzero(~np.isfinite(y))
    if bad_y.size:
        raise NotASpectrum(
            f"{bad_y.size} of {y.size} ordinates are not finite (NaN or infinity), the first at point {bad_y[0] + 1}:"
            " export the scan again"
        )
    return x, y


def _ascending(axis: FloatArray, intensity: FloatArray) -> tuple[FloatArray, FloatArray]:
    steps = np.diff(axis)
    if steps.size and np.all(steps < 0):
        return axis[::-1], intensity[::-1]
    descends = bool(axis.size) and axis[-1] < axis[0]
    bad = np.flatnonzero(steps >= 0 if descends else steps <= 0)
    if bad.size:
        at = int(bad[0])
        what = "repeats" if steps[at] == 0 else "turns back at"
        raise NotASpectrum(
            f"the axis is not strictly monotonic: it {what} {axis[at + 1]:g} cm^-1 at point {at + 2}"
            f" ({bad.size} such places): export the scan again"
        )
    return axis, intensity


def _refuse_too_short_or_long(axis: FloatArray) -> None:
    if axis.size < MIN_POINTS:
        raise NotASpectrum(f"{axis.size} points are too few for a spectrum, which needs at least {MIN_POINTS}")
    if axis.size > MAX_POINTS:
        raise NotASpectrum(f"{axis.size:,} points are too many for one spectrum, the limit is {MAX_POINTS:,}")
