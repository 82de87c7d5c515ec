#!/usr/bin/env python3
"""Fit band tables to a folder library of measured infrared spectra, and write them into the starter library.

    python scripts/fit_band_tables.py --measured FOLDER [--out reference_spectra]

Run it where the project is installed. ``FOLDER`` is a folder library (``manifest.csv`` and its files) of measured FTIR
spectra whose curves may not be passed on. For each substance at most 30 Lorentzian bands are fitted between 600 and
1850 cm^-1 (`library.band_tables`); only the bands are written, as ``OUT/ftir/NAME.jdx``, never the curve. Then every
written table is read back and compared with *all* measured spectra by first-derivative correlation (660 to 1850 cm^-1).
A table is dropped, and named, where

- its own spectrum does not find it first, with a margin of at least 0.05 to the next substance,
- the correlation with its own spectrum is below 0.90, or
- the fit leaves more than 0.35 of the curve's own variation (root mean square).

The rows of the kept tables replace the FTIR rows of earlier runs in ``OUT/manifest.csv``; other rows stay. The figures
go to ``OUT/ftir_fit_residuals.csv``. The same input gives the same bytes, on one kind of machine and one release of
numpy and scipy; on others a few fits may end at slightly other bands that describe the curve as well.
"""

from __future__ import annotations

import os

# One thread: with more, sums are added in another order, and a fit may end at slightly other bands.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from device_adapters.reading import load_bytes, read
from device_adapters.recording import Recording
from library.band_tables import MAX_BANDS, NARROWEST_WIDTH, as_band_table_spectrum, fit_bands
from library.manifest import REQUIRED_COLUMNS

FloatArray = NDArray[np.float64]
Row = dict[str, str]

