"""How many old scans a second one core looks through under new references, beside numpy's product. A script, no test.

    python tests/benchmarks/rescreening.py

The library is made here: curves with bands at places of their own. The archive is half settled mixtures of references
that were known before, half scans of something unknown; nothing in it holds a new reference, as in all but a few scans
of a real archive. The floor is numpy's float32 product of the same rows and columns in this process, on one thread.
"""

from __future__ import annotations

import os

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"  # before numpy is loaded

import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reachback.rescreening.screening import (  # noqa: E402
    PROMISING,
    NewReferences,
    Query,
    highest_gains,
    likeliest,
    named_rows,
    prepare_query,
)
from spectra.compilation import compile_references  # noqa: E402
from spectra.identify import identify  # noqa: E402
from spectra.reference import Reference, ReferenceEntry, ReferenceSet  # noqa: E402
from spectra.spectrum import Ordinate, Spectrum, Technique  # noqa: E402

N_KNOWN, N_SCANS = 500, 128
COUNTS = (1, 20, 1000)
AXIS = np.arange(600.0, 2000.1, 2.0)


@dataclass(frozen=True, slots=True, eq=False)
class OldScan:
    """A scan, and the rows that its earlier answer named."""

    spectrum: Spectrum
    named: list[int]


def curve(rng: np.random.Generator) -> np.ndarray:
    """Some twenty bands at places of their own, of a width as in infrared spectra."""
    places, heights = rng.uniform(650.0, 1850.0, 20), rng.uniform(0.05, 1.0, 20)
    return np.asarray((heights / (1.0 + ((AXIS[:, None] - places) / 7.0) ** 2)).sum(axis=1))


def as_scan(values: np.ndarray) -> Spectrum:
    """An infrared scan of these values."""
    return Spectrum(AXIS, values, Technique.FTIR, Ordinate.ABSORBANCE)


def make_library(n_refs: int, rng: np.random.Generator) -> tuple[ReferenceSet, np.ndarray]:
    """References, and their curves."""
    curves = np.stack([curve(rng) for _ in range(n_refs)])
    entries = [ReferenceEntry(id=f"{i}.jdx", substance=f"made {i}") for i in range(n_refs)]
    references = [Reference(entry, as_scan(each)) for entry, each in zip(entries, curves, strict=True)]
    return compile_references(references), curves


def make_archive(library: ReferenceSet, curves: np.ndarray, rng: np.random.Generator) -> list[OldScan]:
    """Scans with the answers that the library gave before its last references came."""
    before = part_of(library, range(N_KNOWN))
    scans = []
    for number in range(N_SCANS):
        if number % 2:
            values = curve(rng)
        else:
            parts = rng.choice(N_KNOWN, 1 + number % 3, replace=False)
            values = rng.dirichlet(np.full(parts.size, 4.0)) @ curves[parts]
        spectrum = as_scan(values + rng.normal(0.0, 0.002, AXIS.size))
        answer = identify(spectrum, before)
        scans.append(OldScan(spectrum, named_rows([(c.reference, c.substance) for c in answer.components], library)))
    return scans


def part_of(library: ReferenceSet, rows: range) -> ReferenceSet:
    """Some of its references as a library of their own."""
    chosen = np.array(rows)
    entries = tuple(library.entries[row] for row in rows)
    return ReferenceSet(
        library.technique,
        library.axis,
        library.curves[chosen],
        library.features[chosen],
        library.coverage[chosen],
        entries,
        library.recipe,
    )


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The best time of a few [s]."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def ready_queries(scans: list[OldScan], library: ReferenceSet) -> list[Query]:
    """All scans prepared."""
    found = (prepare_query(scan.spectrum, scan.named, library) for scan in scans)
    return [query for query in found if query is not None]


def main() -> None:
    """Print one line for each number of new references."""
    rng = np.random.default_rng(7)
    library, curves = make_library(N_KNOWN + max(COUNTS), rng)
    scans = make_archive(library, curves, rng)
    preparing = seconds(lambda: ready_queries(scans, library), 3) / N_SCANS
    queries = ready_queries(scans, library)
    print(f"one core, {N_SCANS} scans, library of {library.n_refs:,}; preparing a scan takes {preparing * 1e3:.2f} ms")
    print("new refs  product alone  all gains   look only   promising  beside few    all of it  whole library only")
    for count in COUNTS:
        print(line(count, scans, queries, library, preparing))


def line(count: int, scans: list[OldScan], queries: list[Query], library: ReferenceSet, preparing: float) -> str:
    """What ``count`` new references cost; all figures for one scan."""
    present = part_of(library, range(N_KNOWN + count))
    new = NewReferences.of(present, range(N_KNOWN, N_KNOWN + count))
    stacked = np.concatenate([query.rows for query in queries])
    product = seconds(lambda: stacked @ new.columns.T) / N_SCANS
    gaining = seconds(lambda: highest_gains(queries, new)) / N_SCANS
    promising = np.flatnonzero(highest_gains(queries, new) >= PROMISING)
    some = promising[:24]
    rows = range(N_KNOWN, N_KNOWN + count)

    def ask_few() -> None:
        for i in some:
            identify(scans[i].spectrum, likeliest(queries[i], scans[i].named, rows, present))

    asking = seconds(ask_few, 1) / max(some.size, 1)
    identifying = seconds(lambda: [identify(scans[i].spectrum, present) for i in some], 1) / max(some.size, 1)
    look = preparing + gaining
    whole = look + asking * promising.size / N_SCANS
    return (
        f"{count:8,}  {product * 1e6:10.1f} us  {gaining * 1e6:6.0f} us  {1 / look:7.0f} /s"
        f"  {promising.size / N_SCANS:9.0%}  {asking * 1e3:10.1f} ms  {1 / whole:10.0f} /s"
        f"  {1 / identifying if identifying else float('nan'):15.0f} /s"
    )


if __name__ == "__main__":
    main()
