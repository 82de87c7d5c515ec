"""What bytes look like that no format here reads, and which export helps."""

from __future__ import annotations

from device_adapters.decoding import decode_text, is_text

__all__ = ["describe_unknown"]

_EXPORT = "export JCAMP-DX (.jdx) or two-column text (.csv) from the device's software"
_NO_SPECTRUM = f"this holds no readable spectrum; {_EXPORT}"
_NOT_YET = f"this release does not read it yet; {_EXPORT}"

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _NO_SPECTRUM),
    (b"\x89PNG", "a PNG picture", _NO_SPECTRUM),
    (b"\xff\xd8\xff", "a JPEG picture", _NO_SPECTRUM),
    (b"GIF8", "a GIF picture", _NO_SPECTRUM),
    (b"PK\x03\x04", "a ZIP archive or an office document", f"unpack it, or {_EXPORT}"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"\x0a\x0a\xfe\xfe", "a Bruker OPUS file", _NOT_YET),
    (b"WDF1", "a Renishaw WDF file", _NOT_YET),
    (b"Spectral Data File", "a Thermo OMNIC SPA file", _NOT_YET),
    (b"Spectral Exte File", "a Thermo OMNIC SPG file", _NOT_YET),
    (b"PEPE", "a PerkinElmer SP file", _NOT_YET),
    (b"LabSpec6", "a HORIBA LabSpec file", _NOT_YET),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _NOT_YET),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE2 compound file, as old office and Shimadzu software write", _NOT_YET),
    (b"AVS8", "an Avantes file", _NOT_YET),
    (b"File Version;BW", "a B&W Tek text export", _NOT_YET),
)
_SPC_VERSIONS = {0x4B, 0x4C, 0x4D}
_SPC_HEADER_BYTES = 256


def describe_unknown(data: bytes) -> str:
    """One sentence: what the bytes look like, and what to do about it."""
    for magic, look, advice in _MAGIC:
        if data.startswith(magic):
            return f"this looks like {look}: {advice}"
    head = data[:8192]
    if is_text(head):
        return f"this looks like {_text_look(decode_text(head))}: {_NO_SPECTRUM}"
    if len(data) >= _SPC_HEADER_BYTES and data[1] in _SPC_VERSIONS:
        return f"this looks like a Galactic/Thermo SPC file: {_NOT_YET}"
    if not data.strip(b"\x00"):
        return f"this holds nothing but zero bytes: copy the file from the device again, or {_EXPORT}"
    return f"the format of these bytes is not known: {_EXPORT}"


def _text_look(head: str) -> str:
    start = head.lstrip()
    lowered = start[:512].lower()
    if lowered.startswith(("<!doctype html", "<html")):
        return "a web page"
    if start.startswith("<"):
        return "an XML document"
    if start.startswith(("{", "[")):
        return "a JSON document"
    if not start:
        return "a text of blanks only"
    return "text without a table of numbers"
