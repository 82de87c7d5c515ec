"""The ordinates of ``(X++(Y..Y))`` data: AFFN, PAC, SQZ, DIF and DUP, and any mixture of them.

A line begins with its abscissa, as plain number; ordinates follow:

========  =====================================  =======================================
form      written as                             means
========  =====================================  =======================================
AFFN      numbers between blanks or commas       the ordinate
PAC       ``+`` or ``-`` and digits              the ordinate
SQZ       first digit as ``@ A-I a-i``           the ordinate
DIF       first digit as ``% J-R j-r``           the difference to the ordinate before
DUP       first digit as ``S-Z s``               the token before stands that many times
missing   ``?``                                  no ordinate was measured here
========  =====================================  =======================================

After a line that ends with a difference, the first ordinate of the next line repeats the last one: a check
value, no point. The letter E is +5 in compressed data and an exponent in plain data; which of them holds is
decided for the data set as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import MalformedFile
from device_adapters.jcamp_dx.data_lines import pieces_of
from device_adapters.jcamp_dx.tokens import DIF, DUP, Tokens, tokenise
from device_adapters.limits import MAX_VALUES

__all__ = ["Ordinates", "decode_ordinates", "is_compressed"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LONGEST_NUMBER = 60  # characters
_COMPRESSED_LETTERS = re.compile(r"[@A-DF-Za-df-s%]")
_EXPONENT = re.compile(r"(?<=[\d.])[Ee][+-]?\d{1,3}(?![\d.Ee])", re.ASCII)
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[Ee][+-]?\d{1,3}+)?|\?", re.ASCII)
_SEPARATORS = str.maketrans("", "", " \t,;")


@dataclass(frozen=True, slots=True)
class Ordinates:
    """Decoded ordinates of one data set.

    Parameters
    ----------
    values : array, shape (n_points,)
        [as written, before YFACTOR] NaN where the file has ``?``.
    line_x : array, shape (n_lines,)
        [as written, before XFACTOR] Abscissa each line begins with.
    line_index : array, shape (n_lines,)
        Which point each of these abscissae belongs to.
    line_number : array, shape (n_lines,)
        Line of the file.
    failed_checks : tuple of int
        Lines of the file whose check value differs from the ordinate it repeats.
    """

    values: FloatArray
    line_x: FloatArray
    line_index: IntArray
    line_number: IntArray
    failed_checks: tuple[int, ...]


def is_compressed(text: str) -> bool:
    """Whether the data hold SQZ, DIF or DUP characters, so that E is a digit and no exponent."""
    if _COMPRESSED_LETTERS.search(text):
        return True
    n_letters = text.count("E") + text.count("e")
    return n_letters != sum(1 for _ in _EXPONENT.finditer(text))


def decode_ordinates(text: str, first_line: int) -> Ordinates:
    """Decode the data lines of one data set, comments removed.

    Parameters
    ----------
    text : str
        Lines of data, newlines unified.
    first_line : int
        Line of the file the text begins at.

    Raises
    ------
    MalformedFile
        A character or an order of tokens that the standard does not know, or more ordinates than the limit.
    """
    read = tokenise if is_compressed(text) else _tokenise_plain
    carried = _Carried()
    parts = [_decode(read(chunk, line), carried) for chunk, line in pieces_of(text, first_line)]
    return Ordinates(
        values=np.concatenate([part.values for part in parts]),
        line_x=np.concatenate([part.line_x for part in parts]),
        line_index=np.concatenate([part.line_index for part in parts]),
        line_number=np.concatenate([part.line_number for part in parts]),
        failed_checks=tuple(line for part in parts for line in part.failed_checks),
    )


@dataclass(slots=True)
class _Carried:
    """What one piece of lines hands to the next."""

    n_values: int = 0
    last_value: float = np.nan
    last_is_difference: bool = False


def _tokenise_plain(text: str, first_line: int) -> Tokens:
    values: list[float] = []
    lines: list[int] = []
    for offset, row in enumerate(text.split("\n")):
        if not row:
            continue
        found = _PLAIN_NUMBER.findall(row)
        is_foreign = sum(map(len, found)) != len(row.translate(_SEPARATORS))
        if is_foreign or max(map(len, found), default=0) > _LONGEST_NUMBER:
            raise MalformedFile(f"line {first_line + offset}: these are no numbers: {row.strip()[:40]!r}")
        if found and found[0] == "?":
            raise MalformedFile(f"line {first_line + offset}: the line has no abscissa: {row.strip()[:40]!r}")
        values.extend([float(number) if number != "?" else np.nan for number in found])
        lines.extend([first_line + offset] * len(found))
    kinds = np.zeros(len(values), dtype=np.uint8)
    return Tokens(np.array(values, dtype=np.float64), kinds, np.array(lines, dtype=np.int64))


def _decode(tokens: Tokens, carried: _Carried) -> Ordinates:
    n_lines, is_first = _line_starts(tokens.lines)
    line_of_token = np.cumsum(is_first) - 1
    values, kinds, token_line = tokens.values[~is_first], tokens.kinds[~is_first], line_of_token[~is_first]
    line_number = tokens.lines[is_first]
    _refuse_bad_order(kinds, token_line, line_number)
    counts, kept = _repeats(values, kinds, carried)
    source = np.repeat(np.flatnonzero(kept), counts)
    ordinates = _accumulate(values[source], kinds[source] == DIF, line_number[token_line[source]])
    line = token_line[source]
    is_check, failed = _check_values(ordinates, line, kinds[source] == DIF, carried)
    n_of_line = np.bincount(line[~is_check], minlength=n_lines)
    line_index = carried.n_values + np.cumsum(n_of_line) - n_of_line
    line_index[line[is_check]] -= 1  # a check value stands at the abscissa of the point it repeats
    if ordinates.size:
        carried.last_value = float(ordinates[-1])
        carried.last_is_difference = bool(kinds[source[-1]] == DIF)
    carried.n_values += int(n_of_line.sum())
    return Ordinates(
        values=ordinates[~is_check],
        line_x=tokens.values[is_first],
        line_index=line_index.astype(np.int64),
        line_number=line_number,
        failed_checks=tuple(int(number) for number in line_number[line[failed]]),
    )


def _line_starts(lines: IntArray) -> tuple[int, NDArray[np.bool_]]:
    is_first = np.ones(lines.size, dtype=np.bool_)
    is_first[1:] = lines[1:] != lines[:-1]
    return int(is_first.sum()), is_first


def _refuse_bad_order(kinds: NDArray[np.uint8], token_line: IntArray, line_number: IntArray) -> None:
    opens_line = np.ones(kinds.size, dtype=np.bool_)
    opens_line[1:] = token_line[1:] != token_line[:-1]
    bad = np.flatnonzero(opens_line & ((kinds == DIF) | (kinds == DUP)))
    if bad.size:
        raise MalformedFile(
            f"line {line_number[token_line[bad[0]]]}: the first ordinate of a line must be a value,"
            " not a difference or a repetition"
        )
    twice = np.flatnonzero((kinds[1:] == DUP) & (kinds[:-1] == DUP))
    if twice.size:
        raise MalformedFile(f"line {line_number[token_line[twice[0] + 1]]}: a repetition follows a repetition")


def _repeats(values: FloatArray, kinds: NDArray[np.uint8], carried: _Carried) -> tuple[IntArray, NDArray[np.bool_]]:
    """How often each token that is no repetition stands."""
    is_repeat = kinds == DUP
    counts = np.ones(values.size)
    repeats = np.flatnonzero(is_repeat)
    counts[repeats - 1] = values[repeats]
    kept = ~is_repeat
    wanted = carried.n_values + float(counts[kept].sum())
    if wanted > MAX_VALUES:
        raise MalformedFile(f"the data would make more than {MAX_VALUES:,} points: this is no spectrum")
    return counts[kept].astype(np.int64), kept


def _accumulate(values: FloatArray, is_difference: NDArray[np.bool_], lines: IntArray) -> FloatArray:
    """Sum differences from the last plain value on."""
    if not is_difference.any():
        return values
    positions = np.where(is_difference, 0, np.arange(values.size))
    base = np.maximum.accumulate(positions)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.cumsum(np.where(is_difference, values, 0.0))
        ordinates: FloatArray = values[base] + (sums - sums[base])
    lost = np.flatnonzero(is_difference & ~np.isfinite(ordinates))
    if lost.size:
        raise MalformedFile(f"line {lines[lost[0]]}: a difference follows an ordinate that is missing or too large")
    ordinates[~is_difference] = values[~is_difference]
    return ordinates


def _check_values(
    ordinates: FloatArray, line: IntArray, is_difference: NDArray[np.bool_], carried: _Carried
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which ordinates repeat the last one of a line that ended with a difference, and which fail to."""
    opens_line = np.ones(ordinates.size, dtype=np.bool_)
    opens_line[1:] = line[1:] != line[:-1]
    before = np.concatenate([[carried.last_value], ordinates[:-1]])
    after_difference = np.concatenate([[carried.last_is_difference], is_difference[:-1]])
    is_check = opens_line & after_difference[: ordinates.size]
    failed = is_check & (np.abs(ordinates - before[: ordinates.size]) > 1e-9 * (1.0 + np.abs(ordinates)))
    return is_check, failed | (is_check & np.isnan(ordinates))
