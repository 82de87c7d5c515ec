"""Scans opened for a chemist's questions: read once, prepared once, then fitted with whatever he chooses.

All of it is plain computing on bytes that were stored before; no transaction is open meanwhile.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import AdapterError
from device_adapters.reading import read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.model import OpenLibrary
from reachback.problems import Unprocessable
from spectra.components import components_of
from spectra.errors import SpectraError
from spectra.fitting import Fitted, fit_chosen, prepare_question
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.question import Question
from spectra.spectrum import Spectrum
from spectra.verdict import Component

__all__ = ["MOST_CHOSEN", "OpenedScan", "ScanBench", "fit_of", "rows_named"]

FloatArray = NDArray[np.float64]
MOST_CHOSEN = 8  # references fitted at once; more explain anything
_KEPT = 64  # scans kept open
_FEWEST_SHARED = 32  # points that all chosen references have to share with the scan


@dataclass(frozen=True, slots=True, eq=False)
class OpenedScan:
    """One spectrum of a file. ``question`` is None where the library has nothing to compare it with: ``why_not``."""

    recording: Recording
    spectrum: Spectrum
    question: Question | None
    why_not: str | None

    @property
    def absorbance(self) -> Spectrum:
        """The spectrum with the ordinate that references have."""
        return convert_to_absorbance(self.spectrum)[0]


class ScanBench:
    """Keeps the scans that chemists look at open; any thread may ask."""

    def __init__(self, library: Callable[[], OpenLibrary]) -> None:
        self.library = library
        self._opened: OrderedDict[tuple[Any, ...], OpenedScan] = OrderedDict()
        self._lock = threading.Lock()

    def opened(self, scan: Mapping[str, Any], sha256: str, name: str, content: Callable[[], bytes]) -> OpenedScan:
        """A spectrum as ``scan`` says where it stands and what was stated of it (`blind_reading.measured`).

        Raises
        ------
        Unprocessable
            It cannot be read any more.
        """
        index, stated = int(scan.get("index") or 0), dict(scan.get("stated_by_user") or {})
        key = (sha256, index, tuple(sorted(stated.items())), self.library().digest)
        with self._lock:
            if key in self._opened:
                self._opened.move_to_end(key)
                return self._opened[key]
        made = _open(content(), name, index, _stated(stated), self.library())
        with self._lock:
            self._opened[key] = made
            while len(self._opened) > _KEPT:
                self._opened.popitem(last=False)
        return made


def _stated(statements: Mapping[str, str]) -> Stated:
    laser = statements.get("laser_nm")
    return Stated(
        technique=statements.get("technique"),
        mode=statements.get("mode"),
        laser_nm=None if laser is None else float(laser),
        y_units=statements.get("y_units"),
    )


def _open(content: bytes, name: str, index: int, stated: Stated, library: OpenLibrary) -> OpenedScan:
    try:
        recording = next(each for each in read(content, name) if each.index == index)
        spectrum = as_spectrum(recording, stated, file=name)
    except (AdapterError, SpectraError, StopIteration) as error:
        raise Unprocessable(f"this spectrum cannot be read any more: {error}; look at the original file") from error
    references = library.sets.get(spectrum.technique)
    if references is None:
        return OpenedScan(recording, spectrum, None, f"the library has no {spectrum.technique} references")
    try:
        return OpenedScan(recording, spectrum, prepare_question(spectrum, references), None)
    except SpectraError as error:
        return OpenedScan(recording, spectrum, None, str(error))


def rows_named(references: Sequence[str], question: Question) -> list[int]:
    """Rows of the references with these ids, each once and in order; those the library does not hold are left out."""
    numbers = {entry.id: row for row, entry in enumerate(question.references.entries)}
    return list(dict.fromkeys(numbers[name] for name in references if name in numbers))


def fit_of(opened: OpenedScan, rows: list[int], library: OpenLibrary) -> tuple[Fitted, list[Component]]:
    """Fit a chosen set; the components stand in the order of the rows.

    Raises
    ------
    Unprocessable
        Nothing, too much, or what cannot be compared with this scan was chosen.
    """
    question = opened.question
    if question is None:
        raise Unprocessable(f"nothing can be fitted here: {opened.why_not}")
    if not rows:
        raise Unprocessable("choose at least one reference to fit")
    if len(rows) > MOST_CHOSEN:
        raise Unprocessable(f"{len(rows)} references are too many; {MOST_CHOSEN} at most are fitted at once")
    for row in rows:
        if not question.comparable[row]:
            name = question.references.entries[row].substance
            raise Unprocessable(f"{name} cannot be compared with this scan: another kind of Raman, or another range")
    window = question.window(rows)
    if window.stop - window.start < _FEWEST_SHARED:
        raise Unprocessable("these references share too little of the axis with each other; take one of them out")
    fitted = fit_chosen(question, rows)
    return fitted, components_of(fitted, library.calibrations[opened.spectrum.technique])
