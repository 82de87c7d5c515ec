"""What is done again and again beside the requests: each step finds its own work, and several processes may run it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Sweep", "SweepRunner", "SweepThread"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A named step; ``run`` does what is due now and says how much that was."""

    name: str
    run: Callable[[], int]


@dataclass(frozen=True, slots=True)
class SweepRunner:
    """Runs every step in turn."""

    sweeps: Sequence[Sweep]

    def run_once(self) -> dict[str, int]:
        """Name of each step → how much it did; a step that fails is logged and does not stop the others."""
        done: dict[str, int] = {}
        for sweep in self.sweeps:
            try:
                done[sweep.name] = sweep.run()
            except Exception:  # noqa: BLE001 – the last resort: the next round tries again
                _log.exception("sweep %s failed", sweep.name)
        return done


class SweepThread:
    """Runs the steps in the background of a process until it is stopped."""

    def __init__(self, runner: SweepRunner, *, seconds: float = 5.0) -> None:
        self._runner, self._seconds = runner, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeps", daemon=True)

    def start(self) -> None:
        """Begin; the first round starts at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the round that is running end, and begin no other."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._runner.run_once()
            self._stop.wait(self._seconds)
