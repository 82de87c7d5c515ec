"""A count out of a count, with its exact interval: no figure without its denominator."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import beta

__all__ = ["Proportion"]

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Proportion:
    """``hits`` of ``of``; the interval is that of Clopper and Pearson (1934), 95 %, two-sided."""

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no proportion")

    @property
    def value(self) -> float | None:
        """The proportion [1]; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound [1]; 0 to 1 of nothing."""
        alpha = 1 - _CONFIDENCE
        low = float(beta.ppf(alpha / 2, self.hits, self.of - self.hits + 1)) if self.hits else 0.0
        high = float(beta.ppf(1 - alpha / 2, self.hits + 1, self.of - self.hits)) if self.hits < self.of else 1.0
        return low, high

    def __add__(self, other: Proportion) -> Proportion:
        return Proportion(self.hits + other.hits, self.of + other.of)

    def as_json(self) -> dict[str, object]:
        """Plain data: hits, of, value, interval."""
        return {"hits": self.hits, "of": self.of, "value": self.value, "interval": list(self.interval)}

    def __str__(self) -> str:
        if not self.of:
            return "none judged"
        low, high = self.interval
        return f"{self.hits:,} of {self.of:,} = {_percent(self.hits / self.of)} ({_percent(low)} to {_percent(high)})"


def _percent(part: float) -> str:
    # Small rates need the decimals that large ones do not.
    return f"{100 * part:.2f} %" if part < 0.01 else f"{100 * part:.1f} %"
