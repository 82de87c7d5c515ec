"""What one release has that another has not, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from library.release_manifest import ReleaseManifest
from library.stored_reference import StoredReference
from spectra.spectrum import Technique

__all__ = ["Difference", "compare_releases"]


@dataclass(frozen=True, slots=True)
class Difference:
    """From one release to another.

    Parameters
    ----------
    before, after : str
        Names of the releases.
    added : tuple of StoredReference
    corrected : tuple of (StoredReference, StoredReference)
        The old one, and what stands in its place.
    gone : tuple of (StoredReference, str)
        And the reason.
    new_substances, lost_substances : tuple of str
        With no reference at all before, or now.
    newly_covered : tuple of (str, Technique)
        Watched substances that had no reference of this technique before.
    stated : tuple of str
        What is said of substances and families now, and was not before.
    """

    before: str
    after: str
    added: tuple[StoredReference, ...]
    corrected: tuple[tuple[StoredReference, StoredReference], ...]
    gone: tuple[tuple[StoredReference, str], ...]
    new_substances: tuple[str, ...]
    lost_substances: tuple[str, ...]
    newly_covered: tuple[tuple[str, Technique], ...]
    stated: tuple[str, ...]

    def sentences(self) -> Iterator[str]:
        """The difference in words, one sentence a change."""
        if not (self.added or self.corrected or self.gone or self.stated):
            yield f"{self.after} holds the same references as {self.before}."
            return
        yield (
            f"From {self.before} to {self.after}: {len(self.added):,} references added, {len(self.corrected):,}"
            f" corrected, {len(self.gone):,} gone."
        )
        for each in self.added:
            new = " (new in this library)" if each.row.substance in self.new_substances else ""
            yield f"Added: {_named(each)}{new}."
        for old, new_one in self.corrected:
            yield f"Corrected: {_named(old)} is now {_named(new_one)}{_changed(old, new_one)}."
        for each, reason in self.gone:
            last = f"; no reference of {each.row.substance} is left" * (each.row.substance in self.lost_substances)
            yield f"Gone: {_named(each)}: {reason or 'no reason was given'}{last}."
        for substance, technique in self.newly_covered:
            yield f"Now on watch with {technique}: {substance}."
        for words in self.stated:
            yield f"Stated: {words}."

    def to_json(self) -> dict[str, Any]:
        """Plain data for scripts."""
        return {
            "schema": "reachback.library-difference/1",
            "before": self.before,
            "after": self.after,
            "added": [_plain(each) for each in self.added],
            "corrected": [{"before": _plain(old), "after": _plain(new)} for old, new in self.corrected],
            "gone": [_plain(each) | {"reason": reason} for each, reason in self.gone],
            "new_substances": list(self.new_substances),
            "lost_substances": list(self.lost_substances),
            "newly_covered": [{"substance": name, "technique": technique} for name, technique in self.newly_covered],
            "stated": list(self.stated),
            "sentences": list(self.sentences()),
        }


def compare_releases(before: ReleaseManifest, after: ReleaseManifest) -> Difference:
    """Compare two releases of one library, or of two."""
    old = {each.id: each for each in before.references}
    new = {each.id: each for each in after.references}
    reasons = {each.id: each for each in after.deprecated}
    corrected = [
        (old[identifier], new[each.successor])
        for identifier, each in reasons.items()
        if identifier in old and identifier not in new and each.successor in new
    ]
    succeeded = {each.id for each, _ in corrected}
    successors = {each.id for _, each in corrected if each.id not in old}
    gone = [each for identifier, each in old.items() if identifier not in new and identifier not in succeeded]
    names = [{each.row.substance for each in held} for held in (old.values(), new.values())]
    return Difference(
        before=before.name,
        after=after.name,
        added=tuple(each for identifier, each in new.items() if identifier not in old and identifier not in successors),
        corrected=tuple(corrected),
        gone=tuple((each, reasons[each.id].reason if each.id in reasons else "") for each in gone),
        new_substances=tuple(sorted(names[1] - names[0])),
        lost_substances=tuple(sorted(names[0] - names[1])),
        newly_covered=tuple(sorted(_watched(new.values()) - _watched(old.values()))),
        stated=tuple(
            f"{each.substance}, {each.what.replace('_', ' ')}: {each.value} ({each.source}, {each.date})"
            for each in after.statements
            if each not in before.statements
        ),
    )


def _watched(references: Iterable[StoredReference]) -> set[tuple[str, Technique]]:
    return {(each.row.substance, each.row.technique) for each in references if each.row.watch}


def _changed(old: StoredReference, new: StoredReference) -> str:
    """Which words changed, where the numbers did not."""
    words = []
    for name, what in (
        ("substance", "name"),
        ("form", "form"),
        ("cas", "CAS number"),
        ("inchikey", "InChIKey"),
        ("substance_class", "class"),
        ("watch", "watch"),
        ("schedules", "schedules"),
        ("mode", "mode"),
    ):
        if getattr(old.row, name) != getattr(new.row, name):
            words.append(what)
    if old.measurement != new.measurement:
        words.append("spectrum")
    return f" (changed: {', '.join(words)})" if words else ""


def _named(reference: StoredReference) -> str:
    row = reference.row
    form = f", {row.form}" if row.form else ""
    return f"{reference.id} ({row.technique}, {row.substance}{form})"


def _plain(reference: StoredReference) -> dict[str, Any]:
    row = reference.row
    return {"id": reference.id, "substance": row.substance, "form": row.form, "technique": row.technique.value}
