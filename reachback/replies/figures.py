"""Pictures for a report: the verdict as it was given, drawn again from the stored bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
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
from reachback.plotting import DRAWING, PAGE_WIDTH, STYLE, draw_for_page, draw_verdicts, label_axis
from spectra.errors import SpectraError
from spectra.spectrum import Spectrum

__all__ = ["MOST_PICTURES", "Drawing", "Picture", "draw_scan", "draw_scan_for_page"]

DOTS_PER_INCH = 150
MOST_PICTURES = 6  # of one file; a map of a thousand spectra is no report
CHANGED = "The library or the engine has changed since this scan was identified; the scan alone is drawn."
MANY = "The file holds many spectra; the scan alone is drawn."


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, its size [pixels], and what must be said below it."""

    png: bytes
    width: int
    height: int
    caption: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG drawing, and what must be said below it."""

    svg: bytes
    caption: str


def draw_scan(
    content: bytes, element: Mapping[str, Any], library: OpenLibrary, *, with_fit: bool = True
) -> Picture | None:
    """Draw one spectrum of a file; None where there is nothing to draw.

    The fit is drawn only where identifying the bytes again gives exactly the stored verdict: another library or engine
    would draw what nobody was told.
    """
    verdict = _same_verdict(content, element, library) if with_fit else None
    if verdict is not None:
        with DRAWING, mpl.rc_context(STYLE):
            return _as_png(draw_verdicts([verdict.identification], library), "")
    spectrum = _spectrum(content, element)
    if spectrum is None:
        return None
    with DRAWING, mpl.rc_context(STYLE):
        return _as_png(_draw_spectrum(spectrum, (9.0, 3.2)), CHANGED if with_fit else MANY)


def draw_scan_for_page(content: bytes, element: Mapping[str, Any], library: OpenLibrary) -> Drawing | None:
    """The same as a drawing for pages: narrow, and without titles."""
    verdict = _same_verdict(content, element, library)
    if verdict is not None:
        with DRAWING, mpl.rc_context(STYLE):
            return _as_svg(draw_for_page(verdict.identification), "")
    spectrum = _spectrum(content, element)
    if spectrum is None:
        return None
    with DRAWING, mpl.rc_context(STYLE):
        return _as_svg(_draw_spectrum(spectrum, (PAGE_WIDTH, 3.0)), CHANGED)


def _same_verdict(content: bytes, element: Mapping[str, Any], library: OpenLibrary) -> Verdict | None:
    """The verdict made again from the bytes, where it is exactly the stored one."""
    if (element.get("library") or {}).get("digest") != library.digest:
        return None
    scan = element["scan"]
    for answer in identify_bytes(content, _file(scan), library, _stated(scan.get("stated_by_user") or {})):
        if isinstance(answer, Verdict) and _is_same(answer, element, library):
            return answer
    return None


def _file(scan: Mapping[str, Any]) -> str:
    return str(scan.get("file") or "scan")


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


def _spectrum(content: bytes, element: Mapping[str, Any]) -> Spectrum | None:
    scan = element["scan"]
    file, stated = _file(scan), _stated(scan.get("stated_by_user") or {})
    try:
        for recording in read(content, file):
            if recording.index == int(scan.get("index") or 0):
                return as_spectrum(recording, stated, file=file)
    except (AdapterError, SpectraError):
        return None  # the scan was refused when it came, and the report says why
    return None


def _draw_spectrum(spectrum: Spectrum, size: tuple[float, float]) -> Figure:
    """The scan alone, in a figure of this width and height [inch]."""
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    left = 0.9 / size[0]
    axes = figure.subplots(gridspec_kw={"left": left, "right": 0.98, "top": 0.95, "bottom": 0.58 / size[1]})
    axes.plot(spectrum.axis, spectrum.intensity, color="#000000", linewidth=0.9)
    axes.set_xlim(spectrum.axis[0], spectrum.axis[-1])
    axes.set_ylabel(f"{spectrum.ordinate.replace('_', ' ')} as measured")
    label_axis(axes, spectrum.technique)
    return figure


def _as_png(figure: Figure, caption: str) -> Picture:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    width, height = (round(length * DOTS_PER_INCH) for length in figure.get_size_inches())
    return Picture(written.getvalue(), width, height, caption)


def _as_svg(figure: Figure, caption: str) -> Drawing:
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return Drawing(written.getvalue(), caption)
