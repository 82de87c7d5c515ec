"""Times in pages: UTC as text, which a script turns into the reader's own zone."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

__all__ = ["minutes_left", "moment"]


def as_moment(value: str | datetime) -> datetime:
    """A moment in UTC, from ISO 8601 where it is text."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)


def moment(value: str | datetime | None, kind: str = "full") -> Markup:
    """``<time>`` with UTC text; ``kind`` is what the script shows of it: ``full``, ``time`` or ``left``."""
    if value is None:
        return Markup("–")
    when = as_moment(value)
    text = when.strftime("%H:%M UTC" if kind == "time" else "%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}" data-time="{}">{}</time>').format(
        when.strftime("%Y-%m-%dT%H:%M:%SZ"), kind, text
    )


def minutes_left(due: str | datetime, now: datetime) -> int:
    """Whole minutes until then, negative once it has passed."""
    return int((as_moment(due) - now).total_seconds() // 60)
