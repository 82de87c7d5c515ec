"""A folder of known cases: scans whose content is known, listed in ``expected.csv`` or in a library's manifest."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes, read
from device_adapters.spectrum_gate import as_spectrum
from device_adapters.stated import Stated
from library.errors import LibraryError
from library.folder import open_folder
from library.manifest import MANIFEST_NAME
from reachback.errors import CasesRefused
from spectra.errors import SpectraError
from spectra.reference import Reference
from spectra.spectrum import Spectrum

__all__ = ["EXPECTED_NAME", "Case", "CaseFolder", "open_cases", "read_case"]

EXPECTED_NAME = "expected.csv"
_STATED = ("technique", "mode", "laser_nm", "y_units")


@dataclass(frozen=True, slots=True)
class Case:
    """One scan and what is in it; ``reference`` is filled where the case came from a library's manifest."""

    file: str
    path: Path
    truth: tuple[str, ...]
    stated: Stated
    basis: str = ""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """Known cases, and a sentence for each line that cannot be used."""

    name: str
    path: Path
    cases: tuple[Case, ...]
    problems: tuple[str, ...]


def open_cases(folder: Path) -> CaseFolder:
    """Read which cases a folder holds.

    Raises
    ------
    CasesRefused
        No folder, neither list in it, or a list that cannot be read.
    """
    if not folder.is_dir():
        raise CasesRefused(f"{folder} is no folder; name a folder of known cases with {EXPECTED_NAME} in it")
    # Folders of cases are often all called "mixtures": the one above tells them apart.
    name = "/".join(folder.resolve().parts[-2:])
    if (folder / EXPECTED_NAME).is_file():
        cases, problems = _expected(folder)
    elif (folder / MANIFEST_NAME).is_file():
        cases, problems = _of_library(folder), []
    else:
        raise CasesRefused(
            f"{folder} says nowhere what its scans are; add {EXPECTED_NAME} with the columns file and components,"
            " the components of a scan separated by semicolons"
        )
    if not cases and not problems:
        raise CasesRefused(f"{folder / EXPECTED_NAME} names no case; add one line for each scan")
    return CaseFolder(name, folder, tuple(cases), tuple(problems))


def _expected(folder: Path) -> tuple[list[Case], list[str]]:
    where = folder / EXPECTED_NAME
    try:
        text = where.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CasesRefused(f"{where} is not UTF-8; save it as CSV with UTF-8 encoding") from None
    except OSError as error:
        raise CasesRefused(f"{where} cannot be read: {error.strerror}") from None
    first = text.partition("\n")[0]
    delimiter = "|" if "|" in first else ","
    try:
        lines = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval=""))
    except csv.Error as error:
        raise CasesRefused(f"{where} is not a valid CSV file ({error}); check the quotation marks") from None
    columns = {cell.strip().casefold() for cell in first.split(delimiter)}
    missing = [column for column in ("file", "components") if column not in columns]
    if missing:
        raise CasesRefused(
            f"{where} lacks the column {missing[0]} in its first line; it needs file and components, separated by"
            " commas or by |"
        )
    cases: list[Case] = []
    problems: list[str] = []
    for number, raw in enumerate(lines, start=2):
        line = {str(key).strip().casefold(): str(value).strip() for key, value in raw.items() if key is not None}
        case = _case(folder, line)
        if isinstance(case, Case):
            cases.append(case)
        elif any(line.values()):
            problems.append(f"{EXPECTED_NAME} line {number}: {case}")
    return cases, problems


def _case(folder: Path, line: dict[str, str]) -> Case | str:
    """The case of a line, or why it cannot be used."""
    file = line["file"]
    truth = tuple(name for part in line["components"].split(";") if (name := part.strip()))
    place = PurePosixPath(file.replace("\\", "/"))
    if not file:
        return "the file is not named; fill in the first column"
    if place.is_absolute() or ".." in place.parts or not (folder / place).resolve().is_relative_to(folder.resolve()):
        return f"{file} lies outside the folder; put the file into it"
    if not truth:
        return f"{file} has no components; name what is in it, separated by semicolons"
    try:
        laser = float(line["laser_nm"]) if line.get("laser_nm") else None
        words = {name: line.get(name) or None for name in _STATED if name != "laser_nm"}
        stated = Stated(**words, laser_nm=laser)
    except ValueError as error:
        return f"{file}: {error}"
    return Case(file, folder / place, truth, stated, line.get("basis", ""))


def _of_library(folder: Path) -> list[Case]:
    try:
        found = open_folder(folder).references()
    except LibraryError as error:
        raise CasesRefused(str(error)) from None
    cases = []
    for references in found.values():
        for reference in references:
            entry = reference.entry
            path = folder / entry.id.partition("#")[0]
            cases.append(Case(entry.id, path, (entry.substance,), Stated(), reference=reference))
    return cases


def read_case(case: Case) -> Sequence[Spectrum] | str:
    """The scans of a case, or one sentence why there are none."""
    if case.reference is not None:
        return [case.reference.spectrum]
    try:
        recordings = read(load_bytes(case.path), case.path.name)
        scans = [recording for recording in recordings if recording.kind != "auxiliary"] or recordings
        return [as_spectrum(recording, case.stated, file=case.file) for recording in scans]
    except (AdapterError, SpectraError) as error:
        return f"{case.file}: {str(error).rstrip('.')}"
