"""What the numeric codes of SPC stand for."""

from __future__ import annotations

from types import MappingProxyType

from device_adapters.recording import XUnits

__all__ = ["EXPERIMENTS", "RAMAN_SHIFT", "X_WORDS", "Y_WORDS", "is_known_x_code", "x_units_of_code"]

RAMAN_SHIFT = 13
_NO_UNITS = 255
X_WORDS = MappingProxyType(
    {
        0: "arbitrary",
        1: "wavenumber (cm-1)",
        2: "micrometers (um)",
        3: "nanometers (nm)",
        4: "seconds",
        5: "minutes",
        6: "hertz",
        7: "kilohertz",
        8: "megahertz",
        9: "mass (M/z)",
        10: "parts per million",
        11: "days",
        12: "years",
        13: "Raman shift (cm-1)",
        14: "eV",
        15: "text labels",
        16: "diode number",
        17: "channel",
        18: "degrees",
        19: "temperature (F)",
        20: "temperature (C)",
        21: "temperature (K)",
        22: "data points",
        23: "milliseconds",
        24: "microseconds",
        25: "nanoseconds",
        26: "gigahertz",
        27: "centimeters",
        28: "meters",
        29: "millimeters",
        30: "hours",
        _NO_UNITS: "double interferogram",
    }
)
_X_UNITS: MappingProxyType[int, XUnits] = MappingProxyType(
    {
        1: "cm-1",
        2: "um",
        3: "nm",
        4: "s",
        5: "min",
        9: "m/z",
        10: "ppm",
        13: "cm-1",
        14: "eV",
        16: "points",
        17: "points",
        22: "points",
    }
)
Y_WORDS = MappingProxyType(
    {
        0: "arbitrary intensity",
        1: "interferogram",
        2: "absorbance",
        3: "Kubelka-Munk",
        4: "counts",
        5: "volts",
        6: "degrees",
        7: "milliamps",
        8: "millimeters",
        9: "millivolts",
        10: "log(1/R)",
        11: "percent",
        12: "intensity",
        13: "relative intensity",
        14: "energy",
        16: "decibel",
        19: "temperature (F)",
        20: "temperature (C)",
        21: "temperature (K)",
        22: "index of refraction",
        23: "extinction coefficient",
        24: "real",
        25: "imaginary",
        26: "complex",
        128: "transmittance",
        129: "reflectance",
        130: "single beam",
        131: "emission",
    }
)
# 4 is "FT-IR, FT-NIR or FT-Raman" and 0 is "general": they do not say the technique.
EXPERIMENTS = MappingProxyType(
    {
        1: "gas chromatogram",
        2: "chromatogram",
        3: "HPLC chromatogram",
        5: "near infrared spectrum",
        7: "UV-VIS spectrum",
        8: "X-ray diffraction",
        9: "mass spectrum",
        10: "NMR spectrum",
        12: "fluorescence spectrum",
        13: "atomic spectrum",
        14: "diode array chromatogram",
    }
)


def is_known_x_code(code: int) -> bool:
    """Whether the format has such an axis."""
    return code in X_WORDS


def x_units_of_code(code: int) -> XUnits:
    """The contract's unit for a code of the axis."""
    return _X_UNITS.get(code, "unknown")
