"""What the browser tests share: a whole desk that answers on this machine, and a real browser in front of it."""

from __future__ import annotations

from tests.journeys.browsing import browser, running_desk, visit

__all__ = ["browser", "running_desk", "visit"]
