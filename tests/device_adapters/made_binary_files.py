"""Small files in the binary formats of devices, written after their layout with numbers of our own."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["AXIS", "MADE", "Y", "asp", "opus", "sp", "spa", "spc", "spc_old", "spg", "wdf"]

FloatArray = NDArray[np.float64]

N = 40
AXIS = np.linspace(400.0, 595.0, N)
Y = np.round(1000.0 * (1.0 + np.sin(np.arange(N) / 3.0))) / 4.0

SHORT, SEVERAL, LABELS, OWN_X, EXPLICIT_X = 0x01, 0x04, 0x20, 0x40, 0x80


def spc_log(text: bytes, declared: int | None = None) -> bytes:
    size = 64 + len(text) if declared is None else declared
    return struct.pack("<5I44s", size, 4096, 64, 0, 0, b"") + text


def spc(
    spectra: Sequence[FloatArray] = (Y,),
    *,
    order: str = "<",
    flags: int = 0,
    exponent: int = -128,
    own_exponents: Sequence[int] | None = None,
    axis: FloatArray = AXIS,
    own_axes: Sequence[FloatArray] | None = None,
    n_points: int | None = None,
    n_subfiles: int | None = None,
    x_code: int = 13,
    y_code: int = 4,
    z_code: int = 0,
    experiment: int = 0,
    date: tuple[int, int, int, int, int] = (2024, 3, 6, 11, 47),
    labels: bytes = b"",
    comment: bytes = b"made for a test",
    resolution: bytes = b"4.0 CM-1",
    log: bytes | None = None,
    log_offset: int | None = None,
) -> bytes:
    """A new SPC file; ``exponent`` -128 writes floats, another one integers scaled by it."""
    exponents = list(own_exponents or [exponent] * len(spectra))
    body = b""
    if flags & EXPLICIT_X and not flags & OWN_X:
        body += axis.astype(f"{order}f4").tobytes()
    starts = []
    for i, y in enumerate(spectra):
        starts.append(512 + len(body))
        body += struct.pack(f"{order}BbHfffIIf4s", 0, exponents[i], i, 2.0 * i, 0, 0, len(y), 3, 0, b"")
        if flags & OWN_X and own_axes is not None:
            body += own_axes[i].astype(f"{order}f4").tobytes()
        used = exponent if exponent == -128 or not flags & SEVERAL else exponents[i]
        body += _spc_values(y, order, used, bool(flags & SHORT))
    declared = len(spectra[0]) if n_points is None else n_points
    if flags & OWN_X and flags & SEVERAL and n_points is None:
        declared = 512 + len(body)
        for start in starts:
            body += struct.pack(f"{order}IIf", start, 0, 0.0)
    year, month, day, hour, minute = date
    packed = year << 20 | month << 16 | day << 11 | hour << 6 | minute
    offset = log_offset if log_offset is not None else (512 + len(body) if log is not None else 0)
    header = struct.pack(
        f"{order}BBBbIddIBBBBI9s9sh8f130s30sIIBBHf48sfIfB187s",
        *(flags, 0x4B if order == "<" else 0x4C, experiment, exponent, declared, axis[0], axis[-1]),
        *(len(spectra) if n_subfiles is None else n_subfiles, x_code, y_code, z_code, 0, packed),
        *(resolution, b"maker", 0, *[0.0] * 8, comment, labels, offset, 0, 0, 0, 0, 0.0, b"", 0.0, 0, 0.0, 0, b""),
    )
    return header + body + (log or b"")


def _spc_values(y: FloatArray, order: str, exponent: int, is_short: bool) -> bytes:
    if exponent == -128:
        return y.astype(f"{order}f4").tobytes()
    bits = 16 if is_short else 32
    return np.ldexp(y, bits - exponent).astype(f"{order}i{bits // 8}").tobytes()


def spc_old(spectra: Sequence[FloatArray] = (Y,), *, exponents: Sequence[int] = (12,), n_points: float = N) -> bytes:
    """An SPC file of the old form: the words of each integer stand the high one first."""
    several = SEVERAL if len(spectra) > 1 else 0
    head = struct.pack(
        "<BBhfffBBHBBBB8shh7f130s30s",
        *(several, 0x4D, exponents[0], n_points, AXIS[0], AXIS[-1], 1, 2, 5 << 12 | 92, 5, 14, 20, 19),
        *(b"8 cm-1", 0, 0, *[0.0] * 7, b"old form", b""),
    )
    body = b""
    for i, y in enumerate(spectra):
        whole = np.ldexp(y, 32 - exponents[i]).astype(np.int64).astype(np.int32).view(np.uint32)
        words = np.stack([whole >> 16, whole & 0xFFFF], axis=1).astype("<u2")
        body += struct.pack("<BbHfffIIf4s", 0, exponents[i], i, 2.0 * i, 0, 0, 0, 0, 0, b"") + words.tobytes()
    return head + body


def spa(
    y: FloatArray = Y / 1000.0,
    *,
    x_code: int = 1,
    y_code: int = 17,
    n_points: int | None = None,
    laser: float = 0.0,
    time: int = 3752637772,
    history: bytes = b"Collect Sample\r\n\t Resolution:\t 4.000 from 400 to 595\r\n\t Bench Serial Number:AB12\r\n\0",
) -> bytes:
    """An OMNIC file of one spectrum."""
    return _omnic([(y, None)], b"made for a test", x_code, y_code, n_points, laser, time, history)


def spg(spectra: Sequence[FloatArray] = (Y / 1000.0, Y / 900.0)) -> bytes:
    """An OMNIC group."""
    members = [(y, b"member %d" % i) for i, y in enumerate(spectra)]
    return _omnic(members, b"group", 1, 17, None, 0.0, 3676908194, b"Collect Sample\0")


def _omnic(
    members: Sequence[tuple[FloatArray, bytes | None]],
    title: bytes,
    x_code: int,
    y_code: int,
    n_points: int | None,
    laser: float,
    time: int,
    history: bytes,
) -> bytes:
    entries: list[tuple[int, bytes]] = []
    for i, (y, member) in enumerate(members):
        header = struct.pack(
            "<4xIBxxxBxxxff12xI56xf40x",
            *(len(y) if n_points is None else n_points, x_code, y_code, AXIS[-1], AXIS[0], 64, laser),
        )
        entries.append((2, header))
        if member is not None:
            entries.append((107, member.ljust(256, b"\0") + struct.pack("<I", time + i)))
        entries += [(27, history), (3, y[::-1].astype("<f4").tobytes())]
    directory, blocks, start = b"", b"", 304 + 16 * len(entries)
    for key, block in entries:
        directory += struct.pack("<HII6x", key, start + len(blocks), len(block))
        blocks += block
    head = b"Spectral Data File\r\n".ljust(30, b"\0") + title.ljust(264, b"\0")
    return head + struct.pack("<HI4x", len(entries), time) + directory + blocks


def sp(y: FloatArray = Y / 1000.0, *, x_label: bytes = b"cm-1", y_label: bytes = b"A", n_points: int = N) -> bytes:
    """A PerkinElmer file."""
    step = float(AXIS[0] - AXIS[1])
    members = [
        (0x8B7F, b"history of it"),
        (0x8B72, struct.pack("<Hdd", 0x751D, AXIS[-1], AXIS[0])),
        (0x8B73, struct.pack("<Hdd", 0x751D, y.min(), y.max())),
        (0x8B74, struct.pack("<Hd", 0x751B, step)),
        (0x8B75, struct.pack("<Hi", 0x752B, n_points)),
        (0x8B77, struct.pack("<HH", 0x7523, len(x_label)) + x_label),
        (0x8B78, struct.pack("<HH", 0x7523, len(y_label)) + y_label),
        (0x8B81, struct.pack("<HH", 0x7523, 5) + b"strip"),
        (0x8B7C, struct.pack("<HI", 0x7516, 8 * len(y)) + y[::-1].astype("<f8").tobytes()),
    ]
    inner = b"".join(struct.pack("<Hi", number, len(value)) + value for number, value in members)
    return b"PEPE2D constant interval DataSet file".ljust(44, b"\0") + struct.pack("<Hi", 120, len(inner)) + inner


def asp(y: FloatArray = Y / 1000.0, *, n_points: int = N, code: int = 2) -> bytes:
    """An Agilent ASP text."""
    header = [str(n_points), f"{650.0}", f"{650.0 + 5 * (N - 1)}", "1", str(code), "4"]
    return "\r\n".join([*header, *(f"{value:.6f}" for value in y), ""]).encode()


def _opus_parameters(values: dict[str, int | float | str]) -> bytes:
    block = b""
    for key, value in values.items():
        if isinstance(value, int):
            code, raw = 0, struct.pack("<i", value)
        elif isinstance(value, float):
            code, raw = 1, struct.pack("<d", value)
        else:
            code, raw = 2, value.encode("latin-1") + b"\0"
            raw += b"\0" * (len(raw) % 2)
        block += key.encode() + b"\0" + struct.pack("<hh", code, len(raw) // 2) + raw
    block += b"END\0" + struct.pack("<hh", 0, 0)
    return block + b"\0" * (-len(block) % 4)


def opus(
    y: FloatArray = Y / 1000.0,
    *,
    kind: int = 4,
    time: str = "13:17:16.720 (GMT+2)",
    n_points: int | None = None,
    form: int = 1,
    beside: bool = True,
) -> bytes:
    """An OPUS file: a result block (``kind`` 4 is absorbance, 10 Raman), and a single channel spectrum before it."""

    def code(*parts: int) -> int:
        return sum(part << shift for part, shift in zip(parts, (0, 2, 4, 10, 17, 19), strict=True))

    def status(values: FloatArray) -> bytes:
        count = len(values) if n_points is None else n_points
        return _opus_parameters(
            {
                "DPF": form,
                "NPT": count,
                "FXV": float(AXIS[-1]),
                "LXV": float(AXIS[0]),
                "CSF": 1.0,
                "MXY": float(values.max()),
                "MNY": float(values.min()),
                "DXU": "WN",
                "DAT": "12/06/2019",
                "TIM": time,
            }
        )

    blocks = [
        (code(0, 0, 2, 0, 0, 0), _opus_parameters({"INS": "VERTEX", "SRN": "1401", "RLW": 9394.9})),
        (code(0, 0, 3, 0, 0, 0), _opus_parameters({"RES": 4.0, "NSS": 32})),
        (code(0, 0, 10, 0, 0, 0), _opus_parameters({"SNM": "made", "CNM": "nobody"})),
    ]
    if beside:
        blocks += [(code(3, 1, 0, 1, 0, 0), (7 * Y).astype("<f4").tobytes()), (code(3, 1, 1, 1, 0, 0), status(7 * Y))]
    blocks += [(code(3, 3, 0, kind, 0, 0), y[::-1].astype("<f4").tobytes()), (code(3, 3, 1, kind, 0, 0), status(y))]
    start = 24
    most = len(blocks) + 5
    data = 24 + 12 * most
    directory, body = struct.pack("<3i", code(0, 0, 0, 13, 0, 0), 3 * (len(blocks) + 1), start), b""
    for number, block in blocks:
        directory += struct.pack("<3i", number, len(block) // 4, data + len(body))
        body += block
    head = b"\x0a\x0a\xfe\xfe" + struct.pack("<d3i", 920622.0, start, most, len(blocks) + 1)
    return head + directory.ljust(12 * most, b"\0") + body


def wdf(
    spectra: Sequence[FloatArray] = (Y, 2 * Y, 3 * Y),
    *,
    n_measured: int | None = None,
    x_unit: int = 1,
    flags: int = 0,
    saturated: int | None = None,
    start: int = 133_000_000_000_000_000,
) -> bytes:
    """A WDF file; ``n_measured`` below the number of spectra is an interrupted run."""
    count = len(spectra)
    header = struct.pack(
        "<IIQQ16s12x IIIQQI III24s4H IIQQI f48x32s160s 48x32x32x".replace(" ", ""),
        *(0x31464457, 1, 512, flags, b"", 0, 0, N, count, count if n_measured is None else n_measured, 3),
        *(1, N, 1, b"WiRE", 5, 5, 0, 1, 1, 2, start, start + 10**7, 6, 12738.6, b"nobody", b"made for a test"),
    )

    def block(name: bytes, body: bytes) -> bytes:
        return struct.pack("<4sIQ", name, 1, 16 + len(body)) + body

    marks = [int(i == saturated) for i in range(count)]
    origins = struct.pack("<III16s", 1, 17, 0, b"flags") + struct.pack(f"<{count}Q", *marks)
    return (
        header
        + block(b"DATA", b"".join(y[::-1].astype("<f4").tobytes() for y in spectra))
        + block(b"YLST", struct.pack("<IIf", 0, 0, 0.0))
        + block(b"XLST", struct.pack("<II", 1, x_unit) + AXIS[::-1].astype("<f4").tobytes())
        + block(b"ORGN", origins)
        + block(b"TEXT", b"a comment\0")
    )


MADE: dict[str, bytes] = {
    "floats.spc": spc(log=spc_log(b"Operator=nobody\r\nLaser=Laser: 785 nm edge\r\n")),
    "integers.spc": spc(exponent=12, y_code=2, x_code=1),
    "short.spc": spc(exponent=10, flags=SHORT),
    "big.spc": spc(order=">", exponent=12),
    "several.spc": spc([Y, Y / 2], flags=SEVERAL | EXPLICIT_X, exponent=12, own_exponents=[12, -128]),
    "own_axes.spc": spc([Y, Y[:20]], flags=SEVERAL | OWN_X | EXPLICIT_X, exponent=12, own_axes=[AXIS, AXIS[:20]]),
    "old.spc": spc_old([Y, Y / 2], exponents=[12, 11]),
    "a.spa": spa(),
    "a.spg": spg(),
    "a.sp": sp(),
    "a.asp": asp(),
    "a.0": opus(),
    "a.wdf": wdf(),
}
