"""Bytes of a device in, recordings and spectra out.

``read`` gives every recording of a file exactly as written; ``as_spectrum`` decides units, brings the axis to
cm^-1 and refuses, in one sentence, what cannot be identified; ``inspect_file`` describes a file.
"""

from device_adapters.errors import (
    AdapterError,
    EmptyFile,
    FileTooLarge,
    MalformedFile,
    NotASpectrum,
    UnknownFormat,
    UnreadableFile,
    Unstated,
)
from device_adapters.inspection import inspect_file, inspect_path
from device_adapters.reading import load_bytes, read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import Stated, as_spectrum

__all__ = [
    "AdapterError",
    "EmptyFile",
    "FileTooLarge",
    "MalformedFile",
    "NotASpectrum",
    "Recording",
    "Stated",
    "UnknownFormat",
    "UnreadableFile",
    "Unstated",
    "as_spectrum",
    "inspect_file",
    "inspect_path",
    "load_bytes",
    "read",
]
