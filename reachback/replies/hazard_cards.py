"""Hazard and handling cards: what named public sources say, each line with its source and date."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["CARD_NAMES", "UNKNOWN", "card", "cards_for", "cards_out_of_reach"]

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
    named = [name for name in CARD_NAMES if held & _applies_to(name)]
    chosen = named if "fentanyl_family" in named else [*named, UNKNOWN]
    return [card(name) for name in chosen]


def cards_out_of_reach(known: Iterable[str]) -> list[str]:
    """One sentence for each card that no reference of a library can lead to, given the classes it holds.

    Nothing is lost where the library grows: a card comes with the first reference of one of its classes.
    """
    held = {name.casefold() for name in known}
    return [
        f"The card “{card(name)['title']}” comes only where a reference of the class {_listed(name)} is found, and this"
        " library holds none: a sample may be one without this report saying so."
        for name in CARD_NAMES
        if _applies_to(name) and not held & _applies_to(name)
    ]


def _applies_to(name: str) -> set[str]:
    return {each.casefold() for each in tomllib.loads(_source_text(name))["applies_to"]}


def _listed(name: str) -> str:
    return " or ".join(tomllib.loads(_source_text(name))["applies_to"])
