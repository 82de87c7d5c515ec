"""From files to verdicts: every spectrum of every file gets its verdict, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes, read
from device_adapters.recording import Recording
from device_adapters.spectrum_gate import Stated, as_spectrum
from library.model import OpenLibrary
from reachback.last_resort import Mishap, attempt
from spectra.axis_correction import Registered, by_standard
from spectra.criteria import CRITERIA
from spectra.errors import InvalidReference, InvalidSpectrum, SpectraError
from spectra.identify import identify, identify_by_standard
from spectra.spectrum import Technique
from spectra.verdict import Identification

__all__ = [
    "Answer",
    "Refusal",
    "Verdict",
    "identify_bytes",
    "identify_files",
    "identify_recordings",
    "read_standard",
]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """A spectrum of a file, identified."""

    file: str
    identification: Identification


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or one recording of it, that has no verdict; ``index`` is None where it is the whole file."""

    file: str
    error: str
    index: int | None = None


Answer = Verdict | Refusal


def read_standard(file: str, substance: str, library: OpenLibrary, stated: Stated) -> Registered:
    """What an instrument's scan of a known material says of its axis.

    Raises
    ------
    AdapterError, SpectraError
        The file cannot be read, or says nothing of the axis; the message says why.
    """
    recordings = read(load_bytes(file), Path(file).name)
    scans = [recording for recording in recordings if recording.kind != "auxiliary"]
    if not scans:
        raise InvalidSpectrum("holds no spectrum")
    if Technique.RAMAN not in library.sets:
        raise InvalidReference(f"the library {library.name} holds no Raman references, and so no standard")
    scan = as_spectrum(scans[0], stated, file=file)
    return by_standard(scan, library.sets[Technique.RAMAN], substance, CRITERIA)


def identify_files(
    files: Sequence[str], library: OpenLibrary, stated: Stated, standard: Registered | None = None
) -> Iterator[Answer]:
    """Answer every file in turn; one that fails does not keep the others from their answers.

    Raman scans are put on the axis that the standard gives, where there is one.
    """
    for file in files:
        try:
            content = load_bytes(file)
        except AdapterError as error:
            yield Refusal(file, str(error))
            continue
        yield from identify_bytes(content, file, library, stated, standard)


def identify_bytes(
    content: bytes, file: str, library: OpenLibrary, stated: Stated, standard: Registered | None = None
) -> list[Answer]:
    """Answers for all recordings of one file, in its order."""
    answers = attempt(lambda: _answers(content, file, library, stated, standard))
    return [Refusal(file, answers.sentence)] if isinstance(answers, Mishap) else answers


def _answers(
    content: bytes, file: str, library: OpenLibrary, stated: Stated, standard: Registered | None
) -> list[Answer]:
    try:
        recordings = read(content, Path(file).name)
    except AdapterError as error:
        return [Refusal(file, str(error))]
    return identify_recordings(recordings, file, library, stated, standard)


def identify_recordings(
    recordings: Sequence[Recording],
    file: str,
    library: OpenLibrary,
    stated: Stated,
    standard: Registered | None = None,
) -> list[Answer]:
    """Answers for what a file holds, in its order."""
    if not recordings:
        return [Refusal(file, "holds no spectrum")]
    # A dark or reference curve beside a scan is neither a scan nor an error.
    scans = [recording for recording in recordings if recording.kind != "auxiliary"]
    return [_answer(recording, file, library, stated, standard) for recording in scans or recordings]


def _answer(
    recording: Recording, file: str, library: OpenLibrary, stated: Stated, standard: Registered | None
) -> Answer:
    try:
        spectrum = as_spectrum(recording, stated, file=file)
        technique = spectrum.technique
        if technique not in library.sets:
            kinds = " and ".join(library.sets)
            return Refusal(
                file,
                f"this is a {technique} scan, and the library {library.name} holds only {kinds} references;"
                " name a library that has some with --library",
                recording.index,
            )
        held = library.sets[technique], library.calibrations[technique]
        if standard is not None and technique is Technique.RAMAN:
            verdict = identify_by_standard(spectrum, standard, *held)
        else:
            verdict = identify(spectrum, *held)
    except (AdapterError, SpectraError) as error:
        return Refusal(file, str(error), recording.index)
    return Verdict(file, verdict)
