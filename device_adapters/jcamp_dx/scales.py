"""What a block or an NTUPLES page says about its numbers: ends of the axis, factors, units, counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from device_adapters.decoding import parse_number
from device_adapters.errors import MalformedFile
from device_adapters.jcamp_dx.records import Block

__all__ = ["Scales", "scales_of_block", "scales_of_page"]


_MAX_LIST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Scales:
    """Ends [x units], step [x units], factors [1], declared count and units of one data table; None where unsaid."""

    first_x: float | None = None
    last_x: float | None = None
    delta_x: float | None = None
    x_factor: float = 1.0
    y_factor: float = 1.0
    first_y: float | None = None
    n_points: int | None = None
    x_units: str | None = None
    y_units: str | None = None
    decimal_comma: bool = False


def scales_of_block(block: Block) -> Scales:
    """Read the records FIRSTX … NPOINTS of a block.

    Raises
    ------
    MalformedFile
        One of them is not a number, or a factor is zero.
    """
    written = [block.value(label) or "" for label in ("FIRSTX", "LASTX", "FIRSTY")]
    return Scales(
        first_x=block.number("FIRSTX"),
        last_x=block.number("LASTX"),
        delta_x=block.number("DELTAX"),
        x_factor=_factor(block.number("XFACTOR"), "XFACTOR"),
        y_factor=_factor(block.number("YFACTOR"), "YFACTOR"),
        first_y=_unruled_number(block, "FIRSTY"),
        n_points=_count(block.number("NPOINTS")),
        x_units=block.value("XUNITS"),
        y_units=block.value("YUNITS"),
        decimal_comma=any(re.fullmatch(r"[+-]?\d+,\d+", text) for text in written),
    )


def scales_of_page(block: Block, x_symbol: str, y_symbol: str) -> Scales:
    """The columns of two symbols from the variable lists of an NTUPLES block.

    Raises
    ------
    MalformedFile
        A symbol is not declared, a number is none, or a factor is zero.
    """
    symbols = [symbol.upper() for symbol in _list(block, "SYMBOL")]
    for symbol in (x_symbol, y_symbol):
        if symbol not in symbols:
            raise MalformedFile(f"a data table names the variable {symbol!r}, which ##SYMBOL= does not declare")
    x, y = symbols.index(x_symbol), symbols.index(y_symbol)
    return Scales(
        first_x=_listed_number(block, "FIRST", x),
        last_x=_listed_number(block, "LAST", x),
        x_factor=_factor(_listed_number(block, "FACTOR", x), "FACTOR"),
        y_factor=_factor(_listed_number(block, "FACTOR", y), "FACTOR"),
        n_points=_count(_listed_number(block, "VARDIM", y)),
        x_units=_listed(block, "UNITS", x),
        y_units=_listed(block, "UNITS", y),
    )


def _unruled_number(block: Block, label: str) -> float | None:
    """A number that only serves as a check, so that a garbled one does no harm."""
    try:
        return block.number(label)
    except MalformedFile:
        return None


def _factor(value: float | None, label: str) -> float:
    if value == 0.0:
        raise MalformedFile(f"##{label}= is 0, which would make all values 0")
    return 1.0 if value is None else value


def _count(value: float | None) -> int | None:
    if value is not None and (value < 0 or value != int(value)):
        raise MalformedFile(f"the declared number of points is no count: {value:g}")
    return None if value is None else int(value)


def _list(block: Block, label: str) -> list[str]:
    text = block.value(label) or ""
    if len(text) > _MAX_LIST_CHARACTERS:
        raise MalformedFile(f"##{label}= lists more variables than a spectrum has")
    return [cell.strip() for cell in text.split(",")]


def _listed(block: Block, label: str, i: int) -> str | None:
    cells = _list(block, label)
    return (cells[i] or None) if i < len(cells) else None


def _listed_number(block: Block, label: str, i: int) -> float | None:
    text = _listed(block, label, i)
    if text is None:
        return None
    number = parse_number(text)
    if number is None:
        raise MalformedFile(f"##{label}= holds something else than a number: {text[:40]!r}")
    return number
