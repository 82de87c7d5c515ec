"""What stands in the header of a text export, as values of the metadata model; what is blank stays absent."""

from __future__ import annotations

import re
from typing import Any

from device_adapters.decoding import parse_number

__all__ = ["Header", "laser_nm", "number", "present", "seconds"]

_LONGEST_TEXT = 2000  # characters of one value
_SECONDS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "usec": 1e-6, "µs": 1e-6, "μs": 1e-6}


class Header(dict[str, str]):
    """Keys and values of a header, keys in lower case; of a key that comes twice the first counts."""

    def add(self, key: str, value: str) -> None:
        """Take a key and its value, both without blanks around them; a blank value is none."""
        key, value = key.strip().lower(), value.strip()
        if key and value:
            self.setdefault(key, value[:_LONGEST_TEXT])

    def first(self, *keys: str) -> str | None:
        """The value of the first of these keys that has one."""
        return next((self[key] for key in keys if key in self), None)


def present(**values: Any) -> dict[str, Any]:
    """Only the entries that are known: neither None nor an empty text."""
    return {key: value for key, value in values.items() if value is not None and value != ""}


def number(text: str | None) -> float | None:
    """A number with decimal point or comma, or None."""
    return None if text is None else parse_number(text.replace(",", "."))


def laser_nm(text: str | None) -> float | None:
    """A wavelength [nm] in the text, ``"784,9"`` or ``"532nm"``; zero and the impossible are None."""
    match = re.match(r"\s*(\d{3,4}(?:[.,]\d{1,12})?)\s*(?:nm\b|nm_|$)", text or "", re.IGNORECASE)
    laser = number(match[1]) if match else None
    return laser if laser is not None and 100.0 < laser < 3000.0 else None


def seconds(text: str | None, unit: str) -> float | None:
    """A duration [s] from a number in s, ms or µs; None where number or unit is not understood."""
    value, factor = number(text), _SECONDS.get(unit.strip().lower())
    return None if value is None or factor is None or value < 0 else round(value * factor, 12)
