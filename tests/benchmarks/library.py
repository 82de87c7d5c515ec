"""Time and memory of building, opening and checking a library. A script, no test.

    python tests/benchmarks/library.py [--references 1000,5000,20000] [--technique raman] [--no-check]

The references are drawn (15 Lorentzian bands each, with noise) and written as a folder library with one matrix. Each
size runs in a process of its own, so that its peak memory is its own. The floor of the check is numpy's float32
product of the features with themselves, block by block, in the same process.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy is loaded

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from library.opening import build_library, open_library  # noqa: E402
from library.qc.neighbours import thinned_features  # noqa: E402
from library.qc.whole import check_sets  # noqa: E402
from spectra.spectrum import Technique  # noqa: E402

BANDS = 15
CHUNK = 500
AXES = {"ftir": np.arange(600.0, 4000.1, 4.0), "raman": np.arange(200.0, 2400.1, 2.0)}
LAST_BAND = {"ftir": 1850.0, "raman": 1800.0}
HEADER = "file,substance,form,cas,inchikey,class,controlled,technique,mode,source,licence"


def write_folder(folder: Path, n_refs: int, technique: str) -> None:
    """A folder library of drawn curves in one matrix."""
    rng, axis = np.random.default_rng(1), AXES[technique]
    intensity = np.empty((n_refs, axis.size), dtype=np.float32)
    for start in range(0, n_refs, CHUNK):
        n = min(CHUNK, n_refs - start)
        block = rng.normal(0.05, 0.001, (n, axis.size)).astype(np.float32)
        for _ in range(BANDS):
            places, widths = (
                rng.uniform(low, high, (n, 1)).astype(np.float32)
                for low, high in ((float(axis[0]), LAST_BAND[technique]), (4.0, 9.0))
            )
            heights = rng.lognormal(0, 1, (n, 1)).astype(np.float32)
            block += heights / (1 + np.square((axis.astype(np.float32) - places) / widths))
        intensity[start : start + n] = block
    np.savez(folder / "spectra.npz", axis=axis, intensity=intensity)
    rows = [
        f"spectra.npz#{row},substance {row},,,,other,{'yes' if row % 200 == 0 else 'no'},{technique},,drawn,CC0-1.0"
        for row in range(n_refs)
    ]
    (folder / "manifest.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds it took, and what it gave."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def processor_time() -> float:
    """Seconds of all cores so far, of this process and those it has ended: others on the machine do not count."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measure(n_refs: int, technique: str, with_check: bool) -> dict[str, float]:
    """Every step of one size, in this process."""
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "folder", Path(place) / "lib"
        folder.mkdir()
        write_folder(folder, n_refs, technique)
        steps: dict[str, float] = {}
        begun = processor_time()
        steps["build_s"], _ = timed(lambda: build_library(folder, out))
        steps["build_cpu_s"] = processor_time() - begun
        steps["open_s"], opened = timed(lambda: open_library(out))
        if with_check:
            steps["check_s"], checked = timed(lambda: check_sets(opened.sets))
            steps["look_alikes"] = len(checked.techniques[Technique(technique)].look_alikes)
            features, _ = thinned_features(opened.sets[Technique(technique)])
            blocks = range(0, n_refs, 512)
            steps["floor_s"], _ = timed(lambda: [float((features[b : b + 512] @ features.T)[0, 0]) for b in blocks])
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        return steps | {"peak_mb": own / 1024, "peak_of_a_child_mb": children / 1024}


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", default="1000,5000,20000")
    parser.add_argument("--technique", choices=sorted(AXES), default="raman")
    parser.add_argument("--no-check", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one, asked.technique, not asked.no_check)))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {asked.technique}")
    for n_refs in (int(each) for each in asked.references.split(",")):
        options = ["--one", str(n_refs), "--technique", asked.technique, *(["--no-check"] * asked.no_check)]
        ended = subprocess.run(
            [sys.executable, __file__, *options], capture_output=True, text=True, check=True, timeout=3600
        )
        steps = json.loads(ended.stdout)
        shown = ", ".join(
            f"{name.removesuffix('_s').removesuffix('_mb').replace('_', ' ')} {value:,.2f}"
            f"{' s' if name.endswith('_s') else ' MB' if name.endswith('_mb') else ''}"
            for name, value in steps.items()
        )
        print(f"{n_refs:>7,} references: {shown}")


if __name__ == "__main__":
    main()
