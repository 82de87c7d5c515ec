"""The fast look: which scans are worth a full identification under new references.

A scan is prepared once, and the components that its earlier answer named are taken out of it. What a new reference,
free to be shifted and broadened a little, would explain of the rest is its *gain*: the figure by which unmixing chooses
(:mod:`spectra.unmix`). All gains of many scans come out of one float32 product with the new references alone; only
scans with a promising gain are identified in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.errors import SpectraError
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.preprocess.steps.set_aside_hump import set_aside_hump
from spectra.reference import ReferenceSet, is_sers
from spectra.spectrum import Spectrum

__all__ = ["PROMISING", "NewReferences", "Query", "highest_gains", "likeliest", "named_rows", "prepare_query"]

FloatArray = NDArray[np.float64]
Single = NDArray[np.float32]

# Part of what is unexplained [1]. Of 360 simulated infrared mixtures, each against 20 new references, all 140 whose
# answer changes reach it; so do 34 % of the settled scans whose answer does not (docs/rescreening.md).
PROMISING = 0.08
# A reference that lies almost wholly within the components named adds nothing but noise [1], as in unmixing.
_LEAST_OUTSIDE = 0.15
_COLUMNS = 3  # a reference, its shift and its broadening
_MOST_NAMED = 8  # components taken out of a scan; more would take out everything
_BLOCK = 2048  # new references in one product, so that it stays small beside the library
_LEAST_NEW = 1e-3  # squared length of a column of unit length that counts as a direction of its own
_TINY = 1e-12
# References most like the rest of a scan, of all and of the new ones, that it is first identified beside.
_LIKE_THE_REST = 30


@dataclass(frozen=True, slots=True, eq=False)
class NewReferences:
    """The new references of one technique, as matrices of their own.

    Parameters
    ----------
    columns : float32 array, shape (n_new * 3, n_points)
        Each reference in the slope domain, its shift and its broadening, each of unit length.
    coverage : int array, shape (n_new, 2)
    is_sers : bool array, shape (n_new,)
    """

    columns: Single
    coverage: NDArray[np.int64]
    is_sers: NDArray[np.bool_]

    @classmethod
    def of(cls, references: ReferenceSet, rows: Sequence[int]) -> NewReferences:
        """Take these rows out of a library."""
        chosen = np.asarray(rows, dtype=np.intp)
        columns = _with_derivatives(references.features[chosen].astype(np.float64), references.axis)
        stacked = np.ascontiguousarray(columns.reshape(len(chosen) * _COLUMNS, references.axis.size), dtype=np.float32)
        return cls(stacked, references.coverage[chosen], references.is_sers[chosen])

    def blocks(self) -> Iterator[NewReferences]:
        """The same in parts of a bounded size."""
        for start in range(0, len(self.coverage), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = slice(start * _COLUMNS, (start + _BLOCK) * _COLUMNS)
            yield NewReferences(self.columns[rows], self.coverage[part], self.is_sers[part])


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A prepared scan.

    Parameters
    ----------
    rows : float32 array, shape (1 + n_basis, n_points)
        What is unexplained of the scan's slope, of unit length; then an orthonormal basis of the components named.
        Zero outside ``first:stop``.
    first, stop : int
        Where the scan was measured.
    sers : bool
        Surface-enhanced Raman is compared with its like only.
    """

    rows: Single
    first: int
    stop: int
    sers: bool


def prepare_query(spectrum: Spectrum, named: Sequence[int], references: ReferenceSet) -> Query | None:
    """The scan as new references are compared with it; None where nothing of it can be compared.

    Parameters
    ----------
    named : sequence of int
        Rows of ``references`` that the earlier answer named as components.
    """
    judged, _ = set_aside_hump(spectrum)
    try:
        ready = prepare(judged, recipe_for(spectrum.technique))
    except SpectraError:
        return None
    basis = _basis(named, references, slice(ready.first, ready.stop))
    rest = ready.feature - basis.T @ (basis @ ready.feature)
    length = float(np.linalg.norm(rest))
    if not length > _TINY:
        return None
    rows = np.concatenate([rest[None] / length, basis]).astype(np.float32)
    return Query(rows, ready.first, ready.stop, is_sers(spectrum.mode))


def named_rows(components: Sequence[tuple[str, str]], references: ReferenceSet) -> list[int]:
    """Rows of the (reference id, substance) that an earlier answer named; of a reference gone, one of its substance."""
    by_id = {entry.id: row for row, entry in enumerate(references.entries)}
    by_name: dict[str, int] = {}
    for row, entry in enumerate(references.entries):
        by_name.setdefault(entry.substance, row)
    found = (by_id.get(reference, by_name.get(substance)) for reference, substance in components)
    return list(dict.fromkeys(row for row in found if row is not None))[:_MOST_NAMED]


