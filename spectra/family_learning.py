"""What tells the families of a library apart: what a new substance's bands share with a family and with nothing else.

A new analogue has other bands than its relatives, but many at about the same places. Spectra are compared in two ways
at once: blurred until small differences of places vanish and with heights compressed, so that many weak bands count as
much as one strong one; and by their slopes, as a search does. The library itself is asked what tells a family from all
the rest: kernel ridge regression with 1 for the members and 0 for everything else (Saunders, Gammerman and Vovk, ICML
1998). A scan that resembles nothing scores 0 for every family.

How high a score has to be the library says too. Every substance is left out once, in closed form, and scored by the
others (Cawley and Talbot, Neural Networks 17, 1467, 2004): a family is asked about only where its own members are
recognised that way, and a scan must score higher than any substance that is not of the family it was taken for.
A class that names a use ("stimulant", "other") mostly fails that test by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import CRITERIA, Criteria
from spectra.reference import Grade, ReferenceSet

__all__ = ["Families", "Views", "learn_families", "likeness"]

FloatArray = NDArray[np.float64]

# Chosen with one half of the substances (docs/decisions/0023); what is reported comes from the other.
_BLUR = 14.0  # [cm^-1] standard deviation
_STEP = 12.0  # [cm^-1] between the points that are left
_POWER = 0.35  # of the heights
_WIDTH = 0.5  # [1] of the kernel, in units of cosine
_RIDGE = 0.05  # [1] beside a kernel of 1 for a spectrum with itself
_FEWEST_MEMBERS = 3  # substances that make a family, all of them watched
_FEWEST_OTHERS = 20  # substances that no family may be mistaken for; fewer prove nothing
# Of a large library: members of one family, other references that are looked over, and how many of these, the most
# like a member, are learned from. The work for learning grows with the cube of their number.
_MOST_MEMBERS, _LOOKED_OVER, _MOST_OTHERS = 60, 3000, 600


class Views(NamedTuple):
    """Some spectra as they are compared, every row of unit length."""

    coarse: FloatArray  # shape (n_spectra, n_coarse)
    slopes: FloatArray  # shape (n_spectra, n_window)


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """What tells the families of a library apart, over one range.

    Parameters
    ----------
    names : tuple of str, length n_families
        Families whose members recognise each other.
    doubtful : frozenset of str
        Classes large enough to be families, whose members do not.
    needed : float
        [1] Score that a scan must reach.
    blur : array, shape (n_window, n_coarse)
    window : slice
        Points of the grid that are looked at.
    centres : array, shape (n_coarse,) and array, shape (n_window,)
        Means that are taken off both views.
    views : Views
        Of what was learned from.
    weights : array, shape (n_learned, n_families)
    substances, classes : tuple of str, length n_learned
    rows : frozenset of int
        References that were learned from.
    """

    names: tuple[str, ...]
    doubtful: frozenset[str]
    needed: float
    blur: FloatArray
    window: slice
    centres: tuple[FloatArray, FloatArray]
    views: Views
    weights: FloatArray
    substances: tuple[str, ...]
    classes: tuple[str | None, ...]
    rows: frozenset[int]

    def views_of(self, curves: FloatArray, slopes: FloatArray) -> Views:
        """Curves as they are compared here.

        Parameters
        ----------
        curves, slopes : array, shape (n_curves, n_points)
        """
        plain = _views(curves[:, self.window], slopes[:, self.window], self.blur)
        return _beside(plain, self.centres)


def likeness(some: Views, others: Views) -> FloatArray:
    """1 for equal spectra, shape (n_some, n_others)."""
    both = [np.exp((a @ b.T - 1.0) / _WIDTH) for a, b in zip(some, others, strict=True)]
    return np.asarray((both[0] + both[1]) / 2)


def learn_families(
    references: ReferenceSet,
    comparable: NDArray[np.bool_],
    coverage: tuple[int, int],
    criteria: Criteria = CRITERIA,
) -> Families | None:
    """Learn what tells the families of a library apart; None where no class is large enough.

    Parameters
    ----------
    comparable : bool array, shape (n_refs,)
        References that may be named.
    coverage : (first, stop)
        Points of the grid that the scan covers.
    """
    usable = np.flatnonzero(comparable & ~references.is_packaging)
    usable = usable[[references.entries[row].grade is Grade.MEASURED for row in usable.tolist()]]
    window = _window(references, usable, coverage)
    axis = references.axis[window]
    if axis.size < 2 or axis[-1] - axis[0] < criteria.min_range:
        return None
    low, high = references.coverage[usable].T
    usable = usable[(low <= window.start) & (high >= window.stop)]
    names = _candidates(references, usable)
    if not names:
        return None
    blur = _blurring(axis)
    rows = _chosen(references, usable, names, window, blur)
    return _learn(references, rows, names, window, blur, criteria)


def _window(references: ReferenceSet, usable: NDArray[np.intp], coverage: tuple[int, int]) -> slice:
    """Points that the scan and nine tenths of the references cover."""
    if not usable.size:
        return slice(0, 0)
    low, high = references.coverage[usable].T
    first = max(coverage[0], int(np.quantile(low, 0.9, method="higher")))
    return slice(first, max(first, min(coverage[1], int(np.quantile(high, 0.1, method="lower")))))


def _candidates(references: ReferenceSet, usable: NDArray[np.intp]) -> list[str]:
    """Classes of which most substances are watched, and enough of them; the rest says what a thing is used for."""
    watch: dict[tuple[str, str], bool] = {}
    everything = set()
    for row in usable.tolist():
        entry = references.entries[row]
        everything.add(entry.substance)
        if entry.substance_class is not None:
            key = (entry.substance_class, entry.substance)
            watch[key] = watch.get(key, False) or entry.watch
    members = Counter(name for name, _ in watch)
    watched = Counter(name for (name, _), is_watched in watch.items() if is_watched)
    return sorted(
        name
        for name, n in members.items()
        if watched[name] >= max(_FEWEST_MEMBERS, n / 2) and len(everything) - n >= _FEWEST_OTHERS
    )


def _blurring(axis: FloatArray) -> FloatArray:
    """Weighted means around every twelfth wavenumber, shape (n_window, n_coarse)."""
    places = np.arange(axis[0], axis[-1] + 1e-9, _STEP)
    weights = np.exp(-0.5 * ((axis[:, None] - places) / _BLUR) ** 2)
    return np.asarray(weights / weights.sum(axis=0))


def _coarse(curves: FloatArray, blur: FloatArray) -> FloatArray:
    """Blurred first, so that noise averages out before heights are compressed; shape (n_curves, n_coarse)."""
    heights = np.clip(curves @ blur, 0.0, None) ** _POWER
    return _of_unit_length(heights - heights.mean(axis=1, keepdims=True))


def _views(curves: FloatArray, slopes: FloatArray, blur: FloatArray) -> Views:
    return Views(_coarse(curves, blur), _of_unit_length(slopes))


def _beside(views: Views, centres: tuple[FloatArray, FloatArray]) -> Views:
    """What is left of views once what all spectra have in common is taken off."""
    coarse, slopes = (_of_unit_length(view - centre) for view, centre in zip(views, centres, strict=True))
    return Views(coarse, slopes)


def _of_unit_length(shapes: FloatArray) -> FloatArray:
    return np.asarray(shapes / np.maximum(np.linalg.norm(shapes, axis=1, keepdims=True), 1e-30))


def _chosen(
    references: ReferenceSet, usable: NDArray[np.intp], names: Sequence[str], window: slice, blur: FloatArray
) -> list[int]:
    """References to learn from: all of a small library; else members, and what is most easily taken for them."""
    families: dict[str | None, list[int]] = {name: [] for name in names}
    others: list[int] = []
    for row in usable.tolist():
        families.get(references.entries[row].substance_class, others).append(row)
    members = [row for rows in families.values() for row in _spread(rows, _MOST_MEMBERS)]
    others = _spread(others, _LOOKED_OVER)
    if len(others) > _MOST_OTHERS and members:
        of_members = _coarse(references.curves[members][:, window].astype(np.float64), blur)
        of_others = _coarse(references.curves[others][:, window].astype(np.float64), blur)
        nearest = (of_others @ of_members.T).max(axis=1)
        others = [others[i] for i in np.argsort(-nearest, kind="stable")[:_MOST_OTHERS].tolist()]
    return sorted([*members, *others])


def _spread(rows: list[int], most: int) -> list[int]:
    """At most so many rows, evenly spread."""
    return rows if len(rows) <= most else [rows[i] for i in np.linspace(0, len(rows) - 1, most).astype(int).tolist()]


def _learn(
    references: ReferenceSet,
    rows: list[int],
    names: Sequence[str],
    window: slice,
    blur: FloatArray,
    criteria: Criteria,
) -> Families:
    curves, slopes = (of[rows][:, window].astype(np.float64) for of in (references.curves, references.features))
    plain = _views(curves, slopes, blur)
    centres = plain.coarse.mean(axis=0), plain.slopes.mean(axis=0)
    views = _beside(plain, centres)
    entries = [references.entries[row] for row in rows]
    substances, classes = tuple(e.substance for e in entries), tuple(e.substance_class for e in entries)
    belongs = np.array([[one == name for name in names] for one in classes])
    inverse = np.asarray(np.linalg.inv(likeness(views, views) + _RIDGE * np.eye(len(rows))), dtype=np.float64)
    weights = inverse @ belongs
    left_out = _left_out(inverse, weights, belongs, substances)
    known = [i for i in range(len(names)) if _knows_its_own(left_out[:, i], belongs[:, i])]
    wrong = left_out[:, known][~belongs[:, known]]
    return Families(
        names=tuple(names[i] for i in known),
        doubtful=frozenset(names) - {names[i] for i in known},
        needed=max(criteria.min_family_score, float(wrong.max() + wrong.std())) if known else 1.0,
        blur=blur,
        window=window,
        centres=centres,
        views=views,
        weights=weights[:, known],
        substances=substances,
        classes=classes,
        rows=frozenset(rows),
    )


def _left_out(
    inverse: FloatArray, weights: FloatArray, belongs: NDArray[np.bool_], substances: Sequence[str]
) -> FloatArray:
    """Score of each reference by all others but those of its own substance, shape (n_learned, n_families)."""
    together: dict[str, list[int]] = {}
    for i, substance in enumerate(substances):
        together.setdefault(substance, []).append(i)
    scores = np.empty_like(weights)
    for same in together.values():
        scores[same] = belongs[same] - np.linalg.solve(inverse[np.ix_(same, same)], weights[same])
    return scores


def _knows_its_own(scores: FloatArray, belongs: NDArray[np.bool_]) -> bool:
    """True where at least half of a family's members, left out, score higher than anything that is none of them."""
    return bool(np.median(scores[belongs]) > scores[~belongs].max())
