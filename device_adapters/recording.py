"""What a file holds, exactly as written: the value every reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Recording", "XUnits"]

XUnits = Literal["cm-1", "nm", "um", "eV", "s", "min", "ppm", "m/z", "points", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One curve or peak table of a file, in the file's own units and order.

    Parameters
    ----------
    format : str
        Name of the format that was read, e.g. ``"jcamp-dx"``.
    index : int
        Position in the file, counted from 0.
    x, y : array, shape (n_points,)
        [``x_units``, ``y_units``] As written, scale factors of the format applied, order kept.
    x_units : str
        One of the contract's units.
    y_units : str
        The file's own words (``"ABSORBANCE"``, ``"counts"``); ``"unknown"`` where it has none.
    technique : "raman", "ftir" or "unknown"
        As the file says; never guessed.
    kind : "curve", "peaks" or "auxiliary"
        A peak table holds positions in ``x`` and heights in ``y``. An auxiliary curve (a dark, reference or raw
        measurement) belongs to a scan of the same file and is none itself.
    widths : array, shape (n_points,), or None
        [``x_units``] Full widths at half maximum of a peak table that gives them.
    n_declared : int or None
        Points the file says it has, where it says so.
    n_missing : int
        Ordinates the file itself marks as missing (``?`` in JCAMP-DX); they are NaN in ``y``.
    breaks_off : bool
        Whether the file ends inside this recording, as one does whose copy was cut short.
    title : str or None
    metadata : mapping of str to JSON values
        The metadata model: absent keys are unknown. Its words, and what stands under each, are in
        ``device_adapters.metadata``.
    header : str
        The file's header for this recording, verbatim.
    warnings : tuple of str
        What a careful reader would want to know, one sentence each.
    sha256 : str
        Of the whole file's bytes.
    """

    format: str
    index: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_units: XUnits
    y_units: str
    technique: Literal["raman", "ftir", "unknown"] = "unknown"
    kind: Literal["curve", "peaks", "auxiliary"] = "curve"
    widths: NDArray[np.float64] | None = None
    n_declared: int | None = None
    n_missing: int = 0
    breaks_off: bool = False
    title: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    header: str = ""
    warnings: tuple[str, ...] = ()
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("x", "y", "widths"):
            values = getattr(self, name)
            if values is not None:
                array = np.array(values, dtype=np.float64)
                array.flags.writeable = False
                object.__setattr__(self, name, array)
        if self.x.shape != self.y.shape or self.x.ndim != 1:
            raise ValueError(f"x and y of a recording differ in shape: {self.x.shape} against {self.y.shape}")
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
