"""A folder of files in any format a device adapter reads, with a ``manifest.csv`` that says what each of them is.

The manifest needs only the columns ``file`` and ``substance``; all others of a library's manifest may be there, and
``laser_nm``, ``y_units`` and ``synonyms`` (separated by ``;``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from device_adapters.stated import Stated
from library.importers.archive_members import file_members
from library.importers.manifest_cells import identity_of_cells
from library.importers.member_reading import read_member
from library.importers.source import Found, LeftOut, Member, SourceRefused
from library.manifest import MANIFEST_NAME

__all__ = ["SOURCE"]

_NEEDED = ("file", "substance")
# What an import writes beside its manifest; it is no reference, and no mistake either.
_BESIDE = frozenset({MANIFEST_NAME, "library.toml", "left_out.csv", "conflicts.csv"})


class Folder:
    """The source of folders with a manifest."""

    name = "folder"
    reads = f"a folder (or ZIP archive) of spectrum files of any format, with {MANIFEST_NAME}"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """Every file that the manifest names; files it does not name and names without a file are left out."""
        rows, problems = _manifest(path)
        yield from problems
        found: set[str] = set()
        for member in file_members(path):
            name = member.file if isinstance(member, LeftOut) else member.name
            found.add(name)
            if isinstance(member, LeftOut):
                yield member
            elif name in rows:
                yield replace(member, said=rows[name])
            elif name not in _BESIDE:
                yield LeftOut(name, f"{MANIFEST_NAME} does not name it")
        for name in rows.keys() - found:
            yield LeftOut(name, f"{MANIFEST_NAME} names it, and it is not there")

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """The file's spectra under the name of its row; what the row states goes before what the command states."""
        try:
            identity, of_row = identity_of_cells(member.said), _stated(member.said, stated)
        except ValueError as error:
            return [LeftOut(member.name, f"its row of {MANIFEST_NAME}: {error}")]
        return read_member(member, of_row, lambda recording: identity)


SOURCE = Folder()


def _manifest(path: Path) -> tuple[dict[str, Mapping[str, str]], list[LeftOut]]:
    """File → cells of its row, and the rows that cannot be used."""
    table = _table(path)
    missing = [name for name in _NEEDED if name not in (table.fieldnames or ())]
    if missing:
        raise SourceRefused(f"{MANIFEST_NAME} of {path} lacks the column {missing[0]} in its first line")
    rows: dict[str, Mapping[str, str]] = {}
    problems: list[LeftOut] = []
    try:
        for cells in table:
            said = {key: (value or "").strip() for key, value in cells.items() if isinstance(key, str)}
            name = PurePosixPath(said["file"].replace("\\", "/")).as_posix()
            where = f"{MANIFEST_NAME}, line {table.line_num}"
            if not said["file"]:
                problems += [LeftOut(where, "the row names no file")] if any(said.values()) else []
            elif re.search(r"\.npz(#|$)", name, re.IGNORECASE):
                problems.append(LeftOut(f"{where}: {name}", "a matrix of references; import it as matrix-bundle"))
            elif name in rows:
                problems.append(LeftOut(f"{where}: {name}", "the file is already named above; every file once"))
            else:
                rows[name] = said
    except csv.Error as error:
        raise SourceRefused(f"{MANIFEST_NAME} of {path} is no valid CSV at line {table.line_num} ({error})") from None
    if not rows:
        raise SourceRefused(f"{MANIFEST_NAME} of {path} names no file of a reference")
    return rows, problems


def _table(path: Path) -> csv.DictReader[str]:
    content = next((m.content for m in file_members(path) if isinstance(m, Member) and m.name == MANIFEST_NAME), None)
    if content is None:
        raise SourceRefused(f"{path} has no {MANIFEST_NAME}; a folder needs one that says which substance each file is")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceRefused(f"{MANIFEST_NAME} of {path} is not UTF-8; save it as CSV with UTF-8 encoding") from None
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    table.fieldnames = [name.strip().casefold() for name in table.fieldnames or ()]
    return table


def _stated(said: Mapping[str, str], stated: Stated) -> Stated:
    laser = said.get("laser_nm", "")
    try:
        wavelength = float(laser) if laser else stated.laser_nm
    except ValueError:
        raise ValueError(f"laser_nm is {laser!r}; write the wavelength in nm") from None
    return Stated(
        technique=said.get("technique", "").casefold() or stated.technique,
        mode=said.get("mode") or stated.mode,
        laser_nm=wavelength,
        y_units=said.get("y_units", "").casefold() or stated.y_units,
    )
