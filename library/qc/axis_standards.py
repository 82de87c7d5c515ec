"""Is the axis right? References of calibration standards are compared with the positions their standard states.

The positions come from JCAMP-DX peak tables with a source: those shipped (Raman, ASTM E1840), and a laboratory's own,
of its certified film or rod, in a folder it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes, read
from library.qc.findings import Finding, Level
from spectra.reference import Grade, Reference
from spectra.spectrum import Spectrum, Technique

__all__ = ["AxisStandard", "check_axis", "read_standards"]

REACH: Final = 8.0  # [cm^-1] a band further off is another one, or none
FEWEST_BANDS: Final = 3
CAS_LINE: Final = re.compile(r"^##CAS REGISTRY NO=[ \t]*([0-9-]+)", re.MULTILINE)
# [cm^-1] Median deviation. Instruments for the field state 1 to 2; a band's centre on a grid of 4 is good to about 0.5.
WARN_FROM: Final = 1.5
FAIL_FROM: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class AxisStandard:
    """A material whose bands are known.

    Parameters
    ----------
    name : str
    cas : str
    technique : Technique
    positions : array, shape (n_bands,)
        [cm^-1]
    """

    name: str
    cas: str
    technique: Technique
    positions: NDArray[np.float64]


def read_standards(folders: Iterable[Path], saying: str = "") -> tuple[AxisStandard, ...]:
    """Standards of all peak tables in these folders; what is no peak table, or states no CAS number, is passed over.

    Parameters
    ----------
    saying : str
        Only tables whose header holds this word.
    """
    found = []
    for path in sorted(path for folder in folders if folder.is_dir() for path in folder.glob("*.[jJ][dD][xX]")):
        try:
            recordings = read(load_bytes(path), path.name)
        except AdapterError:
            continue
        for recording in recordings:
            cas = CAS_LINE.search(recording.header)
            if saying.casefold() not in recording.header.casefold():
                continue
            if recording.kind == "peaks" and cas and recording.technique in set(Technique):
                name = (recording.title or path.stem).partition(" (")[0]
                found.append(AxisStandard(name, cas[1], Technique(recording.technique), recording.x.astype(np.float64)))
    return tuple(found)


def check_axis(reference: Reference, standards: Sequence[AxisStandard]) -> Iterator[Finding]:
    """Compare a reference with its standard, where it is one; nothing is said of what is none."""
    entry, spectrum = reference.entry, reference.spectrum
    if entry.grade is Grade.BAND_TABLE or not entry.cas:
        return
    known = [each for each in standards if each.cas == entry.cas and each.technique is spectrum.technique]
    if not known:
        return
    positions = np.unique(np.concatenate([each.positions for each in known]))
    deviations = _deviations(spectrum, positions)
    if deviations.size < FEWEST_BANDS:
        return
    off, spread = float(np.median(deviations)), float(np.percentile(np.abs(deviations), 90))
    level = Level.FAILURE if abs(off) > FAIL_FROM else Level.WARNING if abs(off) > WARN_FROM else Level.NOTE
    words = (
        f"{entry.id} ({entry.substance}) has its bands {off:+.1f} cm^-1 from where the standard has them"
        f" ({deviations.size} bands, nine of ten within {spread:.1f})"
    )
    if level is not Level.NOTE:
        words += "; calibrate the instrument, and measure again what it measured since"
    yield Finding("axis", level, (entry.id,), words, {"shift_cm-1": off, "spread_cm-1": spread})


def _deviations(spectrum: Spectrum, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measured less stated position [cm^-1] of the bands that can be found, shape (n_found,)."""
    axis, values = spectrum.axis, spectrum.intensity
    height = float(np.ptp(values))
    found = []
    for position in positions:
        near = np.flatnonzero(np.abs(axis - position) <= REACH)
        if near.size < 3:
            continue
        top = int(near[np.argmax(values[near])])
        if top in (near[0], near[-1]) or not height > 0:
            continue  # the highest point is a flank of something else
        left, middle, right = values[top - 1 : top + 2]
        bend = left - 2 * middle + right
        foot = max(float(values[near[0]]), float(values[near[-1]]))
        if bend >= 0 or middle - foot < 0.01 * height:
            continue
        step = (axis[top + 1] - axis[top - 1]) / 2
        found.append(float(axis[top] + 0.5 * (left - right) / bend * step - position))
    return np.array(found)
