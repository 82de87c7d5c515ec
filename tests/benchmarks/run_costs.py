"""What a run cost: seconds computed by each kind of process, and what the database was asked for."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from reachback.db.session import connect


@dataclass(frozen=True)
class Process:
    """One process as the system tells of it."""

    parent: int
    seconds: float  # [s] computed so far
    title: str


def running() -> dict[int, Process]:
    """Every process there is; empty where the system does not tell."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            title = stat.with_name("cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ").strip()
        except OSError:
            continue
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        found[int(stat.parent.name)] = Process(int(fields[1]), seconds, title)
    return found


def cpu_by_role(services: list[int], postmaster: int | None) -> dict[str, float]:
    """[s] computed so far, by what a process is there for; this one, which sends, is among them."""
    spent: defaultdict[str, float] = defaultdict(float, sender=time.process_time())
    for pid, process in running().items():
        if pid in services:
            spent["service"] += process.seconds
        elif process.parent in services:
            spent["identification"] += process.seconds
        elif postmaster is not None and postmaster in (pid, process.parent):
            # A back end is titled "postgres: USER DATABASE …"; all else there serves every back end.
            is_back_end = "[local]" in process.title or "127.0.0.1" in process.title
            spent["PostgreSQL back ends" if is_back_end else "PostgreSQL, the rest"] += process.seconds
    return spent


_COUNTED = """
SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
       (SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()),
       (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'),
       (SELECT wal_bytes FROM pg_stat_wal)
"""


def database_counts(url: str) -> NDArray[np.float64]:
    """Commits, rollbacks, flushes of the write-ahead log and its bytes so far; a session tells of them at its end."""
    database = connect(url)
    with database.reading() as session:
        row = session.execute(text(_COUNTED)).one()
    database.close()
    return np.array([float(each or 0) for each in row])


def print_costs(spent: dict[str, float], n_scans: int, seconds: float) -> None:
    """What each kind of process computed, and how busy the machine was with other things."""
    for role, each in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{role:22} {each:7.1f} s computed, {each / n_scans * 1e3:6.1f} ms a scan, {each / seconds:5.2f} cores")
    cores = sum(spent.values()) / seconds
    print(f"together {cores:.2f} of {os.cpu_count()} cores; load average of the machine {os.getloadavg()[0]:.1f}")


def print_database_costs(counts: NDArray[np.float64], n_scans: int) -> None:
    """What the database was asked for."""
    commits, rollbacks, flushes, log_bytes = counts / n_scans
    print(f"a scan: {commits:.1f} transactions committed and {rollbacks:.1f} rolled back, {flushes:.2f} flushes of the"
          f" log, {log_bytes / 1e3:.1f} kB of it")  # fmt: skip
