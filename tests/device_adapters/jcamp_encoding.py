"""A JCAMP-DX writer of the tests' own, in every ordinate form, against which the reader is tried."""

from __future__ import annotations

from collections.abc import Sequence

SQZ = {"+": "@ABCDEFGHI", "-": "@abcdefghi"}
DIF = {"+": "%JKLMNOPQR", "-": "%jklmnopqr"}
DUP = "STUVWXYZs"


def squeezed(value: int, alphabet: dict[str, str] = SQZ) -> str:
    digits = str(abs(value))
    return alphabet["-" if value < 0 else "+"][int(digits[0])] + digits[1:]


def repeated(count: int) -> str:
    digits = str(count)
    return DUP[int(digits[0]) - 1] + digits[1:]


def _with_repeats(tokens: Sequence[str]) -> str:
    """Write runs of equal tokens as one token and a repetition."""
    written, i = "", 0
    while i < len(tokens):
        run = 1
        while i + run < len(tokens) and tokens[i + run] == tokens[i]:
            run += 1
        written += tokens[i] + (repeated(run) if run > 1 else "")
        i += run
    return written


def encode_lines(values: Sequence[int], form: str, per_line: int = 10, first_x: int = 400) -> list[str]:
    """The data lines of ordinates on an axis of step 1.

    ``form`` is AFFN, PAC, SQZ, SQZDUP, DIF or DIFDUP.
    """
    lines: list[str] = []
    starts = list(range(0, len(values), per_line))
    for start in starts:
        part = list(values[start : start + per_line])
        x = first_x + start
        if form == "AFFN":
            lines.append(f"{x} " + " ".join(map(str, part)))
        elif form == "PAC":
            lines.append(f"{x}" + "".join(f"{value:+d}" for value in part))
        elif form.startswith("SQZ"):
            tokens = [squeezed(value) for value in part]
            lines.append(f"{x}" + (_with_repeats(tokens) if form.endswith("DUP") else "".join(tokens)))
        else:
            lines.append(_difference_line(values, start, part, first_x, form))
    if form.startswith("DIF") and len(values) > 1:
        lines.append(f"{first_x + len(values) - 1}{squeezed(values[-1])}")
    return lines


def _difference_line(values: Sequence[int], start: int, part: list[int], first_x: int, form: str) -> str:
    if start < 2:  # a line of one value has no difference, and no check value follows it
        opening, x, rest = part[0], first_x + start, part[1:]
    else:
        opening, x, rest = values[start - 1], first_x + start - 1, part
    tokens = []
    before = opening
    for value in rest:
        tokens.append(squeezed(value - before, DIF))
        before = value
    return f"{x}{squeezed(opening)}" + (_with_repeats(tokens) if form == "DIFDUP" else "".join(tokens))


def jcamp(
    lines: Sequence[str],
    n_points: int | None,
    *,
    first_x: float = 400.0,
    last_x: float | None = None,
    data_type: str = "RAMAN SPECTRUM",
    x_units: str = "1/CM",
    y_units: str = "ARBITRARY UNITS",
    y_factor: str = "1",
    extra: Sequence[str] = (),
    form: str = "##XYDATA=(X++(Y..Y))",
    end: str = "##END=\n",
) -> bytes:
    """A whole file around data lines."""
    last = last_x if last_x is not None else first_x + (n_points or len(lines)) - 1
    header = [
        "##TITLE=a test",
        "##JCAMP-DX=4.24",
        f"##DATA TYPE={data_type}",
        "##ORIGIN=tests",
        "##OWNER=tests",
        *extra,
        f"##XUNITS={x_units}",
        f"##YUNITS={y_units}",
        f"##FIRSTX={first_x}",
        f"##LASTX={last}",
        "##XFACTOR=1",
        f"##YFACTOR={y_factor}",
    ]
    if n_points is not None:
        header.append(f"##NPOINTS={n_points}")
    return ("\n".join([*header, form, *lines]) + "\n" + end).encode("latin-1")
