"""A share of a count: never without its denominator, and with the interval that so few or so many allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Share", "wilson_interval"]

_Z = 1.959963984540054  # 97.5 % point of the normal distribution: 95 %, two-sided


@dataclass(frozen=True, slots=True)
class Share:
    """``n`` of ``of``; ``value`` [1] is null of nothing, ``low`` and ``high`` [1] are then 0 and 1."""

    n: int
    of: int
    value: float | None
    low: float
    high: float

    @classmethod
    def counted(cls, n: int, of: int) -> Share:
        """From the two counts."""
        low, high = wilson_interval(n, of)
        return cls(n, of, n / of if of else None, low, high)


def wilson_interval(n: int, of: int) -> tuple[float, float]:
    """Lower and upper bound [1] of a proportion, 95 %.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22.
    """
    if not 0 <= n <= of:
        raise ValueError(f"{n} of {of} is no proportion")
    if of == 0:
        return 0.0, 1.0
    part, weight = n / of, _Z * _Z / of
    middle = (part + weight / 2) / (1 + weight)
    half = _Z * math.sqrt(part * (1 - part) / of + weight / (4 * of)) / (1 + weight)
    return (0.0 if n == 0 else max(0.0, middle - half)), (1.0 if n == of else min(1.0, middle + half))
