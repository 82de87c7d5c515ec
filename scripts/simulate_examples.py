#!/usr/bin/env python3
"""Simulate the example scans from the starter library's band tables.

    python scripts/simulate_examples.py [--out reference_spectra/examples]

Run it where the project is installed. No example is a measurement, and each says so in its title and comments. A scan
is drawn from band tables (each component scaled to unit area in the share window, then multiplied by its share) and
disturbed as an instrument would: the axis is shifted and warped by about 1 cm^-1, bands are broadened by 1 cm^-1, the
gain tilts by up to 6 %, a slow baseline is added, and noise of 1/500 of the highest point. Seeds are fixed: the same
tables give the same bytes. ``examples.csv`` says what each scan should show, for people and tests.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.reading import load_bytes, read
from library.band_tables import DEFAULT_WIDTHS, band_range, draw_bands
from spectra.spectrum import Technique

FloatArray = NDArray[np.float64]
Ends = tuple[float, float]

STARTER: Final = Path(__file__).resolve().parent.parent / "reference_spectra"
AXES: Final = {  # [cm^-1]
    Technique.FTIR: np.arange(650.0, 4000.0, 4.0),
    Technique.RAMAN: np.arange(200.0, 3200.1, 2.0),
}
SHARE_WINDOWS: Final = {Technique.FTIR: (650.0, 1850.0), Technique.RAMAN: (250.0, 1800.0)}  # [cm^-1]
TALLEST: Final = {Technique.FTIR: 0.8, Technique.RAMAN: 20_000.0}  # [absorbance], [counts]
Y_FACTORS: Final = {Technique.FTIR: 1e-5, Technique.RAMAN: 1.0}
NOISE = 1 / 500  # of the highest point
BROADENING = 1.0  # [cm^-1]
TILT = 0.06
FADE = 60.0  # [cm^-1]
POINTS_A_LINE = 8


@dataclass(frozen=True, slots=True)
class Example:
    """One scan to simulate: what is in it, and what a user should see."""

    name: str
    technique: Technique
    kind: str
    title: str
    seed: int
    components: tuple[tuple[str, str, float], ...] = ()  # substance, table, share
    comments: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """File name."""
        return f"{self.technique}_{self.name}.jdx"

    @property
    def outcome(self) -> str:
        """The verdict it is made for; on a library of band tables a match or mixture is tentative."""
        named = "mixture" if len(self.components) > 1 else "match"
        return {"unknown": "no_match", "unusable": "unusable"}.get(self.kind, named)


NO_DRUG = "The starter library has no Raman table of a drug: a pure material stands in for it."
NO_CUT = "The starter library has no Raman table of a cutting agent: a material stands in for it."
MIXED = "The starter library has no Raman table of a drug: two materials stand in for drug and cut."
RANDOM_BANDS = "Its bands are invented by a random generator and belong to no substance."

F, R = Technique.FTIR, Technique.RAMAN
EXAMPLES: Final = (
    Example("pure_drug", F, "pure", "cocaine hydrochloride", 101, (("cocaine", "ftir/cocaine.jdx", 1.0),)),
    Example(
        "cut_drug",
        F,
        "mixture",
        "cocaine hydrochloride 35 %, lactose 40 %, caffeine 25 % of the signal",
        102,
        (
            ("cocaine", "ftir/cocaine.jdx", 0.35),
            ("lactose", "ftir/lactose.jdx", 0.40),
            ("caffeine", "ftir/caffeine.jdx", 0.25),
        ),
    ),
    Example("cutting_agent_lactose", F, "cutting_agent", "lactose", 103, (("lactose", "ftir/lactose.jdx", 1.0),)),
    Example("cutting_agent_mannitol", F, "cutting_agent", "mannitol", 104, (("mannitol", "ftir/mannitol.jdx", 1.0),)),
    Example(
        "cutting_agent_paracetamol",
        F,
        "cutting_agent",
        "paracetamol",
        105,
        (("paracetamol", "ftir/paracetamol.jdx", 1.0),),
    ),
    Example("unknown", F, "unknown", "simulated unknown, random bands", 106, comments=(RANDOM_BANDS,)),
    Example("unusable", F, "unusable", "no sample on the crystal, noise only", 107),
    Example(
        "pure_material", R, "pure", "polystyrene", 201, (("polystyrene", "raman/polystyrene.jdx", 1.0),), (NO_DRUG,)
    ),
    Example(
        "cut_material",
        R,
        "mixture",
        "naphthalene 40 %, cyclohexane 60 % of the signal",
        202,
        (("naphthalene", "raman/naphthalene.jdx", 0.4), ("cyclohexane", "raman/cyclohexane.jdx", 0.6)),
        (MIXED,),
    ),
    Example(
        "material_naphthalene",
        R,
        "cutting_agent",
        "naphthalene",
        203,
        (("naphthalene", "raman/naphthalene.jdx", 1.0),),
        (NO_CUT,),
    ),
    Example(
        "material_cyclohexane",
        R,
        "cutting_agent",
        "cyclohexane",
        204,
        (("cyclohexane", "raman/cyclohexane.jdx", 1.0),),
        (NO_CUT,),
    ),
    Example(
        "material_benzonitrile",
        R,
        "cutting_agent",
        "benzonitrile",
        205,
        (("benzonitrile", "raman/benzonitrile.jdx", 1.0),),
        (NO_CUT,),
    ),
    Example("unknown", R, "unknown", "simulated unknown, random bands", 206, comments=(RANDOM_BANDS,)),
    Example("unusable", R, "unusable", "fluorescence, weak bands lost in its noise", 207),
)


def main() -> int:
    """Write every example and the table of what each should show."""
    parser = argparse.ArgumentParser(description="Simulate the example scans from band tables.")
    parser.add_argument("--out", type=Path, default=STARTER / "examples")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES:
        (out / example.file).write_bytes(scan_text(example, simulate(example)).encode("ascii"))
    (out / "examples.csv").write_bytes(expectations().encode("ascii"))
    print(f"{len(EXAMPLES)} examples written to {out}")
    return 0


def simulate(example: Example) -> FloatArray:
    """The scan [absorbance, or counts], shape (n_points,)."""
    rng = np.random.default_rng(example.seed)
    axis = AXES[example.technique]
    if example.kind == "unusable":
        return empty_crystal(axis, rng) if example.technique is F else fluorescence(axis, rng)
    t = np.linspace(-1.0, 1.0, axis.size)
    seen = axis - rng.uniform(-0.7, 0.7) - rng.uniform(0.3, 0.7) * np.sin(np.pi * t + rng.uniform(0.0, 2.0 * np.pi))
    curve = np.zeros(axis.size)
    for bands, ends, share in tables(example, rng):
        scale = unit_area_factor(example.technique, bands)
        curve += share * scale * fade(axis, ends) * draw_bands(seen, bands[0], bands[1], bands[2] + BROADENING)
    curve *= TALLEST[example.technique] / curve.max()
    curve *= 1.0 + rng.uniform(-TILT, TILT) * t
    slow = 0.02 + 0.015 * rng.uniform(-1.0, 1.0) * t + 0.01 * rng.uniform(0.0, 1.0) * t**2
    curve += slow * TALLEST[example.technique]
    return np.asarray(curve + rng.normal(0.0, NOISE * curve.max(), axis.size), dtype=np.float64)


def tables(example: Example, rng: np.random.Generator) -> list[tuple[FloatArray, Ends, float]]:
    """Bands (3, n_bands), range and share of each component; invented bands where there is none."""
    if not example.components:
        return [(random_bands(example.technique, rng), SHARE_WINDOWS[example.technique], 1.0)]
    return [(*load_table(table, example.technique), share) for _, table, share in example.components]


def load_table(table: str, technique: Technique) -> tuple[FloatArray, Ends]:
    """Positions, heights and widths of a table of the starter library, shape (3, n_bands), and its range [cm^-1]."""
    peaks = read(load_bytes(STARTER / table), table)[0]
    widths = np.full(peaks.x.size, DEFAULT_WIDTHS[technique]) if peaks.widths is None else peaks.widths
    return np.array([peaks.x, peaks.y, widths]), band_range(peaks, technique)


def fade(axis: FloatArray, ends: Ends) -> FloatArray:
    """One within the range a table speaks for, falling smoothly to zero outside: its tails there mean nothing."""
    outside = np.maximum(ends[0] - axis, 0.0) + np.maximum(axis - ends[1], 0.0)
    return np.asarray(np.exp(-((outside / FADE) ** 2)), dtype=np.float64)


def random_bands(technique: Technique, rng: np.random.Generator) -> FloatArray:
    """Bands of no substance, shape (3, n_bands)."""
    low, high = SHARE_WINDOWS[technique]
    n_bands = 16
    # One band in each equal part of the window, so that they spread as those of a substance do.
    edges = np.linspace(low + 40.0, high - 60.0, n_bands + 1)
    return np.array(
        [rng.uniform(edges[:-1], edges[1:]), rng.uniform(0.15, 1.0, n_bands), rng.uniform(10.0, 28.0, n_bands)]
    )


def unit_area_factor(technique: Technique, bands: FloatArray) -> float:
    """What scales a component to unit area in the share window [1 / (ordinate x cm^-1)]."""
    low, high = SHARE_WINDOWS[technique]
    grid = np.arange(low, high + 0.5, 1.0)
    return 1.0 / float(np.sum(draw_bands(grid, *bands)))


def empty_crystal(axis: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Absorbance of nothing: noise about a hardly sloping zero."""
    return np.asarray(5e-4 * np.linspace(-1.0, 1.0, axis.size) + rng.normal(0.0, 1e-3, axis.size), dtype=np.float64)


