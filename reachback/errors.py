"""What the command line refuses, beside what the packages below it refuse.

::

    ReachbackError
    ├── PlotRefused       a picture cannot be drawn or written
    └── OutputClosed      whoever read our output has gone (``reachback … | head``)
"""

from __future__ import annotations

__all__ = ["OutputClosed", "PlotRefused", "ReachbackError"]


class ReachbackError(Exception):
    """Root of what the command line refuses."""


class PlotRefused(ReachbackError):
    """A picture cannot be drawn or written."""


class OutputClosed(ReachbackError):
    """Whoever read our output has gone."""
