"""References as the matching core sees them: one matrix per technique, with coverage and identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spectra.errors import InvalidReference
from spectra.spectrum import Spectrum, Technique

__all__ = ["PACKAGING_CLASS", "Grade", "Reference", "ReferenceEntry", "ReferenceSet", "is_sers"]

# What a library calls the materials that stand between instrument and sample: bags, bottles, vials.
PACKAGING_CLASS = "packaging"


class Grade(StrEnum):
    """How a reference came to be."""

    MEASURED = "measured"
    BAND_TABLE = "band_table"


@dataclass(frozen=True, slots=True)
class ReferenceEntry:
    """What is known of one reference, beside its numbers.

    ``id`` is unique within its library: the file as the manifest names it (``cocaine.jdx``, ``spectra.npz#17``).
    """

    id: str
    substance: str
    form: str | None = None
    cas: str | None = None
    inchikey: str | None = None
    substance_class: str | None = None
    controlled: bool = False
    watch: bool = False
    mode: str | None = None
    grade: Grade = Grade.MEASURED
    source: str = ""
    licence: str = ""
    schedules: tuple[tuple[str, str], ...] = ()

    @property
    def is_packaging(self) -> bool:
        """True for a material that is set aside where a scan shows it, and never named as the sample.

        What is watched or controlled is never set aside, whatever its class says.
        """
        named = self.substance_class is not None and self.substance_class.casefold() == PACKAGING_CLASS
        return named and not self.watch and not self.controlled


def is_sers(mode: str | None) -> bool:
    """Is this surface-enhanced Raman? Its bands differ so much from normal Raman that it is a technique of its own."""
    return mode is not None and "SERS" in mode.upper()


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One reference before it is compiled: identity and curve (measured, or drawn from its band table)."""

    entry: ReferenceEntry
    spectrum: Spectrum


# Weak references let what was learned from a set go with it.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class ReferenceSet:
    """All references of one technique on one grid, ready to be searched.

    Parameters
    ----------
    technique : Technique
    axis : array, shape (n_points,)
        [cm^-1] The common grid.
    curves : float32 array, shape (n_refs, n_points)
        [1] Baseline-corrected intensity, scaled to unit area in the share window; zero where not covered.
    features : float32 array, shape (n_refs, n_points)
        [1] The same references in the search domain, each of unit length; zero where not covered.
    coverage : int array, shape (n_refs, 2)
        First grid point covered and one past the last.
    entries : tuple of ReferenceEntry, length n_refs
    recipe : str
        Digest of the preprocessing recipe behind the matrices.
    identities : int array, shape (n_refs,)
        Equal for references of the same substance in the same form; computed.
    is_sers : bool array, shape (n_refs,)
        True for surface-enhanced Raman, which is a technique of its own; computed.
    is_packaging : bool array, shape (n_refs,)
        True for what is set aside and never named as the sample; computed.
    watched : tuple of int
        Rows of the references on the watch list; computed.

    Raises
    ------
    InvalidReference
        Shapes or the number of entries disagree.
    """

    technique: Technique
    axis: NDArray[np.float64]
    curves: NDArray[np.float32]
    features: NDArray[np.float32]
    coverage: NDArray[np.int64]
    entries: tuple[ReferenceEntry, ...]
    recipe: str
    identities: NDArray[np.int64] = field(init=False)
    is_sers: NDArray[np.bool_] = field(init=False)
    is_packaging: NDArray[np.bool_] = field(init=False)
    watched: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        numbers: dict[tuple[str, str | None], int] = {}
        same = [numbers.setdefault((e.substance, e.form), len(numbers)) for e in self.entries]
        object.__setattr__(self, "identities", np.array(same, dtype=np.int64))
        object.__setattr__(self, "is_sers", np.array([is_sers(e.mode) for e in self.entries], dtype=bool))
        # Worked out once here: a scan must not walk through all entries of a large library.
        packaging = np.array([e.is_packaging for e in self.entries], dtype=bool)
        object.__setattr__(self, "is_packaging", packaging)
        object.__setattr__(self, "watched", tuple(row for row, e in enumerate(self.entries) if e.watch))
        shape = (len(self.entries), self.axis.size)
        for name in ("curves", "features"):
            # A plain view of a memory-mapped matrix: still on disk, without the cost of its class at every indexing.
            object.__setattr__(self, name, np.asarray(getattr(self, name)))
            if getattr(self, name).shape != shape:
                raise InvalidReference(f"{name} of a reference set is {getattr(self, name).shape}, not {shape}")
        if self.coverage.shape != (shape[0], 2):
            raise InvalidReference(f"coverage of a reference set is {self.coverage.shape}, not {(shape[0], 2)}")

    @property
    def n_refs(self) -> int:
        """Number of references."""
        return len(self.entries)

    @property
    def watched_entries(self) -> tuple[ReferenceEntry, ...]:
        """The references on the watch list."""
        return tuple(self.entries[row] for row in self.watched)
