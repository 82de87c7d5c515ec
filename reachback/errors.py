"""What the command line refuses, beside what the packages below it refuse.

::

    ReachbackError
    ├── CasesRefused      a folder of known cases cannot be used
    ├── PlotRefused       a picture cannot be drawn or written
    ├── ReplayRefused     an answer cannot be given again: its file, or its release, is not here
    ├── ReportRefused     a report cannot be written
    └── OutputClosed      whoever read our output has gone (``reachback … | head``)
"""

from __future__ import annotations

__all__ = ["CasesRefused", "OutputClosed", "PlotRefused", "ReachbackError", "ReplayRefused", "ReportRefused"]


class ReachbackError(Exception):
    """Root of what the command line refuses."""


class CasesRefused(ReachbackError):
    """A folder of known cases cannot be used."""


class ReplayRefused(ReachbackError):
    """An answer cannot be given again: its file, or its release, is not here."""


class ReportRefused(ReachbackError):
    """A report cannot be written."""


class PlotRefused(ReachbackError):
    """A picture cannot be drawn or written."""


class OutputClosed(ReachbackError):
    """Whoever read our output has gone."""
