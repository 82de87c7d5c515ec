"""Damage device files in many ways and see that each gets recordings or one sentence, soon and in little memory.

    python scripts/mutate_device_files.py FOLDER [--count 10000] [--seed 1]

Every file below FOLDER is a seed. A fault – another exception, two lines, too much time – is printed with all that is
needed to repeat it, and the script ends with 1.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from device_adapters import AdapterError, Recording, Stated, as_spectrum
from device_adapters.limits import HEAD_BYTES, MAX_FILE_BYTES
from device_adapters.registry import best_format
from device_adapters.signatures import describe_unknown

__all__ = ["Result", "mutate", "run", "try_file"]

SLOW_S = 12.0  # above the cage's limit of ten seconds
LARGEST_SEED = 2 * 1024 * 1024  # [bytes] larger files only slow the run down
MEMORY_FACTOR = 60  # peak memory of our own readers beside the file's size: text takes 56 bytes a short line
MEMORY_FLOOR = 64 * 1024 * 1024
EDGES = (0x00, 0x01, 0x7F, 0x80, 0xFF, 0x0A, 0x20)
STATEMENTS = (Stated(), Stated(technique="raman", laser_nm=785.0), Stated(technique="ftir", y_units="absorbance"))


@dataclass(slots=True)
class Result:
    """What became of the files."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""


def mutate(data: bytes, random: Random) -> bytes:
    """One to four of: cut, flip, overwrite, remove, insert, double, exchange; the head of a file most often."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if not changed:
            break
        reach = len(changed) if random.random() < 0.5 else min(len(changed), 600)
        at = random.randrange(reach)
        length = random.choice((1, 1, 2, 4, 8, 64))
        kind = random.randrange(7)
        if kind == 0:
            del changed[random.randrange(len(changed)) :]
        elif kind == 1:
            changed[at] ^= 1 << random.randrange(8)
        elif kind == 2:
            changed[at : at + length] = bytes(random.choice(EDGES) for _ in range(length))
        elif kind == 3:
            del changed[at : at + length]
        elif kind == 4:
            changed[at:at] = random.randbytes(length)
        elif kind == 5:
            changed[at:at] = changed[at : at + 16 * length]
        else:
            other = random.randrange(len(changed))
            changed[at : at + length], changed[other : other + length] = (
                changed[other : other + length],
                changed[at : at + length],
            )
    return bytes(changed)


def try_file(data: bytes, name: str) -> tuple[str, str]:
    """Format and outcome; whatever is no ``AdapterError`` comes out as it was raised.

    The reading's own last resort is left aside, so that a fault of a reader is seen here.
    """
    chosen = best_format(data[:HEAD_BYTES], name)
    if chosen is None:
        described = describe_unknown(data)
        return "none", "refused" if "\n" not in described else "a refusal of two lines"
    try:
        recordings = chosen.read(data, name)
    except AdapterError as refusal:
        sentence = str(refusal)
        if not sentence or "\n" in sentence:
            return chosen.name, f"no sentence: {sentence!r}"
        return chosen.name, "killed" if "takes longer" in sentence or "crashed" in sentence else "refused"
    if not recordings or not all(isinstance(each, Recording) for each in recordings):
        return chosen.name, "no recordings"
    for recording in recordings[:3]:
        for stated in STATEMENTS:
            try:
                as_spectrum(recording, stated)
            except AdapterError as refusal:
                if "\n" in str(refusal):
                    return chosen.name, f"no sentence: {str(refusal)!r}"
    return chosen.name, "read"


GOOD = {"read", "refused", "killed"}


def run(seeds: Mapping[str, bytes], count: int, seed: int) -> Result:
    """Try ``count`` damaged files, as many of each seed."""
    result = Result()
    names = sorted(seeds)
    for i in range(count):
        name = names[i % len(names)]
        data = mutate(seeds[name], Random(f"{seed}/{i}/{name}"))  # noqa: S311 - repeatable on purpose
        where = f"--seed {seed}, number {i}, {name}"
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        began = time.monotonic()
        try:
            outcome = try_file(data, name)
        except Exception as error:  # noqa: BLE001 - to find them is what this is for
            result.faults.append(f"{where}: {type(error).__name__}: {error}")
            continue
        took = time.monotonic() - began
        used = tracemalloc.get_traced_memory()[1] - before
        result.outcomes[outcome] += 1
        if outcome[1] not in GOOD:
            result.faults.append(f"{where}: {outcome[1]}")
        if took > SLOW_S:
            result.faults.append(f"{where}: {took:.1f} s")
        if used > MEMORY_FLOOR + MEMORY_FACTOR * len(data):
            result.faults.append(f"{where}: {used / 2**20:.0f} MiB for a file of {len(data):,} bytes")
        if took > result.slowest_s:
            result.slowest_s, result.slowest = took, where
    return result


def load_seeds(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder that is not too large."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size <= min(LARGEST_SEED, MAX_FILE_BYTES):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seeds = dict(load_seeds(given.folder))
    if not seeds:
        parser.error(f"no files below {given.folder}")
    tracemalloc.start()
    began = time.monotonic()
    result = run(seeds, given.count, given.seed)
    print(f"{given.count:,} damaged copies of {len(seeds)} files in {time.monotonic() - began:.0f} s")
    for format_name in sorted({name for name, _ in result.outcomes}):
        counts = {what: count for (name, what), count in sorted(result.outcomes.items()) if name == format_name}
        print(f"  {format_name:16} " + ", ".join(f"{what} {count}" for what, count in counts.items()))
    print(f"slowest: {result.slowest_s:.2f} s ({result.slowest})")
    for fault in result.faults:
        print(f"FAULT {fault}")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
