"""Dumps PostgreSQL by its own program, from the very snapshot that was verified."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from reachback.audit.log_check import Broken
from reachback.audit.signing import KeyRefused, public_key
from reachback.audit.verification import Verification, broken_files, verify_in
from reachback.db.files import FileStore
from reachback.db.session import Database

__all__ = ["DumpRefused", "dump_verified", "load_dump"]


class DumpRefused(Exception):
    """PostgreSQL's own programs are missing, or say no."""


def dump_verified(
    database: Database, data_dir: Path, target: Path
) -> tuple[Verification, Callable[[Path], Iterator[Broken]]]:
    """Dump one snapshot, verify that same snapshot, and see that the dump can be read.

    Also gives what checks the files that the snapshot's rows name, in whatever folder they were copied to.
    """
    try:
        key = public_key(data_dir)
    except KeyRefused as refused:
        raise DumpRefused(str(refused)) from None
    program = _program("pg_dump")
    with database.reading() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        snapshot = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run([program, "--format=custom", f"--snapshot={snapshot}", f"--file={target}"], database.engine.url)
        verification, stored = verify_in(session, key)
    _run([_program("pg_restore"), "--list", str(target)], None)
    return verification, lambda folder: broken_files(FileStore(folder), stored)


def load_dump(source: Path, url: URL) -> None:
    """Put a dump into an empty database, all of it or nothing."""
    database = _libpq(url)["PGDATABASE"]
    _run(
        [
            *(_program("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner"),
            *(f"--dbname={database}", str(source)),
        ],
        url,
    )


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DumpRefused(
            f"{name} is not on the path; install PostgreSQL's client programs of the server's version or newer"
        )
    return found


def _run(command: list[str], url: URL | None) -> None:
    # What leads to the database goes by the environment: a command line is read by everybody on the machine.
    environment = {**os.environ, **({} if url is None else _libpq(url))}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode != 0:
        said = " ".join(ended.stderr.split()) or f"it ended with {ended.returncode}"
        raise DumpRefused(f"{Path(command[0]).name} failed: {said}")


def _libpq(url: URL) -> dict[str, str]:
    socket = url.query.get("unix_sock")
    host, port = url.host, str(url.port or 5432)
    if isinstance(socket, str):
        folder, _, name = socket.rpartition("/")
        host, port = folder, name.rpartition(".")[2]
    values = {"PGHOST": host, "PGPORT": port, "PGUSER": url.username, "PGDATABASE": url.database}
    if url.password:
        values["PGPASSWORD"] = str(url.password)
    return {name: value for name, value in values.items() if value}
