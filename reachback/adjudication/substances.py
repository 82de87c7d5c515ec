"""What a chemist names, looked up in the library: spelling, class, and whether the library knows it at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from library.model import OpenLibrary
from spectra.spectrum import Technique

__all__ = ["KnownSubstances", "folded"]


def folded(name: str | None) -> str:
    """A name as it is compared: without case, and with single blanks."""
    return " ".join((name or "").casefold().split())


@dataclass(frozen=True, slots=True)
class KnownSubstances:
    """Substance, as compared → its spelling and its class in the library; ``held``: technique → what it has."""

    spellings: Mapping[str, str]
    classes: Mapping[str, str]
    held: Mapping[Technique, Collection[str]] = field(default_factory=dict)

    @classmethod
    def of_library(cls, library: OpenLibrary) -> KnownSubstances:
        """All substances of all techniques."""
        known = cls.of_entries(
            (entry.substance, entry.substance_class)
            for references in library.sets.values()
            for entry in references.entries
        )
        held = {
            technique: frozenset(entry.substance for entry in references.entries)
            for technique, references in library.sets.items()
        }
        return replace(known, held=MappingProxyType(held))

    @classmethod
    def of_entries(cls, entries: Iterable[tuple[str, str | None]]) -> KnownSubstances:
        """From pairs of substance and class; the first pair that has a class counts."""
        spellings: dict[str, str] = {}
        classes: dict[str, str] = {}
        for substance, substance_class in entries:
            spellings.setdefault(folded(substance), substance)
            if substance_class:
                classes.setdefault(folded(substance), substance_class)
        return cls(MappingProxyType(spellings), MappingProxyType(classes))

    def class_of(self, substance: str) -> str | None:
        """The class; a family may be named by itself, as in a finding of the outcome *class*."""
        name = folded(substance)
        if name in self.classes:
            return self.classes[name]
        return next((known for known in self.classes.values() if folded(known) == name), None)

    def described(self, components: Sequence[Mapping[str, str | None]]) -> list[dict[str, Any]]:
        """Components with the library's spelling and class.

        A name that the library does not know is allowed – a chemist may know more than the library – and said to be so.
        """
        return [
            {
                "substance": self.spellings.get(folded(part["substance"]), " ".join((part["substance"] or "").split())),
                "form": " ".join((part.get("form") or "").split()) or None,
                "class": self.class_of(part["substance"] or ""),
                "in_library": folded(part["substance"]) in self.spellings,
            }
            for part in components
        ]
