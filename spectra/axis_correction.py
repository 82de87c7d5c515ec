"""An axis that is off far beyond a small shift, corrected against the scan itself or by a scan of a known material.

A dispersive instrument turns pixels into wavenumbers by a polynomial, so a badly calibrated one shows bands displaced
smoothly, by little here and by tens of wavenumbers there. The displacement is looked for as a polynomial of fourth
order that brings a reference's bands onto those of the scan, from coarse to fine (registration, as of images; Lucas and
Kanade, IJCAI 1981). Square roots of intensities are compared: an instrument with such an axis has seldom the right
response either, and weak bands say as much of an axis as strong ones.

What fits only once it may be displaced is weak evidence: every substance looked at gets its own best displacement, and
the best of them must be far ahead of all others. Where a library holds several homologues, whose bands differ by a few
wavenumbers, none of them is; one that stands alone there can be taken for its relative, so that what is watched is
never settled this way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from spectra.axis import SHARE_WINDOWS
from spectra.criteria import Criteria
from spectra.errors import InvalidReference, InvalidSpectrum
from spectra.preprocess.recipe import Prepared, prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import ReferenceSet
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import Identification, Outcome

__all__ = ["AxisCorrection", "Registered", "by_standard", "correctable", "register", "retold"]

FloatArray = NDArray[np.float64]

_ORDER = 4
# From coarse to fine: blur [cm^-1, standard deviation] and order of the polynomial.
_STAGES = ((20.0, 1), (12.0, 2), (7.0, 3), (5.0, 4))
# [cm^-1] Usual size of each coefficient, and how well roots of intensities agree [1]: larger ones have to earn it.
_USUAL = np.array([8.0, 8.0, 6.0, 6.0, 4.0])
_AGREEMENT_ERROR = 0.03
_ROUNDS, _LARGEST_STEP, _SETTLED = 6, 12.0, 0.1  # [1], [cm^-1], [cm^-1]
_FINAL_BLUR = 2.0  # [cm^-1]
_SHOWS_A_BAND = 0.2  # [1] of the highest root: a twenty-fifth of the highest band
# References that are registered, one a substance and form; those whose bands, blurred, lie most like the scan's.
_LOOKED_AT = 8
_NARROWED = 400  # of a large library, those that are blurred at all
_LOOK_BLUR = 15.0  # [cm^-1]
# Blurred that far, 95 of 100 scans on an axis off by 25 cm^-1 still look as much like their reference [1].
_LEAST_ALIKE = 0.78
_ADVICE = "The instrument's axis is far off: run its self-test, and calibrate it before the next scan."


@dataclass(frozen=True, slots=True)
class AxisCorrection:
    """A smooth displacement of an axis: Chebyshev coefficients [cm^-1] over the range where shares are measured."""

    coefficients: tuple[float, ...]

    def displacement(self, axis: FloatArray) -> FloatArray:
        """How much too high the axis reads [cm^-1], shape of ``axis``; constant beyond the range it was found in."""
        return np.asarray(chebyshev.chebval(_position(axis), self.coefficients), dtype=np.float64)

    def apply(self, spectrum: Spectrum) -> Spectrum:
        """The spectrum on its corrected axis.

        Raises
        ------
        InvalidSpectrum
            The correction would turn the order of points around.
        """
        return replace(spectrum, axis=spectrum.axis - self.displacement(spectrum.axis))


@dataclass(frozen=True, slots=True)
class Registered:
    """A reference brought onto a scan.

    ``agreement`` is the part of the scan's structure [1] (variance of the roots of intensities) that the displaced
    reference accounts for; ``largest`` and ``mean`` are of the displacement [cm^-1] where the reference has bands.
    """

    row: int
    correction: AxisCorrection
    agreement: float
    largest: float
    mean: float


def correctable(
    ready: Prepared, comparable: NDArray[np.bool_], references: ReferenceSet, criteria: Criteria
) -> Registered | None:
    """The one reference that the scan shows on a displaced axis, or None where none stands out.

    Only Raman axes are looked at: an interferometer's is given by its laser.

    Parameters
    ----------
    ready : Prepared
        The scan on its own axis.
    comparable : bool array, shape (n_refs,)
        References that may be named.
    """
    if ready.recipe.technique is not Technique.RAMAN:
        return None
    found = []
    for row in _alike(ready, comparable, references):
        one = register(ready, references, row)
        if one is not None:
            found.append(one)
    found.sort(key=lambda one: -one.agreement)
    if not found or found[0].agreement < criteria.min_axis_agreement:
        return None
    best, runner_up = found[0], max((one.agreement for one in found[1:]), default=0.0)
    far_ahead = best.agreement - runner_up >= criteria.min_axis_margin
    believed = best.largest <= criteria.max_axis_error and abs(best.mean) <= criteria.max_axis_shift
    worth_it = best.largest >= criteria.least_axis_error and not references.is_packaging[best.row]
    return best if far_ahead and believed and worth_it else None


def by_standard(scan: Spectrum, references: ReferenceSet, substance: str, criteria: Criteria) -> Registered:
    """What an instrument's scan of a known material, such as polystyrene, says of its axis.

    Parameters
    ----------
    references : ReferenceSet
        Holds the material, measured or as a table of its bands.
    substance : str
        The material's name there, in any case of letters.

    Raises
    ------
    InvalidSpectrum
        The scan is of an interferometer, does not show the material, or its axis is off beyond belief.
    InvalidReference
        The references do not hold the material.
    """
    if scan.technique is not Technique.RAMAN:
        raise InvalidSpectrum("an axis is corrected by a standard in Raman only: an interferometer's is its laser's")
    rows = [i for i, entry in enumerate(references.entries) if entry.substance.casefold() == substance.casefold()]
    if not rows:
        raise InvalidReference(f"the library holds no Raman reference of the standard {substance}")
    ready = prepare(scan, recipe_for(Technique.RAMAN))
    found = [one for one in (register(ready, references, row) for row in rows) if one is not None]
    best = max(found, key=lambda one: one.agreement, default=None)
    if best is None or best.agreement < criteria.min_standard_agreement:
        raise InvalidSpectrum(f"the scan of the standard does not show {substance}, wherever its bands may lie")
    if best.largest > criteria.max_axis_error:
        raise InvalidSpectrum(
            f"by its scan of {substance} the instrument's axis is off by up to {best.largest:.0f} cm^-1: calibrate it"
        )
    return best


def retold(
    written: Identification, corrected: Identification, found: Registered, references: ReferenceSet
) -> Identification:
    """The verdict on the corrected axis where it names what the axis was corrected for; else the one as written.

    What is watched or controlled is never settled on a corrected axis: its relatives differ by little more than that.
    """
    entry = references.entries[found.row]
    substances = [component.substance for component in corrected.components]
    others = {component.substance for component in written.components} - {entry.substance}
    if corrected.outcome not in (Outcome.MATCH, Outcome.INCONCLUSIVE) or substances != [entry.substance] or others:
        would = f"an axis off by up to {found.largest:.0f} cm^-1 would make this scan resemble {entry.substance}"
        return replace(written, reasons=(*written.reasons, f"{would}: have the instrument's axis checked"))
    why = f"the axis of this scan was corrected by up to {found.largest:.0f} cm^-1, as {entry.substance} would have it"
    reasons, outcome = [*corrected.reasons, why], corrected.outcome
    [component] = corrected.components
    watched = {watched.substance for watched in references.watched_entries}
    if component.controlled or not watched.isdisjoint({component.substance, *component.indistinguishable_from}):
        outcome = Outcome.INCONCLUSIVE
        reasons.append("a watched substance is not settled on a corrected axis: its relatives differ by little more")
    quality = replace(
        corrected.quality,
        flags=(*corrected.quality.flags, "axis_corrected"),
        advice=(*corrected.quality.advice, _ADVICE),
    )
    return replace(corrected, spectrum=written.spectrum, outcome=outcome, quality=quality, reasons=tuple(reasons))


def register(ready: Prepared, references: ReferenceSet, row: int) -> Registered | None:
    """Bring a reference onto the scan; None where that would fold the axis or too little is covered by both.

    Parameters
    ----------
    row : int
        Of the reference.
    """
    axis, curve = references.axis, references.curves[row].astype(np.float64)
    first = max(ready.first, int(references.coverage[row, 0]))
    stop = min(ready.stop, int(references.coverage[row, 1]))
    if stop - first < 64:
        return None
    scan, reference = _roots(ready.curve), _roots(curve)
    window, step = slice(first, stop), float(axis[1] - axis[0])
    coefficients = np.zeros(_ORDER + 1)
    for blur, order in _STAGES:
        _refine(
            coefficients[: order + 1], axis, window, *(gaussian_filter1d(c, blur / step) for c in (scan, reference))
        )
    displacement = _polynomials(axis.tobytes()) @ coefficients
    if np.any(np.diff(axis - displacement)[first : stop - 1] <= 0):
        return None
    blurred = [gaussian_filter1d(c, _FINAL_BLUR / step) for c in (scan, reference)]
    moved = np.interp(axis - displacement, axis, blurred[1])
    _, rest = _fitted(blurred[0][window], moved[window], _position(axis[window]))
    whole = blurred[0][window] - blurred[0][window].mean()
    agreement = 1.0 - float(rest @ rest) / max(float(whole @ whole), 1e-300)
    inside = moved[window] >= _SHOWS_A_BAND * float(moved[window].max())
    shown = displacement[window][inside]
    correction = AxisCorrection(tuple(coefficients.tolist()))
    return Registered(row, correction, agreement, float(np.abs(shown).max()), float(shown.mean()))


def _refine(coefficients: FloatArray, axis: FloatArray, window: slice, scan: FloatArray, reference: FloatArray) -> None:
    """Gauss-Newton steps of the coefficients, in place: the reference at displaced points, with a gain that tilts."""
    columns = _polynomials(axis.tobytes())[:, : coefficients.size]
    slope = np.gradient(reference, axis)
    usual = (_AGREEMENT_ERROR / _USUAL[: coefficients.size]) ** 2
    position = _position(axis[window])
    for _ in range(_ROUNDS):
        points = (axis - columns @ coefficients)[window]
        moved = np.interp(points, axis, reference)
        gain, rest = _fitted(scan[window], moved, position)
        moves = -(gain * np.interp(points, axis, slope))[:, None] * columns[window]
        jacobian = np.column_stack([moves, moved, moved * position, np.ones_like(moved)])
        normal = jacobian.T @ jacobian
        normal[np.diag_indices(len(normal))] += 1e-9
        normal[range(usual.size), range(usual.size)] += usual
        wanted = jacobian.T @ rest
        wanted[: usual.size] -= usual * coefficients
        steps = np.clip(np.linalg.solve(normal, wanted)[: usual.size], -_LARGEST_STEP, _LARGEST_STEP)
        coefficients += steps
        if np.abs(steps).max() < _SETTLED:
            break


def _fitted(scan: FloatArray, moved: FloatArray, position: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gain at each point, and what a reference under a tilted gain and an offset leaves of a scan."""
    columns = np.stack([moved, moved * position, np.ones_like(moved)])
    normal = columns @ columns.T
    normal[np.diag_indices(3)] += 1e-12 * normal.trace()
    amounts = np.linalg.solve(normal, columns @ scan)
    return amounts[0] + amounts[1] * position, scan - amounts @ columns


