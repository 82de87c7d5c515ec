"""Scans for journeys that no example shows, simulated from the starter library's band tables as the examples are."""

from __future__ import annotations

from scripts.simulate_examples import Example, scan_text, simulate
from spectra.spectrum import Technique

__all__ = ["fentanyl_scan"]

_CUT = Example(
    "cut_fentanyl",
    Technique.FTIR,
    "mixture",
    "fentanyl 20 %, mannitol 80 % of the signal",
    401,
    (("fentanyl", "ftir/fentanyl.jdx", 0.2), ("mannitol", "ftir/mannitol.jdx", 0.8)),
)


def fentanyl_scan() -> bytes:
    """A scan that raises an alarm."""
    return scan_text(_CUT, simulate(_CUT)).encode("ascii")
