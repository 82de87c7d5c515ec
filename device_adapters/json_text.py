"""JSON as device software writes it: parsed strictly, and bounded before anything is made of it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import decode_text
from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_VALUES

__all__ = ["numbers_in", "object_in", "parse_json"]


def parse_json(data: bytes) -> Any:
    """The value of a JSON text.

    Raises
    ------
    MalformedFile
        It is no JSON, breaks off, is nested too deeply or holds more values than a file of spectra has.
    """
    if data.count(b",") > 2 * MAX_VALUES:
        raise MalformedFile(f"the file holds more than {2 * MAX_VALUES:,} values: this is no spectrum")
    try:
        return json.loads(decode_text(data), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise MalformedFile(
            f"line {error.lineno}: the JSON is broken or breaks off here ({error.msg}): export the scan again"
        ) from error
    except (RecursionError, ValueError) as error:
        raise MalformedFile("the JSON is nested too deeply or holds a number that is none") from error


def object_in(value: Any, what: str) -> dict[str, Any]:
    """The value, which has to be an object."""
    if not isinstance(value, dict):
        raise MalformedFile(f"{what} is no JSON object with keys: export the scan again")
    return value


def numbers_in(value: Any, what: str) -> NDArray[np.float64]:
    """The value as numbers, which has to be a list of them; null becomes NaN."""
    if not isinstance(value, list):
        raise MalformedFile(f"{what} is no list of numbers: export the scan again")
    if len(value) > MAX_VALUES:
        raise MalformedFile(f"{what} holds more than {MAX_VALUES:,} values: this is no spectrum")
    numbers = np.empty(len(value), dtype=np.float64)
    for i, entry in enumerate(value):
        if entry is None:
            numbers[i] = np.nan
        elif isinstance(entry, (int, float)) and not isinstance(entry, bool) and abs(entry) < 1e308:
            numbers[i] = entry
        else:
            raise MalformedFile(f"{what}: value {i + 1} is no number: {str(entry)[:40]!r}")
    return numbers


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)
