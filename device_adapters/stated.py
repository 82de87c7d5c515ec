"""What a user states about a file that does not say it itself."""

from __future__ import annotations

from dataclasses import dataclass

from spectra.spectrum import Ordinate, Technique

__all__ = ["Stated"]


@dataclass(frozen=True, slots=True)
class Stated:
    """Statements of a user; None where nothing was stated.

    Parameters
    ----------
    technique : Technique or str or None
        ``"raman"`` or ``"ftir"``.
    mode : str or None
        ``"ATR"``, ``"transmission"``, ``"SERS"`` …
    laser_nm : float or None
        [nm] Excitation wavelength, 100 to 3000.
    y_units : Ordinate or str or None
        ``"absorbance"``, ``"transmittance"``, ``"percent_transmittance"`` or ``"intensity"``.

    Raises
    ------
    ValueError
        A value outside of these; the message is one sentence.
    """

    technique: Technique | str | None = None
    mode: str | None = None
    laser_nm: float | None = None
    y_units: Ordinate | str | None = None

    def __post_init__(self) -> None:
        if self.technique is not None and self.technique not in list(Technique):
            raise ValueError(f"the technique is {' or '.join(Technique)}, not {self.technique!r}")
        if self.y_units is not None and self.y_units not in list(Ordinate):
            raise ValueError(f"the y units are one of {', '.join(Ordinate)}, not {self.y_units!r}")
        if self.laser_nm is not None and not 100.0 < self.laser_nm < 3000.0:
            raise ValueError(f"a laser wavelength is between 100 and 3000 nm, not {self.laser_nm:g}")
