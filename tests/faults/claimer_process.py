"""A chemist as a process of his own: claims, dawdles longer than his lease now and then, and finishes if he still may.

    python claimer_process.py DATABASE_URL NAME LEASE_SECONDS LONGEST_DAWDLE_SECONDS

Run until nothing is waiting; prints one line for each step.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.audit.service import recorder
from reachback.cases.models import CaseState
from reachback.cases.service import CaseService
from reachback.clock import SystemChance, SystemClock
from reachback.db.session import connect
from reachback.notify.service import NotifyService
from reachback.problems import StaleLease
from reachback.settings import Settings


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(url: str, name: str, lease_seconds: int, dawdle: float) -> None:
    clock, chance, settings = SystemClock(), SystemChance(), Settings(lease_seconds=lease_seconds)
    database = connect(url, recorder(clock))
    cases = CaseService(database, clock, chance, settings, NotifyService(clock, chance, settings))
    chemist = Principal(name, name, Role.CHEMIST, "laboratory")
    whims = random.Random(name)
    say("ready")
    while claim := cases.claim_next(chemist):
        case_id = str(claim.case["case_id"])
        say("claimed", case_id)
        time.sleep(whims.uniform(0.0, dawdle))
        try:
            with database.writing(name, "finding") as session:
                case = cases.check_lease(session, case_id, claim.token, name, [CaseState.CLAIMED])
                case.finder_id, case.outcome = name, "identified"
                cases.move(session, case, CaseState.FOUND)
                time.sleep(whims.uniform(0.0, 0.02))  # so that some are killed between the change and the commit
            say("answered", case_id)
        except StaleLease:
            say("late", case_id)
    say("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
