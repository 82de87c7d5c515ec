"""What a library source has to be able to do, and the values it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from device_adapters.stated import Stated
from library.errors import LibraryError
from spectra.spectrum import Technique

__all__ = ["Curve", "Found", "Identity", "LeftOut", "Member", "Source", "SourceRefused"]


class SourceRefused(LibraryError):
    """Nothing can be imported from there at all; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not imported, and why; ``counts`` is false for what nobody would expect to be imported."""

    file: str
    reason: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a source: its name there, its bytes, and what an accompanying table says of it."""

    name: str
    content: bytes
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which substance a source says it is; None and empty where it says nothing.

    ``name`` is as written; ``form`` salt, base or hydrate; ``known_by`` whose naming it is, for what has no InChIKey
    (a mineral, a polymer, a natural product); ``source`` what will stand in the manifest's column.
    """

    name: str
    form: str | None = None
    cas: str | None = None
    inchikey: str | None = None
    known_by: str | None = None
    synonyms: tuple[str, ...] = ()
    substance_class: str | None = None
    controlled: bool | None = None
    watch: bool | None = None
    schedules: str = ""
    source: str = ""
    licence: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything at all says what it is."""
        return bool(self.name or self.inchikey or self.cas)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A reference's numbers where its file alone does not give them.

    Parameters
    ----------
    axis : array, shape (n_points,)
        [cm^-1] Strictly ascending.
    intensity : array, shape (n_points,)
        [1] Absorbance (FTIR) or intensity (Raman); NaN only at the ends, where nothing was measured.
    """

    axis: NDArray[np.float64]
    intensity: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One reference of a member.

    ``curve`` is None where the member's own file, copied, is the reference. ``details`` holds further columns of the
    manifest: laser, resolution, instrument …
    """

    identity: Identity
    technique: Technique
    mode: str | None
    index: int
    curve: Curve | None
    details: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Source(Protocol):
    """One way in which libraries are published."""

    @property
    def name(self) -> str:
        """Short lower-case name, as the command line takes it."""

    @property
    def reads(self) -> str:
        """What it reads, in a few words."""

    def default_path(self) -> Path | None:
        """Where it lies without being told, for what comes as an installed package."""

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """The files of the source in a fixed order, bounded and checked; bytes are loaded one member at a time.

        Raises
        ------
        SourceRefused
            There is nothing of this kind at ``path``.
        """

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """The references of a member, each usable as it stands, and the reason for each that is not."""
