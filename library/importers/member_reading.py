"""From the bytes of a member to references: read by the device adapters, through the same gate as every scan.

A foreign file is read where a scan would be: our own readers bound themselves, those of others run in their cage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from device_adapters.errors import AdapterError
from device_adapters.limits import HEAD_BYTES
from device_adapters.reading import read
from device_adapters.recording import Recording
from device_adapters.registry import best_format
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.band_tables import as_band_table_spectrum
from library.errors import LibraryError
from library.importers.identifiers import plain_text
from library.importers.source import Curve, Found, Identity, LeftOut, Member
from spectra.errors import SpectraError
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.spectrum import Spectrum, Technique

__all__ = ["details_of", "read_member", "resolution_cm1"]

NO_IDENTITY = "nothing says which substance it is: no name, no InChIKey and no CAS number"

Names = Callable[[Recording], Identity]
Says = Callable[[Recording], Stated]


def read_member(
    member: Member, stated: Stated | Says, identify: Names, formats: Collection[str] | None = None
) -> list[Found | LeftOut]:
    """Every reference of a file, and the reason for each recording that is none.

    Parameters
    ----------
    member : Member
    stated : Stated, or callable
        What is said beside the file: by the user of the whole source, or by the source of each recording.
    identify : callable
        Which substance a recording is, as its source writes it.
    formats : collection of str or None
        Device formats the source may hold; None is any.
    """
    try:
        _refuse_other_formats(member, formats)
        recordings = read(member.content, member.name.rpartition("/")[2])
    except AdapterError as error:
        return [LeftOut(member.name, str(error))]
    says: Says = stated if callable(stated) else lambda recording: stated
    read_alike = [_reference(member, recording, says(recording), identify) for recording in recordings]
    usable = [each for each in read_alike if isinstance(each, Found)]
    # A recording without an identity would be the first that the library finds in the file.
    nameless = any(isinstance(each, LeftOut) and each.reason == NO_IDENTITY for each in read_alike)
    if len(usable) == 1 and not nameless:
        return [_by_its_file(each, recordings, says) if each is usable[0] else each for each in read_alike]
    return [_not_a_table(member, each, recordings) for each in read_alike]


def details_of(recording: Recording) -> dict[str, str]:
    """Columns of the manifest that the recording's metadata fills."""
    said = recording.metadata
    found = {
        "laser_nm": f"{said['laser_nm']:g}" if said.get("laser_nm") else "",
        "resolution": resolution_cm1(str(said.get("resolution_cm1") or said.get("resolution") or "")),
        "instrument": plain_text(" ".join(str(said[k]) for k in ("vendor", "instrument") if said.get(k)), 120),
        "operator": plain_text(str(said.get("operator") or ""), 80),
        "measured_at": plain_text(str(said.get("time_as_written") or ""), 40),
        "provenance": plain_text(str(said.get("processing") or ""), 200),
    }
    return {key: value for key, value in found.items() if value}


def resolution_cm1(text: str) -> str:
    """The number of ``"4 cm-1"`` or ``"4.0"``; empty where the text is no single wavenumber."""
    found = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*(?:cm\^?-1|cm⁻¹|1/cm|cm−1)?\s*", text, re.IGNORECASE)
    return found[1] if found and float(found[1]) > 0 else ""


def _refuse_other_formats(member: Member, formats: Collection[str] | None) -> None:
    if formats is None or not member.content:
        return
    chosen = best_format(member.content[:HEAD_BYTES], member.name)
    if chosen is None or chosen.name not in formats:
        what = "of no format that is read here" if chosen is None else f"a {chosen.name} file"
        raise AdapterError(f"it is {what}; this source holds {' or '.join(sorted(formats))} files")


def _reference(member: Member, recording: Recording, stated: Stated, identify: Names) -> Found | LeftOut:
    label = member.name if recording.index == 0 else f"{member.name}, recording {recording.index + 1}"
    identity = identify(recording)
    if not identity.is_known:
        return LeftOut(label, NO_IDENTITY)
    try:
        spectrum = _spectrum(recording, stated)
    except (AdapterError, SpectraError, LibraryError) as error:
        return LeftOut(label, str(error))
    absorbance, _ = convert_to_absorbance(spectrum)
    return Found(
        identity=identity,
        technique=spectrum.technique,
        mode=spectrum.mode,
        index=recording.index,
        curve=Curve(absorbance.axis, absorbance.intensity),
        details=details_of(recording),
    )


def _spectrum(recording: Recording, stated: Stated) -> Spectrum:
    if recording.kind != "peaks":
        return as_spectrum(recording, stated)
    if stated.technique is not None and recording.technique == "unknown":
        recording = replace(recording, technique=Technique(stated.technique).value)
    return as_band_table_spectrum(recording)


def _by_its_file(found: Found, recordings: Sequence[Recording], says: Says) -> Found:
    """The file itself as the reference, where it reads alike without what only the command line said."""
    recording = next(each for each in recordings if each.index == found.index)
    from_manifest = Stated(technique=found.technique, mode=None if recording.metadata.get("mode") else found.mode)
    if recording.kind != "peaks":
        try:
            as_spectrum(recording, from_manifest)
        except (AdapterError, SpectraError):
            return found
        if says(recording).laser_nm is not None and not recording.metadata.get("laser_nm"):
            return found
    return replace(found, curve=None)


def _not_a_table(member: Member, each: Found | LeftOut, recordings: Sequence[Recording]) -> Found | LeftOut:
    """A band table is only known as such by its file, and a file can stand for one reference."""
    if isinstance(each, Found) and next(r for r in recordings if r.index == each.index).kind == "peaks":
        return LeftOut(member.name, f"recording {each.index + 1} is a band table among others; give each its own file")
    return each
