"""A folder of known cases of the small library that tests make."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.library.made_library import curve, jcamp

AXIS = np.arange(500.0, 3500.1, 4.0)
SEEDS = {"alpha": 0, "beta": 10, "gamma": 20, "stranger": 77}


def write_scan(path: Path, **parts: float) -> None:
    mixed = np.sum([share * curve(SEEDS[name], AXIS) for name, share in parts.items()], axis=0)
    path.write_text(jcamp(AXIS, mixed + np.random.default_rng(5).normal(0, 0.002, AXIS.size)), encoding="utf-8")


def make_cases(folder: Path) -> Path:
    """Two pure scans, a mixture, a stranger, a broken file, and lines that cannot be used."""
    folder.mkdir(parents=True)
    write_scan(folder / "a.jdx", alpha=1.0)
    write_scan(folder / "b.jdx", beta=1.0)
    write_scan(folder / "ab.jdx", alpha=0.5, beta=0.5)
    write_scan(folder / "s.jdx", stranger=1.0)
    (folder / "broken.jdx").write_text("##TITLE=broken\n##JCAMP-DX=4.24\n", encoding="utf-8")
    lines = (
        "file|components|basis",
        "a.jdx|alpha|made",
        "b.jdx|BETA|made",
        "ab.jdx|alpha; beta|made",
        "s.jdx|stranger|made",
        "broken.jdx|gamma|made",
        "../outside.jdx|gamma|made",
        "empty.jdx||made",
    )
    (folder / "expected.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
