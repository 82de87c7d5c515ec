"""Files per second of each device format, beside the peer reader where one exists. A script, no test.

    python tests/benchmarks/device_files.py [FOLDER] [--seconds 2]

FOLDER holds one folder of files per format (``device_files`` of the measured test data by default). A peer reads in
this process; readers of others that we use ourselves are timed both ways, so that the price of the cage is seen.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from device_adapters import read  # noqa: E402 - the script is started by its path

Reader = Callable[[Path], object]


def _peer_spc(path: Path) -> object:
    import spcfile

    return spcfile.SPCFile(path).subfiles


def _peer_jcamp(path: Path) -> object:
    import jcamp

    return jcamp.readfile(str(path))


def _peer_opus(path: Path) -> object:
    import brukeropus

    return list(brukeropus.read_opus(path).iter_all_data())


def _peer_wdf(path: Path) -> object:
    from wdf import Wdf

    with Wdf(path) as file:
        return [file.xlist(), *(file.spectrum(i) for i in range(file.hdr.ncollected))]


def _peer_hdf5(path: Path) -> object:
    import h5py

    found: list[object] = []
    with h5py.File(path) as file:
        file.visititems(lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    return found


PEERS: dict[str, tuple[str, Reader]] = {
    "spc": ("spcfile", _peer_spc),
    "jdx": ("jcamp", _peer_jcamp),
    "opus": ("brukeropus", _peer_opus),
    "wdf": ("renishaw-wdf", _peer_wdf),
    "nexus": ("h5py, no meaning", _peer_hdf5),
}


def read_ours(path: Path) -> object:
    """The whole way: load, recognise, read."""
    return read(path.read_bytes(), path.name)


def readable(paths: Sequence[Path], reader: Reader) -> list[Path]:
    """The files a reader reads at all; this also warms it up."""
    kept = []
    for path in paths:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
            reader(path)
            kept.append(path)
    return kept


def files_per_second(paths: Sequence[Path], reader: Reader, seconds: float) -> float:
    """The median of rounds over all files."""
    rounds: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(rounds) < 3:
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            for path in paths:
                reader(path)
        rounds.append((time.perf_counter() - began) / len(paths))
    return 1.0 / sorted(rounds)[len(rounds) // 2]


def main() -> None:
    """Print the table."""
    default = Path(os.environ.get("REACHBACK_TEST_DATA", REPOSITORY.parent / "shared" / "data")) / "device_files"
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=default)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"{'folder':10} {'files':>5} {'ours':>9}   both: {'files':>5} {'ours':>9} {'peer':>9}  [files/s]")
    for folder in sorted(path for path in given.folder.iterdir() if path.is_dir()):
        ours = readable(sorted(path for path in folder.rglob("*") if path.is_file()), read_ours)
        if not ours:
            continue
        line = f"{folder.name:10} {len(ours):5} {files_per_second(ours, read_ours, given.seconds):9.0f}"
        if folder.name in PEERS:
            peer, reader = PEERS[folder.name]
            both = readable(ours, reader)
            pair = [files_per_second(both, each, given.seconds) for each in (read_ours, reader)]
            line += f"         {len(both):5} {pair[0]:9.0f} {pair[1]:9.0f}  {peer}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
