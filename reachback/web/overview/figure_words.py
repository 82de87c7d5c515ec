"""Figures in words: minutes, percents, shares with their denominators."""

from __future__ import annotations

from reachback.insight.answer_times import Quantile
from reachback.insight.shares import Share

__all__ = ["minutes", "percent", "share_words"]


def minutes(quantile: Quantile) -> str:
    """A time in minutes, hours or days, as it is spoken of; a dash of nothing."""
    if quantile.seconds is None:
        return "–"
    seconds = quantile.seconds
    if seconds < 2 * 3600:
        said = f"{seconds / 60:.1f} min"
    elif seconds < 2 * 86400:
        said = f"{seconds / 3600:.1f} h"
    else:
        said = f"{seconds / 86400:.1f} d"
    return f"≥ {said}" if quantile.at_least else said


def percent(value: float | None) -> str:
    """A share in percent; a dash of nothing."""
    if value is None:
        return "–"
    return f"{100 * value:.2f} %" if 0 < value < 0.01 else f"{100 * value:.1f} %"


def share_words(share: Share) -> str:
    """``n of N = p (low to high)``: never without its denominator."""
    if not share.of:
        return "0 of 0"
    return f"{share.n:,} of {share.of:,} = {percent(share.value)} ({percent(share.low)} to {percent(share.high)})"
