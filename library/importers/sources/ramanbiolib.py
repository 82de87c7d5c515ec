"""RamanBiolib: Raman curves of 140 biomolecules, digitised from published figures, in an installed Python package.

The package is under the GPL and its data under the ODbL-1.0. Only the data are read, as the files they are; nothing of
the package is imported.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from device_adapters.stated import Stated
from library.importers.archive_members import file_members
from library.importers.identifiers import plain_text
from library.importers.member_reading import resolution_cm1
from library.importers.source import Curve, Found, Identity, LeftOut, Member, SourceRefused
from spectra.errors import InvalidSpectrum
from spectra.spectrum import Ordinate, Spectrum, Technique

__all__ = ["SOURCE"]

PACKAGE = "ramanbiolib"
LICENCE = "ODbL-1.0"
_CURVES, _ABOUT = "raman_spectra_db.csv", "metadata_db.csv"
_LONGEST_CELL = 4 * 1024 * 1024  # characters of a list of numbers


class RamanBiolib:
    """The source of the installed package."""

    name = PACKAGE
    reads = "the curves of the installed package ramanbiolib, or a folder with its two tables"

    def default_path(self) -> Path | None:
        """The package's folder of data, without importing the package."""
        try:
            return Path(str(distribution(PACKAGE).locate_file(f"{PACKAGE}/db")))
        except PackageNotFoundError:
            return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """The table of curves, with the table that describes them."""
        folder = path / "db" if (path / "db" / _CURVES).is_file() else path
        tables = {name: _table(folder / name) for name in (_CURVES, _ABOUT)}
        yield Member(_CURVES, tables[_CURVES], {"about": tables[_ABOUT].decode("utf-8", errors="replace")})

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """Every curve, described by its row of the other table."""
        if stated.technique not in (None, Technique.RAMAN):
            return [LeftOut(member.name, f"these are Raman curves, but {stated.technique} was stated")]
        about = {row.get("id", ""): row for row in _rows(member.said.get("about", ""))}
        read: list[Found | LeftOut] = []
        for index, row in enumerate(_rows(member.content.decode("utf-8-sig", errors="replace"))):
            try:
                read.append(_reference(index, row, about.get(row.get("id", "")), stated))
            except (ValueError, InvalidSpectrum) as error:
                read.append(LeftOut(f"{member.name}, row {index + 1}", str(error)))
        return read


SOURCE = RamanBiolib()


def _table(path: Path) -> bytes:
    found = next(iter(file_members(path)))
    if isinstance(found, LeftOut):
        raise SourceRefused(f"{path} cannot be used: {found.reason}")
    return found.content


def _rows(text: str) -> list[dict[str, str]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(io.StringIO(text))]
    except csv.Error as error:
        raise SourceRefused(f"a table of {PACKAGE} is no valid CSV ({error}); install the package again") from None


def _reference(index: int, row: dict[str, str], about: dict[str, str] | None, stated: Stated) -> Found:
    if about is None:
        raise ValueError(f"{_ABOUT} does not describe it")
    name = plain_text(row.get("component"))
    if not name or name != plain_text(about.get("component")):
        raise ValueError(f"it is called {name!r} in one table and {plain_text(about.get('component'))!r} in the other")
    axis, intensity = _numbers(row, "wavenumbers"), _numbers(row, "intensity")
    spectrum = Spectrum(axis, intensity, Technique.RAMAN, Ordinate.INTENSITY, stated.mode)
    return Found(
        identity=_identity(row["id"], name, about),
        technique=Technique.RAMAN,
        mode=stated.mode,
        index=index,
        curve=Curve(spectrum.axis, spectrum.intensity),
        details=_details(about),
    )


def _numbers(row: dict[str, str], column: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    try:
        values = json.loads(row.get(column, ""))
        return np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError, RecursionError):
        raise ValueError(f"the column {column} holds no list of numbers") from None


def _identity(number: str, name: str, about: dict[str, str]) -> Identity:
    sample = plain_text(about.get("complete_sample_name"), 120)
    classes = [part.strip() for part in about.get("type", "").split("/") if part.strip()]
    taken = "digitised from" if about.get("source") == "digitized" else plain_text(about.get("source"), 40)
    reference = plain_text(about.get("reference"), 200)
    return Identity(
        name=name,
        known_by="biomolecule, as RamanBiolib names it",
        synonyms=(sample,) if sample and sample.casefold() != name.casefold() else (),
        substance_class=plain_text("/".join(classes)) or None,
        source=f"RamanBiolib no. {plain_text(number, 10)}, {taken} {reference}".strip(),
        licence=LICENCE,
    )


def _details(about: dict[str, str]) -> dict[str, str]:
    try:
        laser = f"{float(about.get('laser_wavelength', '')):g}"
    except ValueError:
        laser = ""
    found = {
        "laser_nm": laser,
        "resolution": resolution_cm1(about.get("orig_spectral_resolution", "")),
        "instrument": plain_text(about.get("raman_system"), 120),
        "provenance": plain_text(about.get("extra_preprocessing"), 200),
    }
    return {key: value for key, value in found.items() if value}