def _alike(ready: Prepared, comparable: NDArray[np.bool_], references: ReferenceSet) -> list[int]:
    """References whose bands, blurred, lie most like the scan's: one a substance and form, best first.

    None if none is alike.
    """
    step = float(references.axis[1] - references.axis[0])
    rows = np.flatnonzero(comparable)
    if rows.size > 2 * _NARROWED:
        blurred = gaussian_filter1d(ready.curve, 1.5 * _LOOK_BLUR / step)
        lengths = np.sqrt(np.einsum("ij,ij->i", references.curves, references.curves))
        products = references.curves @ blurred.astype(np.float32) / np.maximum(lengths, 1e-30)
        rows = rows[np.argpartition(-products[rows], _NARROWED)[:_NARROWED]]
    window = ready.covered
    scan = _centred(gaussian_filter1d(_roots(ready.curve), _LOOK_BLUR / step)[window])
    curves = np.array([_roots(references.curves[row].astype(np.float64)) for row in rows])
    others = _centred(gaussian_filter1d(curves, _LOOK_BLUR / step, axis=1)[:, window])
    alike = others @ scan
    if alike.max() < _LEAST_ALIKE:
        return []
    order = rows[np.argsort(-alike, kind="stable")]
    best: dict[int, int] = {}
    for row in order.tolist():
        best.setdefault(int(references.identities[row]), row)
        if len(best) == _LOOKED_AT:
            break
    return list(best.values())


def _roots(curve: FloatArray) -> FloatArray:
    """Square roots of a curve over that of its maximum, 0 below zero, shape kept."""
    return np.sqrt(np.clip(curve, 0.0, None) / max(float(curve.max()), 1e-300))


def _centred(values: FloatArray) -> FloatArray:
    """Less their mean and of unit length, along the last axis."""
    values = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-300))


def _position(axis: FloatArray) -> FloatArray:
    """The axis mapped to -1 … 1 over the range where shares are measured; what lies beyond counts as its end."""
    low, high = SHARE_WINDOWS[Technique.RAMAN]
    return np.clip(2.0 * (axis - low) / (high - low) - 1.0, -1.0, 1.0)


@lru_cache(maxsize=4)
def _polynomials(axis_bytes: bytes) -> FloatArray:
    columns = chebyshev.chebvander(_position(np.frombuffer(axis_bytes)), _ORDER)
    columns.flags.writeable = False
    return np.asarray(columns, dtype=np.float64)
