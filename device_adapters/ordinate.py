"""What the ordinate of a scan is, from the file's word, its numbers, and what the user states.

Units lie: TRANSMITTANCE means 0 to 1 in one file and 0 to 100 in another, and Raman files call counts absorbance.
So the word is held against the range of the numbers; where they do not fit, the user is asked. Reflectance,
log(1/R) and Kubelka-Munk units are not converted: they resemble absorbance, but with other band heights, and only
the user knows whether that will do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import NotASpectrum, Unstated
from device_adapters.unit_words import OrdinateWord, ordinate_word
from spectra.spectrum import Ordinate, Technique

__all__ = ["decide_ordinate"]

FloatArray = NDArray[np.float64]

_MAX_FRACTION = 2.0  # noise at the ends of the range lifts transmittance above 1, but hardly this far
_MIN_TOP_OF_PERCENT = 5.0  # between the two either is possible, and the user is asked
_MAX_PERCENT = 200.0
_MIN_OF_FULL_SCALE = -0.2  # noise about an opaque band
_MAX_ABSORBANCE = 10.0  # detectors end at 6; scaled references stay below too
_MIN_ABSORBANCE = -2.0
_ASK = "state --y-units absorbance, transmittance or percent_transmittance"


def decide_ordinate(
    y: FloatArray, word: str, technique: Technique, stated: Ordinate | str | None, used: list[tuple[str, str]]
) -> Ordinate:
    """Decide the ordinate.

    Parameters
    ----------
    y : array, shape (n_points,)
        [``word``] Finite.
    word : str
        What the file calls its ordinate, or ``"unknown"``.
    stated : Ordinate or str or None
        What the user says.
    used : list
        Gets the pair ``("y_units", …)`` where the statement decided.

    Raises
    ------
    Unstated
        Neither word nor statement tells, or the word does not fit the numbers.
    NotASpectrum
        The statement contradicts the technique, the file, or what such an ordinate can be.
    """
    choice = None if stated is None else Ordinate(stated)
    if technique is Technique.RAMAN:
        if choice not in (None, Ordinate.INTENSITY):
            raise NotASpectrum(f"a Raman spectrum has an intensity, but {choice} was stated: leave --y-units away")
        return Ordinate.INTENSITY
    if choice is Ordinate.INTENSITY:
        raise NotASpectrum(f"an infrared spectrum to identify has no bare intensity: {_ASK}")
    from_file = _from_file(y, word)
    if choice is None:
        if from_file is None:
            raise Unstated(_question(y, word))
        return from_file
    if from_file is not None and choice is not from_file:
        raise NotASpectrum(
            f"the file says {word!r}, which fits its numbers, but {choice} was stated: leave --y-units away,"
            " or correct the file"
        )
    _refuse_impossible(y, choice)
    if from_file is None:
        used.append(("y_units", str(choice)))
    return choice


def _from_file(y: FloatArray, word: str) -> Ordinate | None:
    """What the file's word says, where the numbers fit it; else None."""
    meaning = ordinate_word(word)
    if meaning is OrdinateWord.ABSORBANCE and _fits(y, _MIN_ABSORBANCE, _MAX_ABSORBANCE):
        return Ordinate.ABSORBANCE
    is_fraction = _fits(y, _MIN_OF_FULL_SCALE, _MAX_FRACTION)
    is_percent = _fits(y, 100.0 * _MIN_OF_FULL_SCALE, _MAX_PERCENT) and bool(y.max() >= _MIN_TOP_OF_PERCENT)
    if meaning is OrdinateWord.TRANSMITTANCE and is_fraction:
        return Ordinate.TRANSMITTANCE
    if meaning in (OrdinateWord.TRANSMITTANCE, OrdinateWord.PERCENT_TRANSMITTANCE) and is_percent:
        return Ordinate.PERCENT_TRANSMITTANCE
    return None


def _fits(y: FloatArray, low: float, high: float) -> bool:
    return bool(y.size and low <= y.min() and y.max() <= high)


def _question(y: FloatArray, word: str) -> str:
    meaning = ordinate_word(word)
    reach = f"{y.min(initial=np.inf):.4g} to {y.max(initial=-np.inf):.4g}"
    if meaning is OrdinateWord.REFLECTANCE:
        return f"the file calls its ordinate {word!r}, which is not converted to absorbance here: {_ASK} if it is one"
    if meaning in (OrdinateWord.UNCLEAR, OrdinateWord.INTENSITY):
        named = "does not say what its ordinate is" if word == "unknown" else f"calls its ordinate {word!r}"
        return f"the file {named} (values {reach}): {_ASK}"
    return f"the file calls its ordinate {word!r}, but values of {reach} do not fit that: {_ASK}"


def _refuse_impossible(y: FloatArray, choice: Ordinate) -> None:
    if choice is Ordinate.TRANSMITTANCE and y.max(initial=0.0) > _MAX_FRACTION:
        raise NotASpectrum(
            f"transmittance was stated, but the values run to {y.max():.4g}: for percent state"
            " --y-units percent_transmittance"
        )
    if choice is Ordinate.PERCENT_TRANSMITTANCE and y.max(initial=0.0) > _MAX_PERCENT:
        raise NotASpectrum(f"percent transmittance was stated, but the values run to {y.max():.4g}")
