"""Hazard and handling cards: what named public sources say, each line with its source and date."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["CARD_NAMES", "card", "cards_for"]

CARD_NAMES = ("fentanyl_family", "other_opioids", "corrosives", "unknown_powder")
UNKNOWN = "unknown_powder"


@cache
def _source_text(name: str) -> str:
    return (files("reachback.replies") / "cards" / f"{name}.toml").read_text(encoding="utf-8")


def card(name: str) -> dict[str, Any]:
    """One card, as it goes into a reply: title, lines with the sources they are from, and the sources."""
    written = tomllib.loads(_source_text(name))
    sources: Mapping[str, Mapping[str, str]] = written["sources"]
    numbers = {key: number for number, key in enumerate(sources, start=1)}
    return {
        "card": name,
        "title": written["title"],
        "lines": [
            {"text": line["text"], "sources": [numbers[key] for key in line["from"]]} for line in written["lines"]
        ],
        "sources": [{"number": numbers[key], **source} for key, source in sources.items()],
    }


def cards_for(classes: Iterable[str | None]) -> list[dict[str, Any]]:
    """Cards for what was found or is suspected, by the library's classes.

    A presumptive answer never excludes what lies below the scan's limits: so the card for unknown powders comes with
    every answer, unless the stricter one for the fentanyl family does.
    """
    held = {(name or "").casefold() for name in classes}
    named = [
        name
        for name in CARD_NAMES
        if held & {each.casefold() for each in tomllib.loads(_source_text(name))["applies_to"]}
    ]
    chosen = named if "fentanyl_family" in named else [*named, UNKNOWN]
    return [card(name) for name in chosen]
