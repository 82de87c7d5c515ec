"""What is in a file before it becomes a reference: its spectra, what it says of itself, and a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from device_adapters.errors import AdapterError
from device_adapters.reading import read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.band_tables import as_band_table_spectrum
from library.errors import LibraryError
from library.importers.member_reading import details_of
from reachback.curation.stated_reference import field_problem
from reachback.library_report.reference_drawing import draw_spectrum
from spectra.errors import SpectraError
from spectra.spectrum import Spectrum

__all__ = ["LookedAt", "draw_file", "look_at_file"]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One spectrum of a file: its number (from 1), and either what it says of itself or why it cannot be used."""

    number: int
    n_points: int
    says: Mapping[str, str]
    why_not: str | None


def look_at_file(name: str, content: bytes, stated: Stated) -> list[LookedAt]:
    """Every spectrum of a file; Unprocessable, about the field ``file``, where it cannot be read at all."""
    return [_looked_at(recording, stated) for recording in _read(name, content)]


def draw_file(name: str, content: bytes, stated: Stated, number: int) -> bytes:
    """The picture of one spectrum of a file, counted from 1."""
    chosen = next((each for each in _read(name, content) if each.index + 1 == number), None)
    if chosen is None:
        raise field_problem("recording", "the file has no such spectrum")
    spectrum = _spectrum(chosen, stated)
    if isinstance(spectrum, str):
        raise field_problem("file", spectrum)
    return draw_spectrum(spectrum)


def _read(name: str, content: bytes) -> list[Recording]:
    try:
        return list(read(content, name))
    except AdapterError as error:
        raise field_problem("file", str(error)) from None


def _looked_at(recording: Recording, stated: Stated) -> LookedAt:
    spectrum = _spectrum(recording, stated)
    if isinstance(spectrum, str):
        return LookedAt(recording.index + 1, len(recording.x), {}, spectrum)
    says = {"technique": str(spectrum.technique), **details_of(recording)}
    if spectrum.mode:
        says["mode"] = spectrum.mode
    return LookedAt(recording.index + 1, len(recording.x), says, None)


def _spectrum(recording: Recording, stated: Stated) -> Spectrum | str:
    """The spectrum, or why it is none."""
    try:
        if recording.kind == "peaks":
            return as_band_table_spectrum(recording)
        return as_spectrum(recording, stated)
    except (AdapterError, SpectraError, LibraryError) as error:
        return str(error)