def highest_gains(queries: Sequence[Query], new: NewReferences) -> Single:
    """The highest gain that any new reference promises for each scan, shape (n_scans,) [1]; 0 where none does."""
    best = np.zeros(len(queries), dtype=np.float32)
    if not queries:
        return best
    stacked = np.concatenate([query.rows for query in queries])
    for block in new.blocks():
        products = (stacked @ block.columns.T).reshape(len(stacked), -1, _COLUMNS)
        grams: dict[tuple[int, int], Single] = {}
        at = 0
        for position, query in enumerate(queries):
            mine = products[at : at + len(query.rows)]
            at += len(query.rows)
            place = (query.first, query.stop)
            if place not in grams:
                grams[place] = _grams(block, *place)
            best[position] = max(best[position], _highest(mine, grams[place], block.is_sers == query.sers))
    return best


def likeliest(query: Query, named: Sequence[int], new: Sequence[int], references: ReferenceSet) -> ReferenceSet:
    """The references that could be in a scan, as a small library: those named before, and those most like the rest.

    Who is not chosen from these, with few to compete with, is not chosen from all: a first identification beside them
    spares most scans the one beside the whole library.
    """
    products = references.features @ query.rows[0]
    fresh = np.asarray(new, dtype=np.intp)
    like = np.argsort(-products)[:_LIKE_THE_REST]
    chosen = np.unique(np.concatenate([np.asarray(named, dtype=np.intp), like, _best(fresh, products)]))
    return ReferenceSet(
        references.technique,
        references.axis,
        references.curves[chosen],
        references.features[chosen],
        references.coverage[chosen],
        tuple(references.entries[row] for row in chosen.tolist()),
        references.recipe,
    )


def _best(rows: NDArray[np.intp], products: Single) -> NDArray[np.intp]:
    return rows[np.argsort(-products[rows])[:_LIKE_THE_REST]]


def _highest(products: Single, grams: Single, comparable: NDArray[np.bool_]) -> float:
    """The highest gain of one scan: each reference with its shift and broadening, what the basis holds taken out."""
    slopes, within = products[0], products[1:]
    own = grams[:, 0, 0] - np.square(within[:, :, 0]).sum(axis=0)
    usable = np.flatnonzero(comparable & (slopes[:, 0] > 0) & (own > _LEAST_OUTSIDE**2))
    if not usable.size:
        return 0.0
    within = within[:, usable]
    outside = grams[usable] - np.einsum("bnc,bnd->ncd", within, within, optimize=True)
    return float(min(_explained(outside, slopes[usable]).max(), 1.0))


def _explained(grams: Single, products: Single) -> Single:
    """What three columns explain of a vector of unit length, for many triples at once, shape (n,) [1].

    Columns are made orthogonal one after the other (an LDL decomposition of each Gram matrix, written out); one that
    lies within those before it adds nothing.
    """
    factors = np.zeros_like(grams)
    lengths = np.zeros_like(products)
    left = products.copy()
    explained = np.zeros(len(products), dtype=products.dtype)
    for i in range(_COLUMNS):
        lengths[:, i] = grams[:, i, i] - (np.square(factors[:, i, :i]) * lengths[:, :i]).sum(axis=1)
        is_new = lengths[:, i] > _LEAST_NEW
        safe = np.where(is_new, lengths[:, i], 1.0)
        explained += np.where(is_new, np.square(left[:, i]) / safe, 0.0)
        for j in range(i + 1, _COLUMNS):
            shared = grams[:, j, i] - (factors[:, j, :i] * factors[:, i, :i] * lengths[:, :i]).sum(axis=1)
            factors[:, j, i] = np.where(is_new, shared / safe, 0.0)
            left[:, j] -= factors[:, j, i] * left[:, i]
        lengths[:, i] = np.where(is_new, lengths[:, i], 0.0)
    return explained


def _grams(new: NewReferences, first: int, stop: int) -> Single:
    """Products of each reference's three columns with each other where the scan was measured, shape (n_new, 3, 3)."""
    part = new.columns[:, first:stop].reshape(len(new.coverage), _COLUMNS, -1)
    return np.asarray(np.matmul(part, part.transpose(0, 2, 1)), dtype=np.float32)


def _basis(named: Sequence[int], references: ReferenceSet, covered: slice) -> FloatArray:
    """Orthonormal rows of the components named, with their shift and broadening, shape (n_basis, n_points)."""
    if not named:
        return np.zeros((0, references.axis.size))
    curves = np.zeros((len(named), references.axis.size))
    curves[:, covered] = references.features[list(named)][:, covered]
    columns = _with_derivatives(curves, references.axis).reshape(-1, references.axis.size)
    return np.asarray(np.linalg.qr(columns.T)[0].T)


def _with_derivatives(features: FloatArray, axis: FloatArray) -> FloatArray:
    """Features with their first and second derivatives, each of unit length, shape (n, 3, n_points)."""
    slope = np.gradient(features, axis, axis=1)
    columns = np.stack([features, slope, np.gradient(slope, axis, axis=1)], axis=1)
    return np.asarray(columns / np.maximum(np.linalg.norm(columns, axis=2, keepdims=True), _TINY))
