"""What bytes look like that no format here reads, and which export helps."""

from __future__ import annotations

import struct

from device_adapters.decoding import decode_text, is_text, parse_number

__all__ = ["describe_unknown"]

_EXPORT = "export JCAMP-DX (.jdx) or two-column text (.csv) from the device's software"
_NO_SPECTRUM = f"this holds no readable spectrum; {_EXPORT}"
_NOT_READ = f"it is not read here; {_EXPORT}"
_AGILENT_IMAGE = "export single spectra as SPC, JCAMP-DX or text from Resolutions Pro"
_SHIMADZU = "save it as text (.txt) or JCAMP-DX from the Shimadzu software"

_AVANTES = "export it as text (ASCII, .txt or .ttt) from AvaSoft"
_PROCSPEC = "export it as tab-delimited text from SpectraSuite"

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _NO_SPECTRUM),
    (b"\x89PNG", "a PNG picture", _NO_SPECTRUM),
    (b"\xff\xd8\xff", "a JPEG picture", _NO_SPECTRUM),
    (b"GIF8", "a GIF picture", _NO_SPECTRUM),
    (b"PK\x03\x04", "a ZIP archive or an office document", f"unpack it, or {_EXPORT}"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Spectral Exte File", "a series of Thermo OMNIC (SRS)", "export its spectra as SPA or JCAMP-DX from OMNIC"),
    (b"LabSpec6", "a HORIBA LabSpec file", "export it as text (.txt) from LabSpec"),
    (b"WIT_PR", "a WITec project", "export its spectra as text (.txt) or SPC from WITec Project"),
    (b"\x00rG\x00\x00\x00\x00\x00", "a part of an Agilent infrared image", _AGILENT_IMAGE),
    (b"ENVI\n", "the header of an ENVI image", _AGILENT_IMAGE),
    (b"AVS8", "an Avantes AvaSoft file", _AVANTES),
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Streams of a compound file by their names, which stand in it in UTF-16.
_OLE2_STREAMS: tuple[tuple[str, str, str], ...] = (
    ("DataSpectrumStorage", "a Shimadzu UV-VIS file (.spc by name, but no Galactic SPC)", _SHIMADZU),
    ("StingrayViewParms", "the index of an Agilent infrared image", _AGILENT_IMAGE),
    ("WordDocument", "a Word document", _NO_SPECTRUM),
    ("Workbook", "an Excel workbook", "save its table as text (.csv), axis and ordinates side by side"),
)
_SPC_VERSIONS = {0x4B, 0x4C, 0x4D}
_SPC_HEADER_BYTES = 256


def describe_unknown(data: bytes) -> str:
    """One sentence: what the bytes look like, and what to do about it."""
    if data.startswith(b"PK\x03\x04") and b"OOIVersion.txt" in data[-4096:]:
        return f"this looks like an Ocean Optics ProcSpec archive: {_PROCSPEC}"
    if _is_old_avasoft(data[:40]):
        return f"this looks like an old Avantes AvaSoft file: {_AVANTES}"
    for magic, look, advice in _MAGIC:
        if data.startswith(magic):
            return f"this looks like {look}: {advice}"
    if data.startswith(_OLE2):
        return f"this looks like {_ole2_look(data)}"
    head = data[:8192]
    if is_text(head):
        return f"this looks like {_text_look(decode_text(head))}: {_NO_SPECTRUM}"
    if len(data) >= _SPC_HEADER_BYTES and data[1] in _SPC_VERSIONS:
        return f"this looks like a Galactic SPC file with a damaged header: copy it again, or {_EXPORT}"
    if not data.strip(b"\x00"):
        return f"this holds nothing but zero bytes: copy the file from the device again, or {_EXPORT}"
    return f"the format of these bytes is not known: {_EXPORT}"


def _ole2_look(data: bytes) -> str:
    for stream, look, advice in _OLE2_STREAMS:
        if stream.encode("utf-16-le") in data:
            return f"{look}: {advice}"
    return f"an OLE2 compound file, as old office and instrument software writes: {_NOT_READ}"


def _is_old_avasoft(head: bytes) -> bool:
    """A version (60 or 70) and letters of a serial number, each written as a float of four bytes."""
    if len(head) < 40:
        return False
    version, *_, a, b, c, d = struct.unpack("<10f", head[:40])
    return version in (60.0, 70.0) and all(32 <= letter < 127 and letter == int(letter) for letter in (a, b, c, d))


def _text_look(head: str) -> str:
    start = head.lstrip()
    lowered = start[:512].lower()
    if lowered.startswith(("<!doctype html", "<html")):
        return "a web page"
    if start.startswith("<"):
        return "an AnIML document" if "<AnIML" in start[:2048] else "an XML document"
    if start.startswith(("{", "[")):
        return "a JSON document"
    if not start:
        return "a text of blanks only"
    lines = [line for line in start.splitlines() if line.strip()]
    if len(lines) >= 3 and all(parse_number(line) is not None for line in lines[:3]):
        return "one column of numbers, the axis or the ordinates alone (put both columns into one file)"
    return "text without a table of numbers"
