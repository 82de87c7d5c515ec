"""Refuses to run where a foreign distribution owns one of our four import names.

Unrelated packages named ``spectra`` and ``library`` exist on the public package index. Installing one overwrites or
shadows ours without a word, and a verdict would then rest on somebody else's code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from typing import NamedTuple

__all__ = ["ForeignPackage", "find_foreign_package", "refusal"]

OUR_DISTRIBUTION = "reachback"
OUR_PACKAGES = ("device_adapters", "library", "reachback", "spectra")

# A line of RECORD begins with the path of an installed file; a foreign package may also be a single module.
_RECORDED = re.compile(rf"\n({'|'.join(OUR_PACKAGES)})(?:/|\.py,|\.[^/,\n]+\.(?:so|pyd),)")


class ForeignPackage(NamedTuple):
    """A foreign package in our place: its import name, and the distribution it came with."""

    package: str
    distribution: str


def find_foreign_package(installed: Iterable[Distribution] | None = None) -> ForeignPackage | None:
    """Return the first foreign owner of one of our import names, None where all four are ours."""
    for distribution in distributions() if installed is None else installed:
        taken = _our_package_in(distribution)
        if taken is not None and _normalised(distribution.name) != OUR_DISTRIBUTION:
            return ForeignPackage(taken, distribution.name)
    return None


def refusal(foreign: ForeignPackage) -> str:
    """Say in one sentence what stands in our place and how to get rid of it."""
    return (
        f"The package '{foreign.package}' of the distribution '{foreign.distribution}' is in the place of our own: "
        f"run 'pip uninstall {foreign.distribution}' and then install {OUR_DISTRIBUTION} anew with --force-reinstall."
    )


def _our_package_in(distribution: Distribution) -> str | None:
    # packages_distributions() answers the same by parsing every line of every file list: 106 ms where one search of
    # the text takes 25 ms (69 distributions), and every start of the command pays it.
    for name in (distribution.read_text("top_level.txt") or "").split():
        if name in OUR_PACKAGES:
            return name
    found = _RECORDED.search("\n" + (distribution.read_text("RECORD") or ""))
    return found.group(1) if found else None


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
