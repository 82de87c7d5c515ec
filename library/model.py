"""The values of a reference library: a row of a manifest, and a library that is open for searching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from spectra.reference import Grade, ReferenceEntry, ReferenceSet
from spectra.spectrum import Technique

if TYPE_CHECKING:
    from spectra.calibration import Calibration

__all__ = ["ManifestRow", "OpenLibrary"]


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One reference as the manifest declares it.

    ``file`` is the path inside the library's folder, with forward slashes; ``matrix_row`` the row of a
    ``.npz`` matrix, None for a file of its own; ``line`` the line of the manifest, counted from 1.
    ``stated_id`` is the id that a store gave the reference; ``details`` what else the laboratory wrote down,
    by the names of `library.manifest.DETAIL_COLUMNS`.
    """

    line: int
    file: str
    matrix_row: int | None
    technique: Technique
    substance: str
    form: str | None
    cas: str | None
    inchikey: str | None
    substance_class: str | None
    controlled: bool
    watch: bool
    mode: str | None
    source: str
    licence: str
    schedules: tuple[tuple[str, str], ...] = ()
    stated_id: str | None = None
    details: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The reference's name within its library: ``cocaine.jdx``, ``spectra.npz#17``, or a store's ``R000017``."""
        return self.stated_id or self.place

    @property
    def place(self) -> str:
        """Where its numbers lie: ``cocaine.jdx`` or ``spectra.npz#17``."""
        return self.file if self.matrix_row is None else f"{self.file}#{self.matrix_row}"

    def detail(self, name: str) -> str | None:
        """What the laboratory wrote in one of the further columns; None where nothing."""
        return dict(self.details).get(name)

    def entry(self, grade: Grade) -> ReferenceEntry:
        """The same as the matching core wants it, with the grade its file showed."""
        return ReferenceEntry(
            id=self.id,
            substance=self.substance,
            form=self.form,
            cas=self.cas,
            inchikey=self.inchikey,
            substance_class=self.substance_class,
            controlled=self.controlled,
            watch=self.watch,
            mode=self.mode,
            grade=grade,
            source=self.source,
            licence=self.licence,
            schedules=self.schedules,
        )


@dataclass(frozen=True, slots=True, eq=False)
class OpenLibrary:
    """A library ready to be searched: one reference set and one calibration for each technique it has.

    Parameters
    ----------
    name, release : str
        As its ``library.toml`` says; by default the folder's name, and ``"unreleased"``.
    digest : str
        SHA-256, in hexadecimal, over the manifest, every file it names, and the recipes behind the matrices.
    engine : str
        Fingerprint of the engine that compiled it.
    sets : mapping of Technique to ReferenceSet
    calibrations : mapping of Technique to Calibration
        The same keys as ``sets``.
    warnings : tuple of str
        What the user should know of how it was opened, one sentence each.
    """

    name: str
    release: str
    digest: str
    engine: str
    sets: Mapping[Technique, ReferenceSet]
    calibrations: Mapping[Technique, Calibration]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if set(self.sets) != set(self.calibrations):
            raise ValueError("a library needs exactly one calibration for each of its reference sets")
        object.__setattr__(self, "sets", MappingProxyType(dict(self.sets)))
        object.__setattr__(self, "calibrations", MappingProxyType(dict(self.calibrations)))

    @property
    def n_refs(self) -> int:
        """Number of references, all techniques together."""
        return sum(references.n_refs for references in self.sets.values())
