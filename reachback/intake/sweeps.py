"""What has to be looked after in intake."""

from __future__ import annotations

from reachback.intake.service import IntakeService
from reachback.jobs.sweeps import Sweep

__all__ = ["intake_sweeps"]


def intake_sweeps(intake: IntakeService) -> list[Sweep]:
    """Scans that a process left behind, and unusable ones that nothing better followed."""
    return [Sweep("intake.resume", intake.resume), Sweep("intake.decide", intake.decide_late)]
