"""Bytes to text and text to numbers, the same for every format that is text."""

from __future__ import annotations

import codecs
import re

__all__ = ["as_lines", "decode_text", "is_text", "parse_number", "unify_newlines"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Tab, newlines and form feed are the control characters that text may hold.
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13)) + b"\x7f"
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eEdD][+-]?\d{1,4})?", re.ASCII)


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file can be text: a byte order mark, or no controls before a DOS end mark."""
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return True
    head = head.partition(b"\x1a")[0] or head
    return len(head.translate(None, _CONTROLS)) == len(head)


def decode_text(data: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8, else as Latin-1 (which takes any bytes)."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def unify_newlines(text: str) -> str:
    """Make CRLF and CR line ends LF, and cut the text at a DOS end mark (Ctrl-Z)."""
    text = text.partition("\x1a")[0]
    return text.replace("\r\n", "\n").replace("\r", "\n")


def as_lines(data: bytes) -> list[str]:
    """The lines of a text file; only CRLF, LF and CR end a line (``str.splitlines`` knows ten others)."""
    return unify_newlines(decode_text(data)).split("\n")


def parse_number(text: str, decimal: str = ".") -> float | None:
    """A finite decimal number, or None where the text is none.

    ``float`` alone would also take ``nan``, ``1_000`` and digits of other scripts.
    """
    text = text.strip()
    if decimal != ".":
        text = text.replace(decimal, ".")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.translate(str.maketrans("dD", "ee")))
    return value if abs(value) != float("inf") else None
