"""Ranked hits: which references look most like the whole scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.criteria import Criteria
from spectra.errors import NoOverlap
from spectra.preprocess.recipe import Prepared
from spectra.reference import ReferenceSet, is_sers
from spectra.similarity import own_lengths, products_with, shared_lengths, similarities

__all__ = ["Overview", "Ranking", "comparable_references", "look_over", "rank"]


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


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What one pass over the library gives.

    Parameters
    ----------
    products : float32 array, shape (n_refs,)
        Of every reference's feature with the scan's.
    own : float32 array, shape (n_refs,)
        Length of each reference's feature over the points that the scan covers too.
    """

    products: NDArray[np.float32]
    own: NDArray[np.float32]


def look_over(ready: Prepared, references: ReferenceSet) -> Overview:
    """Compare a scan with every reference, once."""
    coverage = (ready.first, ready.stop)
    return Overview(
        products_with(ready.feature, coverage, references.features),
        own_lengths(coverage, references.features, references.coverage),
    )


def rank(
    ready: Prepared,
    comparable: NDArray[np.bool_],
    references: ReferenceSet,
    criteria: Criteria,
    overview: Overview | None = None,
) -> Ranking:
    """Rank all comparable references by similarity to the scan.

    Parameters
    ----------
    ready : Prepared
        The scan.
    comparable : bool array, shape (n_refs,)
        Others get the score -1.
    overview : Overview or None
        Of this scan, where there is one already.
    """
    overview = overview or look_over(ready, references)
    lengths = shared_lengths(ready.feature, (ready.first, ready.stop), overview.own, references.coverage)
    scores = similarities(overview.products, lengths)
    return Ranking(np.where(comparable, scores, np.float32(-1)), criteria.n_candidates)
