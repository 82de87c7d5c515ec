"""The family of a scan that is nothing the library holds (learned in :mod:`spectra.family_learning`)."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from spectra.family_learning import Families, Views, learn_families, likeness
from spectra.preprocess.steps.differentiate import differentiate
from spectra.question import Question
from spectra.reference import ReferenceSet

__all__ = ["Suspicion", "is_doubtful_family", "suspect_family"]

FloatArray = NDArray[np.float64]

_KEPT = 4  # kinds of scans (range, mode) for which the families of a library are kept


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A family that a scan seems to belong to.

    Parameters
    ----------
    family : str
    score : float
        [1] Near 1 for a member, near 0 for anything else.
    needed : float
        [1] What the score had to reach.
    relatives : tuple of str
        The two members that are most like the scan, the nearest first.
    beside : tuple of str
        What was taken off the scan before.
    """

    family: str
    score: float
    needed: float
    relatives: tuple[str, ...]
    beside: tuple[str, ...] = ()


def suspect_family(curve: FloatArray, question: Question, beside: tuple[str, ...] = ()) -> Suspicion | None:
    """The family whose bands a scan, or what is left of it, shows; None where none does so beyond doubt.

    Parameters
    ----------
    curve : array, shape (n_points,)
        [as the scan] On the grid, its baseline removed.
    beside : tuple of str
        What was taken off the scan before.
    """
    families = _families_of(question)
    if families is None or not families.names:
        return None
    recipe = question.ready.recipe
    slope = differentiate(curve, recipe.derivative_window, recipe.grid.step)
    views = families.views_of(curve[None, :], slope[None, :])
    alike = likeness(views, families.views)[0]
    scores = alike @ families.weights
    best = int(np.argmax(scores))
    needed = max(families.needed, question.criteria.min_family_score_beside) if beside else families.needed
    if scores[best] < needed:
        return None
    name = families.names[best]
    nearest: dict[str, float] = {}
    for i in np.argsort(-alike).tolist():
        if families.classes[i] == name:
            nearest.setdefault(families.substances[i], float(alike[i]))
    if _is_rivalled(views, max(nearest.values()), name, families, question):
        return None
    return Suspicion(name, float(scores[best]), needed, tuple(nearest)[:2], beside)


def is_doubtful_family(name: str, question: Question) -> bool:
    """True for a class whose own members do not recognise each other, such as one that names a use."""
    families = _families_of(question)
    return families is not None and name in families.doubtful


def _is_rivalled(views: Views, most: float, name: str, families: Families, question: Question) -> bool:
    """True where a reference that was not learned from, but looks like the scan, is more like it than any member."""
    references = question.references
    n = min(question.criteria.n_candidates, references.n_refs)
    near = np.argpartition(-question.overview.products, n - 1)[:n]
    rivals = [
        row
        for row in near.tolist()
        if question.comparable[row] and row not in families.rows and references.entries[row].substance_class != name
    ]
    if not rivals:
        return False
    rivals.sort()
    curves, slopes = (of[rivals].astype(np.float64) for of in (references.curves, references.features))
    return bool(likeness(views, families.views_of(curves, slopes)).max() > most)


_learned: WeakKeyDictionary[ReferenceSet, dict[tuple[int, int, bytes], Families | None]] = WeakKeyDictionary()


def _families_of(question: Question) -> Families | None:
    """The families for scans of this range and kind, learned once for each library."""
    ready = question.ready
    key = (ready.first, ready.stop, question.comparable.tobytes())
    kept = _learned.setdefault(question.references, {})
    if key not in kept:
        found = learn_families(question.references, question.comparable, (ready.first, ready.stop), question.criteria)
        while len(kept) >= _KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = found
        return found
    return kept[key]
