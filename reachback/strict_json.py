"""JSON that every parser reads: no NaN, no Infinity; what is unknown is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["dump_strictly", "plain"]


def dump_strictly(value: Any, indent: int | None = 2) -> str:
    """JSON text in ASCII, so that no terminal or locale can spoil it."""
    return json.dumps(plain(value), indent=indent, allow_nan=False, ensure_ascii=True)


def plain(value: Any) -> Any:
    """The same value in JSON's own types; numbers that are not finite, and unknown types, become null or text."""
    if value is None or (isinstance(value, (bool, int)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, str) and not isinstance(value, Enum):
        return value.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is no JSON to most parsers
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy here
        return plain(value.tolist())
    return str(value)
