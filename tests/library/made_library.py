"""A small folder library, made from curves that belong to nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HEADER = "file,substance,form,cas,inchikey,class,controlled,technique,mode,source,licence"


def curve(seed: int, axis: np.ndarray) -> np.ndarray:
    """A few bands at places that only this seed has, with the noise of a good instrument."""
    places = np.random.default_rng(seed).uniform(700.0, 1800.0, 9)
    heights = np.random.default_rng(seed + 1).uniform(0.2, 1.0, 9)
    bands = heights / (1.0 + ((axis[:, None] - places) / 8.0) ** 2)
    noise = np.random.default_rng(seed + 2).normal(0.0, 0.001, axis.size)
    return np.asarray(bands.sum(axis=1) + 0.02 + noise)


def jcamp(axis: np.ndarray, values: np.ndarray, data_type: str = "INFRARED SPECTRUM", units: str = "ABSORBANCE") -> str:
    step = (axis[-1] - axis[0]) / (axis.size - 1)
    lines = [
        "##TITLE=made for a test",
        "##JCAMP-DX=4.24",
        f"##DATA TYPE={data_type}",
        "##XUNITS=1/CM",
        f"##YUNITS={units}",
        f"##FIRSTX={axis[0]:.4f}",
        f"##LASTX={axis[-1]:.4f}",
        f"##DELTAX={step:.6f}",
        "##XFACTOR=1.0",
        "##YFACTOR=0.00001",
        f"##NPOINTS={axis.size}",
        f"##FIRSTY={values[0]:.5f}",
        "##XYDATA=(X++(Y..Y))",
    ]
    for start in range(0, axis.size, 8):
        ordinates = " ".join(str(round(value * 1e5)) for value in values[start : start + 8])
        lines.append(f"{axis[start]:.4f} {ordinates}")
    return "\n".join([*lines, "##END=", ""])


def make_folder(folder: Path) -> Path:
    """Three measured FTIR files, two FTIR rows and one Raman row of matrices."""
    folder.mkdir(parents=True, exist_ok=True)
    axis = np.arange(500.0, 3500.1, 4.0)
    rows = [f"{HEADER},watch,schedules"]
    for number, name in enumerate(("alpha", "beta", "gamma")):
        (folder / f"{name}.jdx").write_text(jcamp(axis, curve(number * 10, axis)), encoding="utf-8")
        rows.append(f"{name}.jdx,{name},base,,,cutting agent,{'yes' if number else 'no'},ftir,ATR,made,CC0-1.0,,")
    for file, technique in (("spectra.npz", "ftir"), ("raman.npz", "raman")):
        grid = np.arange(300.0, 2000.0, 3.0)
        intensity = np.vstack([curve(100 + number, grid) for number in range(3)])
        intensity[1, :20] = np.nan
        np.savez(folder / file, axis=grid, intensity=intensity)
        rows += [
            f"{file}#{number},{technique} {number},,,,stimulant,yes,{technique},,made,CC0-1.0,no,US:II;UK:A"
            for number in range(3)
        ]
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
