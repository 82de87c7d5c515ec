"""A store with a library in it, made from the small folder of these tests."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from library.proposals import propose_folder
from library.releases import FoundRelease, make_release
from library.store import LibraryStore, review
from tests.library.made_library import curve, make_folder

ANN, BOB, EVE = "Ann Librarian", "Bob Chemist", "Eve Librarian"
AT = "2026-03-01T10:00:00Z"
# Made for these tests: the shape of an InChIKey, and no substance of this world.
IDENTITIES = ("ALPHAALPHAALPH-AAAAAAAAAA-N", "BETABETABETABE-AAAAAAAAAA-N", "GAMMAGAMMAGAMM-AAAAAAAAAA-N")


def edit_rows(folder: Path, change: Callable[[dict[str, str]], None]) -> Path:
    """Change every row of a manifest; new keys become new columns."""
    manifest = folder / "manifest.csv"
    with manifest.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        change(row)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with manifest.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def identified(folder: Path) -> Path:
    """Every substance of the folder gets an identity; alpha and the Raman rows may be passed on."""

    def change(row: dict[str, str]) -> None:
        number = int(row["file"].partition("#")[2] or 0)
        row["inchikey"] = IDENTITIES[number] if "#" not in row["file"] else ""
        row["identity"] = "made for a test" if "#" in row["file"] else ""
        row["may_be_passed_on"] = "yes" if row["file"].startswith(("alpha", "raman")) else "no"
        if "#" not in row["file"]:
            row["inchikey"] = IDENTITIES[("alpha", "beta", "gamma").index(row["substance"])]

    return edit_rows(folder, change)


def made_folder(path: Path) -> Path:
    """The small folder with identities, and with Raman curves that are not its FTIR curves again."""
    folder = make_folder(path)
    grid = np.arange(300.0, 2000.0, 3.0)
    np.savez(folder / "raman.npz", axis=grid, intensity=np.vstack([curve(200 + number, grid) for number in range(3)]))
    return identified(folder)


def made_store(path: Path, name: str = "lab") -> LibraryStore:
    return LibraryStore.create(path, name, ANN, AT)


def released(store: LibraryStore, folder: Path, at: str = AT) -> FoundRelease:
    """Everything of a folder, proposed by one, reviewed by another, released."""
    report = propose_folder(store, folder, ANN, at)
    if report.proposed:
        review(store, report.proposed, BOB, at)
    return make_release(store, ANN, at)