def fluorescence(axis: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Counts of a broad fluorescence, with weak bands lost in its shot noise."""
    light = 42_000.0 * np.exp(-(((axis - 1500.0) / 1300.0) ** 2))
    weak = 120.0 * draw_bands(axis, *random_bands(R, rng))
    return np.asarray(light + weak + rng.normal(0.0, np.sqrt(light)), dtype=np.float64)


def scan_text(example: Example, curve: FloatArray) -> str:
    """A JCAMP-DX 5.01 spectrum that says it is simulated, how, and with which seed."""
    axis, factor = AXES[example.technique], Y_FACTORS[example.technique]
    counts = np.round(curve / factor).astype(np.int64)
    ftir = example.technique is F
    head = [
        ("TITLE", f"SIMULATED example: {example.title}"),
        ("JCAMP-DX", "5.01"),
        ("DATA TYPE", "INFRARED SPECTRUM" if ftir else "RAMAN SPECTRUM"),
        ("DATA CLASS", "XYDATA"),
        ("ORIGIN", "scripts/simulate_examples.py of the Reachback project"),
        ("OWNER", "Reachback contributors, Apache-2.0"),
        ("COMMENT", "simulated from band tables, no measurement"),
        ("COMMENT", f"script scripts/simulate_examples.py, seed {example.seed}"),
        *(("COMMENT", f"{share:.0%} of the signal: {table}") for _, table, share in example.components),
        *(("COMMENT", comment) for comment in example.comments),
        ("SAMPLING PROCEDURE", "ATR" if ftir else ""),
        ("XUNITS", "1/CM"),
        ("YUNITS", "ABSORBANCE" if ftir else "COUNTS"),
        ("FIRSTX", f"{axis[0]:.0f}"),
        ("LASTX", f"{axis[-1]:.0f}"),
        ("DELTAX", f"{axis[1] - axis[0]:.0f}"),
        ("XFACTOR", "1"),
        ("YFACTOR", f"{factor:g}"),
        ("NPOINTS", str(axis.size)),
        ("FIRSTY", f"{counts[0] * factor:.6g}"),
        ("XYDATA", "(X++(Y..Y))"),
    ]
    lines = [f"##{label}={value}" for label, value in head if value]
    for start in range(0, axis.size, POINTS_A_LINE):
        values = " ".join(str(value) for value in counts[start : start + POINTS_A_LINE])
        lines.append(f"{axis[start]:.0f} {values}")
    return "\n".join([*lines, "##END=", ""])


def expectations() -> str:
    """CSV: what each example should show; components as ``substance=share`` with semicolons between."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "technique", "kind", "outcome", "components", "seed"])
    for example in EXAMPLES:
        components = ";".join(f"{substance}={share:.2f}" for substance, _, share in example.components)
        row = [example.file, example.technique, example.kind, example.outcome, components, example.seed]
        writer.writerow(row)
    return text.getvalue()


if __name__ == "__main__":
    sys.exit(main())
