"""Time and memory of the matching core, beside the floor that any search has. A script, no test.

    python tests/benchmarks/matching.py [--references 20000] [--growth 1000,3000,10000,30000,100000] [--repeats 15]

The floor is numpy's float32 product of the same matrix with one vector and the ten best of it, measured in the same
process on one BLAS thread, turn by turn with what is compared to it, so that a busy machine slows both. The references
are drawn (15 Lorentzian bands each), written to a file and memory-mapped; every size of the growth curve gets a process
of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import os

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"  # before numpy is loaded

import argparse  # noqa: E402
import json  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from spectra.compilation import share_points  # noqa: E402
from spectra.criteria import CRITERIA  # noqa: E402
from spectra.identify import identify  # noqa: E402
from spectra.preprocess.recipe import prepare  # noqa: E402
from spectra.preprocess.shipped import recipe_for  # noqa: E402
from spectra.preprocess.steps.differentiate import differentiate  # noqa: E402
from spectra.reference import ReferenceEntry, ReferenceSet  # noqa: E402
from spectra.search import comparable_references, rank  # noqa: E402
from spectra.spectrum import Ordinate, Spectrum, Technique  # noqa: E402

RECIPE = recipe_for(Technique.RAMAN)
BANDS = 15
WATCHED = 100  # as many as a watch list has, however large the library
CHUNK = 500
PARTS = ((0.11, 0.5), (0.42, 0.3), (0.77, 0.2))  # place in the library and share of the three components


def write_references(folder: Path, n_refs: int) -> None:
    """Draw a library and write its two matrices, a chunk at a time."""
    axis, rng = RECIPE.axis.astype(np.float32), np.random.default_rng(1)
    inside = share_points(RECIPE.axis, Technique.RAMAN)
    shape = (n_refs, axis.size)
    files = [
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, shape) for name in ("curves", "features")
    ]
    for start in range(0, n_refs, CHUNK):
        rows = slice(start, min(start + CHUNK, n_refs))
        n = rows.stop - rows.start
        block = np.zeros((n, axis.size), dtype=np.float32)
        for _ in range(BANDS):
            places, widths = (rng.uniform(low, high, (n, 1)).astype(np.float32) for low, high in ((220, 2300), (4, 9)))
            heights = rng.lognormal(0, 1, (n, 1)).astype(np.float32)
            block += heights / (1 + np.square((axis - places) / widths))
        slopes = differentiate(block.astype(np.float64), RECIPE.derivative_window, RECIPE.grid.step)
        files[0][rows] = block / (block[:, inside].sum(axis=1)[:, None] * RECIPE.grid.step)
        files[1][rows] = slopes / np.linalg.norm(slopes, axis=1)[:, None]


def open_references(folder: Path) -> ReferenceSet:
    """The library, its matrices memory-mapped."""
    curves, features = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("curves", "features"))
    n_refs = len(curves)
    every = max(1, n_refs // WATCHED)
    entries = tuple(ReferenceEntry(f"r{i}", f"substance {i}", watch=i % every == 0) for i in range(n_refs))
    coverage = np.tile(np.array([0, RECIPE.axis.size], dtype=np.int64), (n_refs, 1))
    return ReferenceSet(Technique.RAMAN, RECIPE.axis, curves, features, coverage, entries, RECIPE.digest)


def mixture(references: ReferenceSet) -> Spectrum:
    """A scan of three references with noise of 1/500."""
    curve = sum(share * references.curves[int(place * references.n_refs)].astype(np.float64) for place, share in PARTS)
    noise = np.random.default_rng(2).standard_normal(references.axis.size)
    return Spectrum(references.axis, 1000 * (curve + curve.max() / 500 * noise), Technique.RAMAN, Ordinate.INTENSITY)


def floor(features: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.intp]:
    """What a search cannot do without."""
    scores = features @ query
    best = np.argpartition(-scores, 10)[:10]
    return best[np.argsort(-scores[best])]


def seconds(work: Callable[[], object]) -> float:
    """How much of the processor something takes once: on a busy machine, long work would wait more often than short."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(folder: Path, repeats: int) -> dict[str, float | int | str]:
    """Times [ms] and memory [MB] of one library, in this process."""
    before = memory("VmHWM")
    opening = seconds(lambda: open_references(folder))
    references = open_references(folder)
    scan = mixture(references)
    ready = prepare(scan, RECIPE)
    comparable = comparable_references(ready, None, references, CRITERIA)
    query = ready.feature.astype(np.float32)
    verdict = identify(scan, references)
    turns = []
    for _ in range(repeats):
        low = seconds(lambda: floor(references.features, query))
        search = seconds(lambda: rank(ready, comparable, references, CRITERIA))
        whole = seconds(lambda: identify(scan, references))
        turns.append((low, search, whole))
    low, search, whole = (statistics.median(column) * 1e3 for column in zip(*turns, strict=True))
    return {
        "references": references.n_refs,
        "floor": low,
        "search": search,
        "search_ratio": statistics.median(s / f for f, s, _ in turns),
        "identify": whole,
        "identify_ratio": statistics.median(w / f for f, _, w in turns),
        "open": opening * 1e3,
        "matrices": (references.curves.nbytes + references.features.nbytes) / 2**20,
        "peak": memory("VmHWM"),
        "own": memory("RssAnon"),
        "before": before,
        "outcome": f"{verdict.outcome}, {len(verdict.components)} components",
    }


def memory(name: str) -> float:
    """A line of the system's account of this process [MB]; not a number where the system keeps none."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan")
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(lines[name].split()[0]) / 1024 if name in lines else float("nan")


def measure_apart(n_refs: int, repeats: int) -> dict[str, float | int | str]:
    """Write a library and measure it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write_references(Path(folder), n_refs)
        ended = subprocess.run(
            [sys.executable, __file__, "--measure", folder, "--repeats", str(repeats)],
            capture_output=True,
            text=True,
            check=True,
        )
    measured: dict[str, float | int | str] = json.loads(ended.stdout)
    return measured


def main() -> None:
    """Print ratios to the floor for one size, then the growth curve."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--references", type=int, default=20_000)
    options.add_argument(
        "--growth", default="1000,3000,10000,30000,100000", help="sizes, separated by commas; '' for none"
    )
    options.add_argument("--repeats", type=int, default=15)
    options.add_argument("--measure", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.measure:
        print(json.dumps(measure(Path(chosen.measure), chosen.repeats)))
        return
    head = f"{'references':>10} {'floor':>9} {'search':>9} {'ratio':>6} {'identify':>9} {'ratio':>6}"
    print(f"{RECIPE.axis.size:,} channels, float32, one BLAS thread; medians of processor time [ms], memory [MB]")
    print(f"{head} {'open':>8} {'matrices':>9} {'peak':>7} {'own':>6}  verdict")
    for n_refs in [chosen.references, *(int(size) for size in chosen.growth.split(",") if size.strip())]:
        m = measure_apart(n_refs, chosen.repeats)
        print(
            f"{m['references']:>10,} {m['floor']:>9.2f} {m['search']:>9.2f} {m['search_ratio']:>6.2f}"
            f" {m['identify']:>9.1f} {m['identify_ratio']:>6.1f} {m['open']:>8.1f} {m['matrices']:>9.0f}"
            f" {m['peak']:>7.0f} {m['own']:>6.0f}  {m['outcome']}",
            flush=True,
        )


if __name__ == "__main__":
    main()
