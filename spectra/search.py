"""Ranked hits: which references look most like the whole scan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.errors import NoOverlap
from spectra.preprocess.recipe import Prepared
from spectra.reference import ReferenceSet, is_sers
from spectra.similarity import similarity_matrix

__all__ = ["Ranking", "comparable_references", "rank"]


def comparable_references(
    ready: Prepared, mode: str | None, references: ReferenceSet, criteria: Criteria
) -> NDArray[np.bool_]:
    """References that may be named for this scan, shape (n_refs,): same kind of Raman, enough of the axis shared.

    Raises
    ------
    NoOverlap
        No reference may be named.
    """
    first = np.maximum(references.coverage[:, 0], ready.first)
    stop = np.minimum(references.coverage[:, 1], ready.stop)
    enough = (stop - first) >= criteria.min_overlap * (ready.stop - ready.first)
    low, high = references.axis[ready.first], references.axis[ready.stop - 1]
    if not enough.any():
        raise NoOverlap(
            f"the scan ({low:.0f} to {high:.0f} cm^-1 of the judged range) shares too little of the axis with every"
            f" one of the {references.n_refs} references"
        )
    alike = references.is_sers == is_sers(mode)
    if not (enough & alike).any():
        kind = "SERS" if is_sers(mode) else "normal Raman"
        raise NoOverlap(f"the scan is {kind} and the library has no {kind} reference of its range")
    comparable: NDArray[np.bool_] = enough & alike
    return comparable


class Ranking:
    """Similarities of one scan to every reference, and the best of them in order."""

    __slots__ = ("order", "scores")

    def __init__(self, scores: NDArray[np.float32], n_candidates: int) -> None:
        self.scores = scores
        best = np.argpartition(-scores, min(n_candidates, scores.size) - 1)[:n_candidates]
        self.order = best[np.argsort(-scores[best], kind="stable")]


def rank(ready: Prepared, comparable: NDArray[np.bool_], references: ReferenceSet, criteria: Criteria) -> Ranking:
    """Rank all comparable references by similarity to the scan.

    Parameters
    ----------
    ready : Prepared
        The scan.
    comparable : bool array, shape (n_refs,)
        Others get the score -1.
    """
    scores = similarity_matrix(ready.feature, (ready.first, ready.stop), references.features, references.coverage)
    return Ranking(np.where(comparable, scores, np.float32(-1)), criteria.n_candidates)
