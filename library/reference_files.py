"""One reference from one file: a measured curve, or a curve drawn from a table of bands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes, read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import Stated, as_spectrum
from library.band_tables import as_band_table_spectrum
from library.errors import LibraryError
from library.model import ManifestRow
from spectra.errors import SpectraError
from spectra.reference import Grade, Reference
from spectra.spectrum import Spectrum

__all__ = ["BrokenReferenceFile", "read_reference"]


class BrokenReferenceFile(LibraryError):
    """The file of a reference cannot be used; the message says why."""


def read_reference(path: Path, row: ManifestRow) -> Reference:
    """The first recording of a file that is a spectrum of the row's technique.

    Raises
    ------
    BrokenReferenceFile
        The file cannot be read, or none of its recordings can be used.
    """
    try:
        recordings = read(load_bytes(path), PurePosixPath(row.file).name)  # a store names its files by their digest
    except AdapterError as error:
        raise BrokenReferenceFile(str(error)) from None
    refusal = "it holds no spectrum"
    for recording in recordings:
        try:
            spectrum = _spectrum(recording, row)
        except (AdapterError, SpectraError, LibraryError) as error:
            refusal = str(error)
            continue
        grade = Grade.BAND_TABLE if recording.kind == "peaks" else Grade.MEASURED
        return Reference(entry=row.entry(grade), spectrum=spectrum)
    raise BrokenReferenceFile(refusal)


def _spectrum(recording: Recording, row: ManifestRow) -> Spectrum:
    if recording.technique not in ("unknown", row.technique.value):
        raise BrokenReferenceFile(f"the file says {recording.technique}, the manifest {row.technique}; correct one")
    if recording.kind == "peaks":
        # A table often leaves its technique to the folder it lies in; the manifest is what states it.
        return as_band_table_spectrum(replace(recording, technique=row.technique.value))
    # The manifest fills in what the file does not say; its mode is a laboratory's own words and contradicts nothing.
    mode = None if recording.metadata.get("mode") else row.mode
    return as_spectrum(recording, Stated(technique=row.technique, mode=mode), file=row.id)
