"""What runs beside the requests of a process: identification, clock sweeps, deliveries."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from reachback.adjudication.referral_sweeps import adjudication_sweeps
from reachback.assembly import Services
from reachback.cases.clock_sweeps import cases_sweeps
from reachback.curation.service import curation_sweeps
from reachback.intake.process_sign import ProcessSign
from reachback.intake.sweeps import intake_sweeps
from reachback.jobs.sweeps import Sweep, SweepRunner, SweepThread
from reachback.library_work.worker import LibraryWorker, library_work_sweeps
from reachback.notify.worker import DeliveryWorker
from reachback.settings import Settings

__all__ = ["Background"]

_SWEEP_SECONDS = 5.0
_DELIVERY_SECONDS = 2.0
_LIBRARY_SECONDS = 1.0


class Background:
    """Starts and ends the work beside the requests; every process may run its own, since each step claims its work."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        deliveries = DeliveryWorker(services.database, services.clock, settings)
        sign = ProcessSign(settings.data_dir / "processes", f"library-{services.cases.chance.new_id()}")
        self._library_worker = LibraryWorker(services.library_work, sign)
        self._threads = [
            SweepThread(
                SweepRunner(
                    [
                        *cases_sweeps(services.cases),
                        *intake_sweeps(services.intake),
                        *adjudication_sweeps(services.adjudication),
                        *curation_sweeps(services.curation),
                    ]
                ),
                seconds=_SWEEP_SECONDS,
            ),
            SweepThread(SweepRunner([Sweep("deliveries", deliveries.run_once)]), seconds=_DELIVERY_SECONDS),
            SweepThread(SweepRunner(library_work_sweeps(self._library_worker)), seconds=_LIBRARY_SECONDS),
        ]
        self._started: list[SweepThread] = []
        self._stopping = threading.Event()

    def start(self) -> None:
        """Open the library in the identification processes, take up what a crash left, and begin the rounds."""
        self._services.identifier.start()
        for name, work in (("intake.resume", self._services.intake.resume), ("library.open", self._open_library)):
            threading.Thread(target=_logged(name, work), name=name, daemon=True).start()
        for thread in self._threads:
            thread.start()
            self._started.append(thread)

    def _open_library(self) -> None:
        """So that the first finding does not wait for it; after the processes, which compile it where it is raw."""
        while not self._services.identifier.is_ready():
            if self._stopping.wait(0.5):
                return
        self._services.library()

    def stop(self) -> None:
        """End the rounds that are running, then the processes."""
        self._stopping.set()
        self._library_worker.stop()
        for thread in self._started:
            thread.stop()
        self._library_worker.end()
        self._services.intake.close()


def _logged(name: str, work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 – the sweeps try again
            structlog.get_logger("reachback").exception(f"{name}.failed")

    return run
