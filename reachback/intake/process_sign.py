"""A sign that a process is alive: a locked file in the data folder; the lock ends with the process, however it ends."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import threading
from pathlib import Path
from typing import Any

# Not there on every system; without it, what a dead process had reserved is taken over once that expires.
fcntl: Any = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None

__all__ = ["ProcessSign"]


class ProcessSign:
    """Names this process, and tells of another whether it has gone.

    Parameters
    ----------
    folder : Path
        Shared by all processes of the service.
    name : str
        Unique; stands in the rows this process works on.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self.name = folder, name
        self._descriptor: int | None = None
        self._lock = threading.Lock()

    def raise_sign(self) -> str:
        """Hold the lock from now on, and return the name."""
        with self._lock:
            if self._descriptor is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT, 0o600)
                if fcntl is not None:
                    with contextlib.suppress(OSError):
                        fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return self.name

    def lower(self) -> None:
        """Let the lock go, as the end of the process would."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                (self._folder / self.name).unlink(missing_ok=True)
                self._descriptor = None

    def has_gone(self, name: str) -> bool:
        """Whether the process of that name has ended for certain; False where that cannot be known.

        The stored bytes lie in the same data folder, so whoever can work on a scan sees the signs of all.
        """
        if fcntl is None or name == self.name:
            return False
        path = self._folder / name
        try:
            with path.open("r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            return True  # lowered, or found and removed by another process
        except OSError:
            return False  # it is locked: alive
        return True
