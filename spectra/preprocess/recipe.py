"""A recipe: the steps from a spectrum to the curve and the feature that are compared, as ordered, hashed data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.axis import Grid, resample
from spectra.errors import InvalidRecipe
from spectra.preprocess.steps.convert_to_absorbance import convert_to_absorbance
from spectra.preprocess.steps.differentiate import differentiate
from spectra.preprocess.steps.mask_regions import visible_points
from spectra.preprocess.steps.remove_baseline import find_baseline
from spectra.preprocess.steps.remove_cosmic_spikes import remove_cosmic_spikes
from spectra.spectrum import Spectrum, Technique

__all__ = ["Prepared", "Recipe", "prepare"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How scans and references of one technique are prepared, in the order of the fields.

    Parameters
    ----------
    name : str
    technique : Technique
    spike_threshold : float or None
        [robust standard deviations] None: spikes are not looked for.
    grid : Grid
        [cm^-1] Where everything is compared.
    stiffness : float
        [cm^-1] Length below which the baseline cannot bend.
    derivative_window : float
        [cm^-1] Window of the first derivative.
    masked : tuple of (low, high)
        [cm^-1] Regions left out of the comparison.
    """

    name: str
    technique: Technique
    spike_threshold: float | None
    grid: Grid
    stiffness: float
    derivative_window: float
    masked: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if self.derivative_window < 2 * self.grid.step:
            raise InvalidRecipe(f"recipe {self.name}: a derivative window needs at least two grid steps")
        if self.stiffness <= self.derivative_window:
            raise InvalidRecipe(f"recipe {self.name}: the baseline must be stiffer than a band is wide")

    @property
    def digest(self) -> str:
        """SHA-256 over name and settings, hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def slope_noise(self) -> float:
        """Variance of a slope per variance of a point [cm^2]: one over the sum of squared distances in the window."""
        half = round(self.derivative_window / self.grid.step / 2)
        distances = np.arange(-half, half + 1) * self.grid.step
        return float(1.0 / (distances**2).sum())

    @property
    def axis(self) -> FloatArray:
        """The grid without the masked regions [cm^-1], shape (n_points,)."""
        grid = self.grid.axis
        return grid[visible_points(grid, self.masked)]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A spectrum after its recipe; all arrays have the shape (n_points,) of the recipe's axis.

    ``curve`` is the baseline-corrected intensity and ``baseline`` what was taken off [both as the spectrum];
    ``feature`` the first derivative of ``curve`` [per cm^-1]. All are zero outside ``first:stop``.
    ``thinning`` is grid step over the spectrum's own step, and ``own`` marks the points that say something of their
    own, which interpolated ones do not. ``trace`` says what each step did.
    """

    recipe: Recipe
    curve: FloatArray
    baseline: FloatArray
    feature: FloatArray
    first: int
    stop: int
    thinning: float
    own: NDArray[np.bool_]
    trace: tuple[tuple[str, str], ...]

    @property
    def covered(self) -> slice:
        """The points that were measured."""
        return slice(self.first, self.stop)


def prepare(spectrum: Spectrum, recipe: Recipe) -> Prepared:
    """Take a spectrum through a recipe.

    Raises
    ------
    InvalidRecipe
        The recipe is for another technique.
    NoOverlap
        The spectrum covers too little of the recipe's grid.
    """
    if spectrum.technique is not recipe.technique:
        raise InvalidRecipe(f"recipe {recipe.name} is for {recipe.technique}, the spectrum is {spectrum.technique}")
    trace = []
    spectrum, words = convert_to_absorbance(spectrum)
    trace.append(("convert_to_absorbance", words))
    if recipe.spike_threshold is not None:
        spectrum, words = remove_cosmic_spikes(spectrum, recipe.spike_threshold)
        trace.append(("remove_cosmic_spikes", words))
    grid, step = recipe.grid, recipe.grid.step
    sampled = resample(spectrum, grid)
    covered = sampled.covered
    trace.append(("resample", f"{grid.axis[sampled.first]:g} to {grid.axis[sampled.stop - 1]:g} by {step:g} cm^-1"))
    baseline, curve, feature = np.zeros((3, grid.n_points))
    baseline[covered] = find_baseline(sampled.values[covered], recipe.stiffness, step)
    curve[covered] = sampled.values[covered] - baseline[covered]
    trace.append(("remove_baseline", f"AsLS, stiffness {recipe.stiffness:g} cm^-1"))
    feature[covered] = differentiate(curve[covered], recipe.derivative_window, step)
    trace.append(("differentiate", f"window {recipe.derivative_window:g} cm^-1"))
    visible = visible_points(grid.axis, recipe.masked)
    # Positions on the axis that is left once the masked points are gone.
    first, stop = int(visible[: sampled.first].sum()), int(visible[: sampled.stop].sum())
    trace.append(("mask_regions", f"{int((~visible).sum())} points"))
    return Prepared(
        recipe,
        curve[visible],
        baseline[visible],
        feature[visible],
        first,
        stop,
        sampled.thinning,
        sampled.own[visible],
        tuple(trace),
    )
