"""Works on what was asked of a library until nothing waits. A program, no test.

python library_work_process.py DATA_FOLDER
"""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

from reachback.audit.recorded_database import open_database
from reachback.clock import SystemChance, SystemClock
from reachback.intake.process_sign import ProcessSign
from reachback.library_work.service import LibraryWorkService
from reachback.library_work.worker import LibraryWorker
from reachback.notify.service import NotifyService
from reachback.settings import Settings


def main() -> None:
    """Take and work until all is done."""
    settings, clock, chance = Settings(data_dir=Path(sys.argv[1])), SystemClock(), SystemChance()
    service = LibraryWorkService(
        database=open_database(settings, clock),
        clock=clock,
        chance=chance,
        notify=NotifyService(clock, chance, settings),
        store=settings.data_dir / "library",
        folder=settings.data_dir / "imports",
    )
    sign = ProcessSign(settings.data_dir / "processes", f"library-{uuid.uuid4()}")
    LibraryWorker(service, sign).run_once()
    sign.lower()


if __name__ == "__main__":
    main()
