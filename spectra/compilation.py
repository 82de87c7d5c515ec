"""From references to a searchable set: every curve through the recipe, onto the grid, into two matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from spectra.axis import SHARE_WINDOWS
from spectra.errors import InvalidReference, SpectraError
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique

__all__ = ["compile_references", "share_points"]

FloatArray = NDArray[np.float64]


def share_points(axis: FloatArray, technique: Technique) -> NDArray[np.bool_]:
    """Points of the axis [cm^-1] that lie in the window where shares are measured, shape (n_points,)."""
    low, high = SHARE_WINDOWS[technique]
    return (axis >= low) & (axis <= high)


def compile_references(
    references: Sequence[Reference], progress: Callable[[int], None] = lambda done: None
) -> ReferenceSet:
    """Compile references of one technique.

    Parameters
    ----------
    references : sequence of Reference, length n_refs
        All of one technique.
    progress : callable
        Called with the number of references done.

    Raises
    ------
    InvalidReference
        There are none, their techniques differ, or one of them cannot be compared; the message names it.
    """
    if not references:
        raise InvalidReference("a reference set needs at least one reference")
    technique = references[0].spectrum.technique
    recipe = recipe_for(technique)
    axis = recipe.axis
    curves = np.zeros((len(references), axis.size), dtype=np.float32)
    features = np.zeros_like(curves)
    coverage = np.zeros((len(references), 2), dtype=np.int64)
    window = share_points(axis, technique)
    for row, reference in enumerate(references):
        try:
            ready = prepare(reference.spectrum, recipe)
        except SpectraError as error:
            raise InvalidReference(f"{reference.entry.id}: {error}") from error
        area = float(np.clip(ready.curve[window], 0.0, None).sum()) * recipe.grid.step
        length = float(np.linalg.norm(ready.feature))
        if not area > 0 or not length > 0:
            raise InvalidReference(f"{reference.entry.id}: the reference has no bands in the range that is judged")
        curves[row] = ready.curve / area
        features[row] = ready.feature / length
        coverage[row] = ready.first, ready.stop
        progress(row + 1)
    entries = tuple(reference.entry for reference in references)
    return ReferenceSet(technique, axis, curves, features, coverage, entries, recipe.digest)
