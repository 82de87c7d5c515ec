"""Duplicates, two names for one curve, and leave-one-out: what the rest of the library calls a reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from library.qc.findings import Finding, Level
from library.qc.neighbours import Neighbours
from library.qc.thresholds import Thresholds
from spectra.reference import Grade, ReferenceEntry, ReferenceSet

__all__ = ["Calls", "call_by_the_rest", "judge_labels"]


@dataclass(frozen=True, slots=True)
class Calls:
    """Leave-one-out over a whole library.

    ``asked`` references have at least one more of their own substance and form; ``right`` of them are called by their
    own name when they are left out.
    """

    asked: int
    right: int


def judge_labels(neighbours: Neighbours, references: ReferenceSet, limits: Thresholds) -> Iterator[Finding]:
    """Findings about pairs, each pair once."""
    entries = references.entries
    seen: set[tuple[int, int]] = set()
    for row, others, scores in zip(neighbours.rows, neighbours.others, neighbours.scores, strict=True):
        for other, score in zip(others, scores, strict=True):
            pair = (min(int(row), int(other)), max(int(row), int(other)))
            if score < min(limits.near_duplicate, limits.conflict) or pair in seen:
                continue
            seen.add(pair)
            yield _pair(entries[pair[0]], entries[pair[1]], float(score), limits)
        own, stranger = _best(int(row), others, scores, references)
        if stranger is not None and own is not None and limits.own_kind_found <= own[1] < stranger[1]:
            yield from _called_otherwise(entries, int(row), own, stranger, limits)


def call_by_the_rest(neighbours: Neighbours, references: ReferenceSet) -> Calls:
    """How often the rest of the library names a reference as its label does."""
    identities = references.identities
    counts = np.bincount(identities)
    asked = counts[identities[neighbours.rows]] > 1
    right = identities[neighbours.others[:, 0]] == identities[neighbours.rows]
    return Calls(int(asked.sum()), int((asked & right & (neighbours.scores[:, 0] > 0)).sum()))


Match = tuple[int, float]


def _best(
    row: int, others: Sequence[int], scores: Sequence[float], references: ReferenceSet
) -> tuple[Match | None, Match | None]:
    """The best neighbour of the same identity, and the best of another."""
    own: Match | None = None
    stranger: Match | None = None
    for other, score in zip(others, scores, strict=True):
        if score <= 0:
            continue
        if references.identities[other] == references.identities[row]:
            own = own or (int(other), float(score))
        else:
            stranger = stranger or (int(other), float(score))
    return own, stranger


def _pair(one: ReferenceEntry, other: ReferenceEntry, score: float, limits: Thresholds) -> Finding:
    both = (one.id, other.id)
    figures = {"similarity": score}
    if one.substance.casefold() == other.substance.casefold():
        return _same_substance(one, other, score, limits)
    drawn = Grade.BAND_TABLE in (one.grade, other.grade)
    words = (
        f"{one.id} ({_name(one)}) and {other.id} ({_name(other)}) are the same curve under two names"
        if score >= limits.duplicate
        else f"{one.id} ({_name(one)}) and {other.id} ({_name(other)}) look the same (similarity {score:.3f})"
    )
    advice = "; take the wrong one out, or settle it if both are right"
    return Finding("label", Level.WARNING if drawn else Level.CONFLICT, both, words + advice, figures)


def _same_substance(one: ReferenceEntry, other: ReferenceEntry, score: float, limits: Thresholds) -> Finding:
    both, figures = (one.id, other.id), {"similarity": score}
    if (one.form or "").casefold() != (other.form or "").casefold():
        words = (
            f"{one.id} ({_name(one)}) and {other.id} ({_name(other)}) are two forms of one substance that look the same"
            f" (similarity {score:.3f}); one of the forms may be wrong"
        )
        return Finding("form", Level.WARNING, both, words, figures)
    if score >= limits.duplicate:
        words = f"{one.id} and {other.id} ({_name(one)}) are the same curve twice; one of them is enough"
        return Finding("duplicate", Level.WARNING, both, words, figures)
    words = f"{one.id} and {other.id} ({_name(one)}) are nearly the same measurement (similarity {score:.3f})"
    return Finding("near_duplicate", Level.NOTE, both, words, figures)


def _called_otherwise(
    entries: Sequence[ReferenceEntry], row: int, own: Match, stranger: Match, limits: Thresholds
) -> Iterator[Finding]:
    if stranger[1] < own[1] + limits.label_margin:
        return
    entry, rival = entries[row], entries[stranger[0]]
    level = Level.CONFLICT if entry.grade is Grade.MEASURED and rival.grade is Grade.MEASURED else Level.WARNING
    words = (
        f"the rest of the library calls {entry.id} {_name(rival)} ({rival.id}, similarity {stranger[1]:.3f}) rather"
        f" than {_name(entry)} ({entries[own[0]].id}, {own[1]:.3f}); correct the label, or settle it if it is right"
    )
    yield Finding(
        "called_otherwise", level, (entry.id, rival.id), words, {"similarity": stranger[1], "own_similarity": own[1]}
    )


def _name(entry: ReferenceEntry) -> str:
    return f"{entry.substance}, {entry.form}" if entry.form else entry.substance