FIT_LOW, FIT_HIGH = 600.0, 1850.0  # [cm^-1]
TALLEST: Final = 1000  # height of the strongest band; the sources are known to about 1 %
SCORE_GRID: Final = np.arange(660.0, 1850.0, 4.0)  # [cm^-1]
LEAST_CORRELATION, LEAST_MARGIN, MOST_RESIDUAL = 0.90, 0.05, 0.35
COLUMNS = [*REQUIRED_COLUMNS, "watch"]
LICENCE = "Apache-2.0 for the band table; terms of the source archive not stated"
FITTED = "band table fitted to "


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One substance: its row of the measured library, its measured curve and the text of its table."""

    row: Row
    measured: Recording
    text: str
    n_bands: int
    residual: float

    @property
    def name(self) -> str:
        """File name of the table."""
        return Path(self.row["file"]).stem + ".jdx"


@dataclass(frozen=True, slots=True)
class Score:
    """How a measured spectrum finds its own table, and the best other one."""

    own: float
    rival: float
    rival_name: str

    @property
    def margin(self) -> float:
        """Own score less the best other [1]."""
        return self.own - self.rival


def main() -> int:
    """Fit, check, write, report."""
    parser = argparse.ArgumentParser(description="Fit band tables to measured FTIR spectra.")
    parser.add_argument("--measured", type=Path, required=True, help="folder library of measured FTIR spectra")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "reference_spectra")
    arguments = parser.parse_args()
    manifest = arguments.measured / "manifest.csv"
    if not manifest.is_file():
        print(f"{arguments.measured} holds no manifest.csv; name a folder library of measured spectra", file=sys.stderr)
        return 2
    rows = [row for row in read_rows(manifest) if row["technique"] == "ftir"]
    fits = [fit_substance(arguments.measured, row) for row in rows]
    scores = score_tables(fits)
    kept = [(fit, score) for fit, score in zip(fits, scores, strict=True) if not why_dropped(fit, score)]
    write_tables(arguments.out, [fit for fit, _ in kept])
    write_report(arguments.out / "ftir_fit_residuals.csv", kept)
    print_summary(fits, scores)
    return 0


def read_rows(manifest: Path) -> list[Row]:
    """Rows of a manifest, in its order."""
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fit_substance(folder: Path, row: Row) -> Fitted:
    """Fit one measured spectrum and lay its table out as JCAMP-DX."""
    measured = read(load_bytes(folder / row["file"]), row["file"])[0]
    order = np.argsort(measured.x)
    x, y = measured.x[order], measured.y[order]
    inside = (x >= FIT_LOW) & (x <= FIT_HIGH) & np.isfinite(y)
    x, y = x[inside], y[inside]
    fit = fit_bands(x, y)
    heights = np.round(fit.heights / fit.heights.max() * TALLEST)
    bands = np.column_stack([np.round(fit.positions, 1), heights, np.round(fit.widths, 1)])
    text = table_text(row, bands, x, fit.residual)
    return Fitted(row, measured, text, len(bands), fit.residual)


def table_text(row: Row, bands: FloatArray, x: FloatArray, residual: float) -> str:
    """A JCAMP-DX 5.01 peak table that says what it is, where it comes from and how far it goes."""
    step = float(np.median(np.diff(x)))
    named = " ".join(filter(None, [row["substance"], row["form"]]))
    head = [
        ("TITLE", f"{named} (FTIR band table)"),
        ("JCAMP-DX", "5.01"),
        ("DATA TYPE", "INFRARED PEAK TABLE"),
        ("DATA CLASS", "PEAK TABLE"),
        ("ORIGIN", "Bands fitted by scripts/fit_band_tables.py of the Reachback project"),
        ("OWNER", "Reachback contributors; this table Apache-2.0, terms of the source archive not stated"),
        ("SOURCE REFERENCE", f"{row['source']}, measured spectrum"),
        ("CAS REGISTRY NO", row["cas"]),
        ("$INCHIKEY", row["inchikey"]),
        ("$SUBSTANCE FORM", row["form"]),
        ("SAMPLING PROCEDURE", row["mode"]),
        ("COMMENT", "Positions, heights and widths are a fit of Lorentzian bands on a constant"),
        ("COMMENT", "to the measured spectrum named above; the measured curve is not stored."),
        ("COMMENT", f"Heights are relative absorbance, the strongest band is {TALLEST}."),
        ("COMMENT", f"Widths are full widths at half maximum, {NARROWEST_WIDTH:g} cm-1 or more:"),
        ("COMMENT", f"the source has a step of {step:.2f} cm-1, a width at the bound means 'at most'."),
        ("$BAND RANGE", f"{x[0]:.1f}, {x[-1]:.1f}"),
        ("$SOURCE STEP", f"{step:.2f}"),
        ("$FIT RESIDUAL", f"{residual:.3f}"),
        ("XUNITS", "1/CM"),
        ("YUNITS", "ARBITRARY UNITS"),
        ("XFACTOR", "1"),
        ("YFACTOR", "1"),
        ("NPOINTS", str(len(bands))),
        ("PEAK TABLE", "(XYW..XYW)"),
    ]
    lines = [f"##{label}={value}" for label, value in head if value]
    lines += [f"{position:.1f}, {height:.0f}, {width:.1f}" for position, height, width in bands]
    return "\n".join([*lines, "##END=", ""])


def derivative(axis: FloatArray, curve: FloatArray) -> FloatArray:
    """First derivative on the scoring grid, of unit length."""
    slope = savgol_filter(np.interp(SCORE_GRID, axis, curve), 9, 2, deriv=1)
    return np.asarray(slope / np.linalg.norm(slope), dtype=np.float64)


def score_tables(fits: list[Fitted]) -> list[Score]:
    """Compare each measured spectrum with every table, as written and read back."""
    measured, tables = [], []
    for fit in fits:
        order = np.argsort(fit.measured.x)
        measured.append(derivative(fit.measured.x[order], fit.measured.y[order]))
        drawn = as_band_table_spectrum(read(fit.text.encode("ascii"), fit.name)[0])
        tables.append(derivative(drawn.axis, drawn.intensity))
    matrix = np.array(measured) @ np.array(tables).T
    scores = []
    for i, line in enumerate(matrix):
        others = np.where(np.arange(line.size) == i, -np.inf, line)
        rival = int(np.argmax(others)) if line.size > 1 else i
        scores.append(Score(float(line[i]), float(others[rival]), fits[rival].row["substance"]))
    return scores


def why_dropped(fit: Fitted, score: Score) -> str:
    """Why a table is not good enough to be a reference; empty where it is."""
    if fit.n_bands > MAX_BANDS:
        return f"{fit.n_bands} bands"
    if score.own < LEAST_CORRELATION:
        return f"correlation {score.own:.3f}"
    if score.margin < LEAST_MARGIN:
        return f"margin {score.margin:.3f} to {score.rival_name}"
    if fit.residual > MOST_RESIDUAL:
        return f"residual {fit.residual:.3f}"
    return ""


def write_tables(out: Path, fits: list[Fitted]) -> None:
    """Write the tables and their rows of the manifest; tables of earlier runs that are no longer kept go."""
    folder, manifest = out / "ftir", out / "manifest.csv"
    folder.mkdir(parents=True, exist_ok=True)
    others = []
    for row in read_rows(manifest) if manifest.is_file() else []:
        if row["source"].startswith(FITTED):
            (out / row["file"]).unlink(missing_ok=True)
        else:
            others.append(row)
    for fit in fits:
        (folder / fit.name).write_bytes(fit.text.encode("ascii"))
    ours = [
        fit.row | {"file": f"ftir/{fit.name}", "source": FITTED + fit.row["source"], "licence": LICENCE} for fit in fits
    ]
    write_rows(manifest, COLUMNS, sorted(ours + others, key=lambda row: (row["technique"], row["file"])))


def write_report(path: Path, kept: list[tuple[Fitted, Score]]) -> None:
    """The figures of every kept table."""
    rows = [
        {
            "substance": fit.row["substance"],
            "form": fit.row["form"],
            "file": f"ftir/{fit.name}",
            "n_bands": str(fit.n_bands),
            "rms_residual": f"{fit.residual:.3f}",
            "derivative_correlation": f"{score.own:.3f}",
            "next_substance": score.rival_name,
            "margin": f"{score.margin:.3f}",
        }
        for fit, score in kept
    ]
    write_rows(path, list(rows[0]) if rows else [], sorted(rows, key=lambda row: row["file"]))


def write_rows(path: Path, columns: list[str], rows: list[Row]) -> None:
    """CSV with the named columns only."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def print_summary(fits: list[Fitted], scores: list[Score]) -> None:
    """What was fitted, how well, and what was dropped."""
    pairs = list(zip(fits, scores, strict=True))
    first = sum(score.margin > 0.0 for score in scores)
    closest = min(pairs, key=lambda pair: pair[1].margin)
    worst = min(pairs, key=lambda pair: pair[1].own)
    print(f"{len(fits)} spectra fitted; {first} of {len(fits)} measured spectra find their own table first")
    print(f"bands: median {np.median([f.n_bands for f in fits]):g}, at most {max(f.n_bands for f in fits)}")
    print(f"residual (rms, part of the curve's variation): median {np.median([f.residual for f in fits]):.3f}")
    print(f"derivative correlation: median {np.median([s.own for s in scores]):.3f}", end=", ")
    print(f"lowest {worst[1].own:.3f} ({worst[0].row['substance']})")
    print(f"smallest margin: {closest[1].margin:.3f} ({closest[0].row['substance']} - {closest[1].rival_name})")
    dropped = [f"{fit.row['substance']} ({why})" for fit, score in pairs if (why := why_dropped(fit, score))]
    print(f"dropped: {', '.join(dropped) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
