"""A reference as a store keeps it: its id, which object holds its numbers, and everything its manifest said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from library.model import ManifestRow
from spectra.reference import Grade
from spectra.spectrum import Technique

__all__ = ["StoredReference"]


@dataclass(frozen=True, slots=True)
class StoredReference:
    """One reference of a store.

    Parameters
    ----------
    id : str
        ``R000017``; given once, never again.
    digest : str
        SHA-256 of the object with its numbers.
    grade : Grade
    row : ManifestRow
        As the manifest said it; ``stated_id`` is ``id``.
    """

    id: str
    digest: str
    grade: Grade
    row: ManifestRow

    @property
    def measurement(self) -> tuple[str, int | None]:
        """The numbers themselves: equal for the same bytes, whatever they are called."""
        return self.digest, self.row.matrix_row

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is empty is left out."""
        row = {name: value for name, value in asdict(self.row).items() if value not in (None, (), "")}
        row.pop("stated_id", None)
        return {"id": self.id, "object": self.digest, "grade": self.grade.value, **row}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> StoredReference:
        """The reference again.

        Raises
        ------
        KeyError, TypeError, ValueError
            Something is missing or of another kind.
        """
        given = dict(stored)
        identifier, digest, grade = str(given.pop("id")), str(given.pop("object")), Grade(given.pop("grade"))
        for name in ("form", "cas", "inchikey", "substance_class", "mode", "matrix_row"):
            given.setdefault(name, None)
        for name in ("source", "licence"):
            given.setdefault(name, "")
        for name in ("schedules", "details"):
            given[name] = tuple((str(key), str(value)) for key, value in given.get(name, ()))
        given["technique"] = Technique(given["technique"])
        return cls(identifier, digest, grade, ManifestRow(stated_id=identifier, **given))

    def says_the_same(self, row: ManifestRow) -> bool:
        """True where a row of a manifest describes this reference in the same words."""
        return replace(self.row, line=0, stated_id=None, file="") == replace(row, line=0, stated_id=None, file="")
