"""The main header of an SPC file, new (0x4B little-endian, 0x4C big-endian) and old (0x4D)."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from device_adapters.errors import MalformedFile
from device_adapters.galactic.codes import Y_WORDS, is_known_x_code

__all__ = ["Flag", "Header", "is_plausible_start", "read_header"]

NEW_LITTLE, NEW_BIG, OLD = 0x4B, 0x4C, 0x4D
_NEW_FORMAT = "BBBbIddIBBBBI9s9sh8f130s30sIIBBHf48sfIfB187s"
_OLD_FORMAT = "<BBhfffBBHBBBB8shh7f130s30s"
_NEW_BYTES = 512
_OLD_BYTES = 224  # up to the first subfile's own header
_START_BYTES = 32
_LARGEST_AXIS_VALUE = 1e9  # no unit of the format reaches it; damaged headers do
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # its second byte is an SPC version


class Flag:
    """Bits of the first byte."""

    SHORT_INTEGERS = 0x01
    SEVERAL = 0x04
    LABELS = 0x20
    OWN_X = 0x40
    EXPLICIT_X = 0x80


@dataclass(frozen=True, slots=True)
class Header:
    """What the main header says; numbers as written, texts without their padding."""

    version: int
    flags: int
    exponent: int
    n_points: int
    first_x: float
    last_x: float
    n_subfiles: int | None  # None: as many as there are, which the old form does not count
    x_code: int
    y_code: int
    z_code: int
    experiment: int
    date: tuple[int, int, int, int, int]
    resolution: str
    source: str
    comment: str
    method: str
    labels: tuple[str, str, str]
    log_offset: int
    n_bytes: int

    @property
    def byte_order(self) -> str:
        """``struct``'s sign of it."""
        return ">" if self.version == NEW_BIG else "<"

    @property
    def is_old(self) -> bool:
        """Whether it is the old form with its word-swapped integers."""
        return self.version == OLD

    def has(self, flag: int) -> bool:
        """Whether a bit of the first byte is set."""
        return bool(self.flags & flag)


def is_plausible_start(head: bytes) -> bool:
    """Whether the first bytes can be those of an SPC file, which has no magic number but its version byte."""
    if len(head) < _START_BYTES or head[1] not in (NEW_LITTLE, NEW_BIG, OLD) or head.startswith(_ZIP):
        return False
    if head[1] == OLD:
        _, _, _, n_points, first, last, x_code, y_code = struct.unpack_from("<BBhfffBB", head)
        is_countable = math.isfinite(n_points) and 0 < n_points < 2**31
    else:
        order = "<" if head[1] == NEW_LITTLE else ">"
        _, _, experiment, _, _, first, last, _, x_code, y_code = struct.unpack_from(f"{order}BBBbIddIBB", head)
        is_countable = experiment <= 14
    ends_are_sound = all(math.isfinite(end) and abs(end) < _LARGEST_AXIS_VALUE for end in (first, last))
    return bool(is_countable and ends_are_sound and is_known_x_code(x_code) and y_code in Y_WORDS)


def read_header(data: bytes) -> Header:
    """Read the main header.

    Raises
    ------
    MalformedFile
        The file ends in it, or its numbers cannot be.
    """
    needed = _OLD_BYTES + 32 if data[1] == OLD else _NEW_BYTES
    if len(data) < needed:
        raise MalformedFile(
            f"truncated: the file ends at byte {len(data)}, within the header of {needed} bytes: copy it again"
        )
    header = _read_old(data) if data[1] == OLD else _read_new(data)
    if not (math.isfinite(header.first_x) and math.isfinite(header.last_x)):
        raise MalformedFile("the ends of the axis in the header (bytes 8 to 23) are not finite: copy the file again")
    return header


def _read_new(data: bytes) -> Header:
    order = "<" if data[1] == NEW_LITTLE else ">"
    fields = struct.unpack_from(order + _NEW_FORMAT, data)
    packed = fields[12]
    date = (packed >> 20, packed >> 16 & 15, packed >> 11 & 31, packed >> 6 & 31, packed & 63)
    return Header(
        version=data[1],
        flags=fields[0],
        exponent=fields[3],
        n_points=fields[4],
        first_x=fields[5],
        last_x=fields[6],
        n_subfiles=max(fields[7], 1),
        x_code=fields[8],
        y_code=fields[9],
        z_code=fields[10],
        experiment=fields[2],
        date=date,
        resolution=_text(fields[13]),
        source=_text(fields[14]),
        comment=_text(fields[24]),
        method=_text(fields[32]),
        labels=_labels(fields[25]),
        log_offset=fields[26],
        n_bytes=_NEW_BYTES,
    )


def _read_old(data: bytes) -> Header:
    fields = struct.unpack_from(_OLD_FORMAT, data)
    n_points = fields[3]
    if not (math.isfinite(n_points) and n_points >= 1 and n_points == int(n_points)):
        raise MalformedFile(f"the header declares {n_points:g} points (byte 4), which cannot be: copy the file again")
    # The upper four bits of the year hold the code of the z axis.
    return Header(
        version=OLD,
        flags=fields[0],
        exponent=fields[2],
        n_points=int(n_points),
        first_x=fields[4],
        last_x=fields[5],
        n_subfiles=None if fields[0] & Flag.SEVERAL else 1,
        x_code=fields[6],
        y_code=fields[7],
        z_code=fields[8] >> 12,
        experiment=0,
        date=(fields[8] & 0xFFF, *fields[9:13]),
        resolution=_text(fields[13]),
        source="",
        comment=_text(fields[23]),
        method="",
        labels=_labels(fields[24]),
        log_offset=0,
        n_bytes=_OLD_BYTES,
    )


def _text(raw: bytes) -> str:
    """Latin-1 up to the first zero byte; what is no print there is what the writer's memory held before."""
    text = raw.partition(b"\x00")[0].decode("latin-1").strip()
    return text if text.isprintable() else ""


def _labels(raw: bytes) -> tuple[str, str, str]:
    texts = [part.decode("latin-1").strip() for part in raw.split(b"\x00")[:3]]
    texts = [text if text.isprintable() else "" for text in texts]
    x, y, z = (*texts, "", "", "")[:3]
    return x, y, z
