"""Compressed JCAMP-DX data as arrays of tokens, taken apart without a loop over characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import MalformedFile

__all__ = ["DIF", "DUP", "VALUE", "Tokens", "tokenise"]

VALUE, DIF, DUP = 0, 1, 2  # kinds of tokens; a missing ordinate is a VALUE that is NaN

_MAX_DIGITS = 25  # more than any ordinate has
_POWERS_OF_TEN = 10.0 ** np.arange(_MAX_DIGITS + 1)

_OTHER, _DIGIT, _DOT, _START, _BLANK, _NEWLINE = range(6)


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Per character: its class, the kind of token it starts, its digit, its sign."""
    classes = np.full(256, _OTHER, dtype=np.uint8)
    kinds = np.full(256, VALUE, dtype=np.uint8)
    digits = np.zeros(256)
    signs = np.ones(256)
    for code in range(ord("0"), ord("9") + 1):
        classes[code], digits[code] = _DIGIT, code - ord("0")
    classes[ord(".")] = _DOT
    classes[[ord(c) for c in " \t,;"]] = _BLANK
    classes[ord("\n")] = _NEWLINE
    series = (
        ("@ABCDEFGHI", VALUE, 0, 1.0),
        ("abcdefghi", VALUE, 1, -1.0),
        ("%JKLMNOPQR", DIF, 0, 1.0),
        ("jklmnopqr", DIF, 1, -1.0),
        ("STUVWXYZs", DUP, 1, 1.0),
    )
    for letters, kind, first_digit, sign in series:
        for digit, letter in enumerate(letters, first_digit):
            code = ord(letter)
            classes[code], kinds[code], digits[code], signs[code] = _START, kind, digit, sign
    classes[[ord("+"), ord("-"), ord("?")]] = _START
    signs[ord("-")] = -1.0
    return classes, kinds, digits, signs


_CLASS, _KIND, _DIGIT_OF, _SIGN = _tables()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of some data lines; the first of each line is its abscissa.

    Parameters
    ----------
    values : array, shape (n_tokens,)
        Signed value; NaN for ``?``; the count for a repetition.
    kinds : array, shape (n_tokens,)
        ``VALUE``, ``DIF`` or ``DUP``.
    lines : array, shape (n_tokens,)
        Line of the file.
    """

    values: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    lines: NDArray[np.int64]


def tokenise(text: str, first_line: int) -> Tokens:
    """Take compressed data lines apart.

    Raises
    ------
    MalformedFile
        A character that compressed data do not know, or a token without digits.
    """
    codes = np.frombuffer(text.encode("utf-8", errors="replace"), dtype=np.uint8)
    classes = _CLASS[codes]
    line_of_code = first_line + np.cumsum(classes == _NEWLINE)
    starts = _token_starts(classes)
    numeral = (classes == _DIGIT) | (classes == _START) & (codes != ord("+")) & (codes != ord("-"))
    n_numerals = np.cumsum(numeral)
    token_lines = line_of_code[starts].astype(np.int64)
    _refuse_foreign(codes, classes, line_of_code)
    if not starts.size:
        return Tokens(np.zeros(0), np.zeros(0, dtype=np.uint8), token_lines)
    opening = codes[starts]
    kinds = _KIND[opening]
    n_digits = np.add.reduceat(numeral.astype(np.int64), starts)
    _refuse_misshapen(opening, n_digits, _dots(classes, starts), token_lines)
    values = _SIGN[opening] * _magnitudes(codes, classes, starts, numeral, n_numerals, n_digits)
    values[opening == ord("?")] = np.nan
    _refuse_no_abscissa(opening, token_lines)
    return Tokens(values, kinds, token_lines)


def _token_starts(classes: NDArray[np.uint8]) -> NDArray[np.intp]:
    in_number = (classes == _DIGIT) | (classes == _DOT)
    after_gap = np.ones(classes.size, dtype=np.bool_)
    after_gap[1:] = classes[:-1] >= _BLANK
    return np.flatnonzero((classes == _START) | (in_number & after_gap))


def _dots(classes: NDArray[np.uint8], starts: NDArray[np.intp]) -> NDArray[np.int64]:
    n_dots: NDArray[np.int64] = np.add.reduceat((classes == _DOT).astype(np.int64), starts)
    return n_dots


def _magnitudes(
    codes: NDArray[np.uint8],
    classes: NDArray[np.uint8],
    starts: NDArray[np.intp],
    numeral: NDArray[np.bool_],
    n_numerals: NDArray[np.intp],
    n_digits: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Value of each token's digits; whole numbers up to 2^53 exactly, decimals correctly rounded."""
    token = np.cumsum(np.bincount(starts, minlength=codes.size)[: codes.size]) - 1
    last = n_numerals[starts] - numeral[starts] + n_digits
    # Characters that are no numerals have the digit 0, so their power does not matter.
    to_come = np.where(numeral, last[token] - n_numerals, 0)
    whole = np.add.reduceat(_DIGIT_OF[codes] * _POWERS_OF_TEN[to_come], starts)
    dots = np.flatnonzero(classes == _DOT)
    if not dots.size:
        return whole
    after_dot = np.zeros(starts.size, dtype=np.int64)
    after_dot[token[dots]] = last[token[dots]] - n_numerals[dots]
    scaled: NDArray[np.float64] = whole / _POWERS_OF_TEN[after_dot]
    return scaled


def _refuse_foreign(codes: NDArray[np.uint8], classes: NDArray[np.uint8], line_of_code: NDArray[np.intp]) -> None:
    foreign = np.flatnonzero(classes == _OTHER)
    if foreign.size:
        at = foreign[0]
        raise MalformedFile(f"line {line_of_code[at]}: {chr(codes[at])!r} does not belong into JCAMP-DX data")


def _refuse_misshapen(
    opening: NDArray[np.uint8],
    n_digits: NDArray[np.int64],
    n_dots: NDArray[np.int64],
    lines: NDArray[np.int64],
) -> None:
    has_more = (opening == ord("?")) & (n_digits + n_dots > 1)
    bad = np.flatnonzero((n_digits < 1) | (n_digits > _MAX_DIGITS) | (n_dots > 1) | has_more)
    if bad.size:
        raise MalformedFile(f"line {lines[bad[0]]}: a number in the compressed data is broken")


def _refuse_no_abscissa(opening: NDArray[np.uint8], lines: NDArray[np.int64]) -> None:
    first = np.ones(lines.size, dtype=np.bool_)
    first[1:] = lines[1:] != lines[:-1]
    plain = (_CLASS[opening] != _START) | (opening == ord("+")) | (opening == ord("-"))
    bad = np.flatnonzero(first & ~plain)
    if bad.size:
        raise MalformedFile(f"line {lines[bad[0]]}: the line does not begin with its abscissa")
