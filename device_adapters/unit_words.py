"""The words that files use for units and ordinates, told apart without guessing."""

from __future__ import annotations

import re
from enum import StrEnum

from device_adapters.recording import XUnits

__all__ = ["OrdinateWord", "ordinate_word", "sampling_mode", "x_units_of"]

_X_WORDS: tuple[tuple[str, XUnits], ...] = (
    (r"(1\s*/\s*cm|cm\s*\^?\s*\(?[-−⁻]\s*[1¹]\)?|/\s*cm|reciprocal centim\w+|inverse centim\w+)", "cm-1"),
    (r"(nm|nanomet(er|re)s?)", "nm"),
    (r"([uµμ]m|micro?n(s|met(er|re)s?)?|micromet(er|re)s?)", "um"),
    (r"(ev|electron\s?volts?)", "eV"),
    (r"(m/z|m/e)", "m/z"),
    (r"(ppm|parts per million)", "ppm"),
    (r"(s|sec|seconds?)", "s"),
    (r"(min|minutes?)", "min"),
    (r"(points?|pixels?|channels?|data points?)", "points"),
)
_NAMES_OF_WAVENUMBER = re.compile(r"(wave\s?numbers?|raman[\s_]*shifts?|wnum)\.?", re.IGNORECASE)
_UNIT_IN_BRACKETS = re.compile(r"[^(\[/]*(?:[(\[](?P<unit>[^()\[\]]*)[)\]]|/\s*(?P<slash>\S+))\s*")
_LONGEST_NAME = 80  # characters; longer texts are no unit


def x_units_of(text: str) -> XUnits:
    """The contract's unit for what a file writes: ``"1/CM"``, ``"Wavelength (nm)"``, ``"Raman shift / cm-1"``."""
    text = text.strip()
    if len(text) > _LONGEST_NAME:
        return "unknown"
    for pattern, unit in _X_WORDS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return unit
    bracketed = _UNIT_IN_BRACKETS.fullmatch(text)
    if bracketed:
        return x_units_of(bracketed["unit"] or bracketed["slash"] or "")
    if _NAMES_OF_WAVENUMBER.fullmatch(text):
        return "cm-1"
    return "unknown"


class OrdinateWord(StrEnum):
    """What a file's word for its ordinate says, before the numbers are looked at."""

    ABSORBANCE = "absorbance"
    TRANSMITTANCE = "transmittance"  # 0 to 1 or 0 to 100: the word does not say
    PERCENT_TRANSMITTANCE = "percent transmittance"
    REFLECTANCE = "reflectance"  # also log(1/R) and Kubelka-Munk: not absorbance, never converted
    INTENSITY = "intensity"
    UNCLEAR = "unclear"


_ORDINATES: tuple[tuple[str, OrdinateWord], ...] = (
    (r"reflect|kubelka|munk|\bk-?m\b|log\s*\(?\s*1\s*/\s*r|%\s*r\b", OrdinateWord.REFLECTANCE),
    (r"%\s*t\b|%\s*trans|(percent|per cent|pct)[\s_]*trans|trans\w*[\s_]*[(\[]?\s*(%|percent)|\bt\s*[(\[]\s*%",
     OrdinateWord.PERCENT_TRANSMITTANCE),
    (r"transmi", OrdinateWord.TRANSMITTANCE),
    (r"absorbance|absorption units|^abs\.?$|^a$", OrdinateWord.ABSORBANCE),
    (r"count|intensit|\bcps\b|^raman$", OrdinateWord.INTENSITY),
)  # fmt: skip


def ordinate_word(text: str) -> OrdinateWord:
    """What a file's own word for its ordinate means."""
    for pattern, word in _ORDINATES:
        if len(text) <= _LONGEST_NAME and re.search(pattern, text.strip(), re.IGNORECASE):
            return word
    return OrdinateWord.UNCLEAR


def sampling_mode(text: str) -> str:
    """The usual short name of a sampling mode where the text holds one, else the text itself."""
    for pattern, mode in (
        (r"\bATR\b|attenuated total", "ATR"),
        (r"\bSERS\b|surface.enhanced", "SERS"),
        (r"\bSORS\b|spatially offset", "SORS"),
        (r"\bDRIFTS?\b|diffuse reflect", "diffuse reflectance"),
        (r"^transmission", "transmission"),
    ):
        if re.search(pattern, text, re.IGNORECASE):
            return mode
    return text.strip()
