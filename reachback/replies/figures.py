"""Pictures for a report: the verdict as it was given, drawn again from the stored bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from device_adapters.errors import AdapterError
from device_adapters.reading import read
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.model import OpenLibrary
from reachback.identification_json import identification_as_json
from reachback.identifying import Verdict, identify_bytes
from reachback.plotting import STYLE, draw_verdicts
from spectra.errors import SpectraError
from spectra.spectrum import Spectrum, Technique

__all__ = ["MOST_PICTURES", "Picture", "draw_scan"]

DOTS_PER_INCH = 150
MOST_PICTURES = 6  # of one file; a map of a thousand spectra is no report
_DRAWING = Lock()  # the drawing library's settings are shared by all threads
CHANGED = "The library or the engine has changed since this scan was identified; the scan alone is drawn."
MANY = "The file holds many spectra; the scan alone is drawn."


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, its size [pixels], and what must be said below it."""

    png: bytes
    width: int
    height: int
    caption: str


def draw_scan(
    content: bytes, element: Mapping[str, Any], library: OpenLibrary, *, with_fit: bool = True
) -> Picture | None:
    """Draw one spectrum of a file; None where there is nothing to draw.

    The fit is drawn only where identifying the bytes again gives exactly the stored verdict: another library or engine
    would draw what nobody was told.
    """
    scan = element["scan"]
    file = str(scan.get("file") or "scan")
    stated = _stated(scan.get("stated_by_user") or {})
    if with_fit and (element.get("library") or {}).get("digest") == library.digest:
        for answer in identify_bytes(content, file, library, stated):
            if isinstance(answer, Verdict) and _is_same(answer, element, library):
                with _DRAWING, mpl.rc_context(STYLE):
                    return _as_png(draw_verdicts([answer.identification], library), "")
    spectrum = _spectrum(content, file, int(scan.get("index") or 0), stated)
    if spectrum is None:
        return None
    with _DRAWING, mpl.rc_context(STYLE):
        return _as_png(_draw_spectrum(spectrum), CHANGED if with_fit else MANY)


def _stated(statements: Mapping[str, str]) -> Stated:
    laser = statements.get("laser_nm")
    return Stated(
        technique=statements.get("technique"),
        mode=statements.get("mode"),
        laser_nm=None if laser is None else float(laser),
        y_units=statements.get("y_units"),
    )


def _is_same(verdict: Verdict, element: Mapping[str, Any], library: OpenLibrary) -> bool:
    again = identification_as_json(verdict.identification, library)
    return all(again[key] == element.get(key) for key in again if key != "timing_ms")


def _spectrum(content: bytes, file: str, index: int, stated: Stated) -> Spectrum | None:
    try:
        for recording in read(content, file):
            if recording.index == index:
                return as_spectrum(recording, stated, file=file)
    except (AdapterError, SpectraError):
        return None  # the scan was refused when it came, and the report says why
    return None


def _draw_spectrum(spectrum: Spectrum) -> Figure:
    figure = Figure(figsize=(9.0, 3.2))
    FigureCanvasAgg(figure)
    axes = figure.subplots(gridspec_kw={"left": 0.1, "right": 0.98, "top": 0.95, "bottom": 0.18})
    axes.plot(spectrum.axis, spectrum.intensity, color="#000000", linewidth=0.9)
    axes.set_xlim(spectrum.axis[0], spectrum.axis[-1])
    axes.set_ylabel(f"{spectrum.ordinate.replace('_', ' ')} as measured")
    if spectrum.technique is Technique.FTIR:
        axes.invert_xaxis()
        axes.set_xlabel("Wavenumber [cm⁻¹]")
    else:
        axes.set_xlabel("Raman shift [cm⁻¹]")
    return figure


def _as_png(figure: Figure, caption: str) -> Picture:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    width, height = (round(length * DOTS_PER_INCH) for length in figure.get_size_inches())
    return Picture(written.getvalue(), width, height, caption)
