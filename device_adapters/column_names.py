"""What the names above the columns of a table plainly say, and which column is the axis."""

from __future__ import annotations

import re
from dataclasses import dataclass

from device_adapters.number_table import NumberTable, split_row
from device_adapters.recording import XUnits
from device_adapters.unit_words import OrdinateWord, ordinate_word, x_units_of

__all__ = ["Column", "axis_column", "column_names", "columns_of"]

_AXIS_NAME = re.compile(
    r"raman[\s_]*shift|wave\s?numbers?|wavelengths?|wnum\b|^x[\s_]*axis\b|^(pixels?|points?|channels?|index)\b",
    re.IGNORECASE,
)
_COMMENT_MARKS = "#$ \t"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its name describes it; ``rank`` orders candidates for the axis, 0 being none."""

    name: str
    x_units: XUnits
    rank: int
    says_raman: bool

    @property
    def y_units(self) -> str:
        """The name where it says what the ordinate is, else ``"unknown"``."""
        return self.name if ordinate_word(self.name) is not OrdinateWord.UNCLEAR else "unknown"

    @property
    def is_infrared_ordinate(self) -> bool:
        """Whether the name says absorbance or transmittance."""
        return ordinate_word(self.name) in (
            OrdinateWord.ABSORBANCE,
            OrdinateWord.TRANSMITTANCE,
            OrdinateWord.PERCENT_TRANSMITTANCE,
        )


def column_names(table: NumberTable) -> list[str] | None:
    """The names in the line above the table, joined with a line of bracketed units below them."""
    n_columns = table.values.shape[1]
    above = [line for line in table.preamble if line.strip()][-2:]
    rows = [_name_cells(line, table, n_columns) for line in above]
    if not rows or rows[-1] is None:
        return None
    last = rows[-1]
    if len(rows) == 2 and rows[0] is not None and all(re.fullmatch(r"[(\[].*[)\]]", cell) for cell in last if cell):
        return [f"{name} {unit}".strip() for name, unit in zip(rows[0], last, strict=True)]
    return last


def _name_cells(line: str, table: NumberTable, n_columns: int) -> list[str] | None:
    cells = [cell.strip(_COMMENT_MARKS + "\"'") for cell in split_row(line.strip("\n"), table.dialect)]
    if len(cells) != n_columns:
        cells = [cell for cell in cells if cell]
    if len(cells) != n_columns and table.dialect.delimiter is not None:
        return None
    if len(cells) != n_columns:
        cells = [cell.strip(_COMMENT_MARKS) for cell in re.split(r"\t+|,\s*| {2,}", line.strip()) if cell]
    has_number = any(re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell) for cell in cells)
    return cells if len(cells) == n_columns and not has_number else None


def columns_of(names: list[str]) -> list[Column]:
    """Interpret column names."""
    return [_column(name) for name in names]


def _column(name: str) -> Column:
    units = x_units_of(name)
    says_raman = re.search(r"raman", name, re.IGNORECASE) is not None
    if re.search(r"raman[\s_]*shift", name, re.IGNORECASE):
        units = "cm-1" if units == "unknown" else units
        return Column(name, units, 4, True)
    if ordinate_word(name) is not OrdinateWord.UNCLEAR:
        return Column(name, "unknown", 0, says_raman)
    if _AXIS_NAME.search(name) or units != "unknown":
        return Column(name, units, {"cm-1": 3, "points": 1}.get(units, 2), says_raman)
    return Column(name, "unknown", 0, says_raman)


def axis_column(columns: list[Column]) -> int | None:
    """Which column is the axis by its name: a Raman shift before a wavenumber before anything else."""
    best = max(range(len(columns)), key=lambda i: (columns[i].rank, -i))
    return best if columns[best].rank else None
