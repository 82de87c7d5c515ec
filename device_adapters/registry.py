"""Which formats there are: our own, and those that installed packages add.

A package adds a format with an entry point::

    [project.entry-points."reachback.device_formats"]
    my-format = "my_package.my_format:FORMAT"

where ``FORMAT`` is a ``device_adapters.format.Format``. It reads files in a process of its own
(``device_adapters.added_format``).
"""

from __future__ import annotations

import logging
from functools import cache

from device_adapters.added_format import AddedFormat
from device_adapters.entry_points import load_added
from device_adapters.format import Format, Recognition
from device_adapters.formats import (
    agilent_resolve,
    asp,
    avantes_text,
    bwtek,
    horiba_text,
    horiba_xml,
    jcamp,
    mira_key_value,
    nexus,
    ocean_text,
    openspecy,
    opus,
    pendar,
    perkinelmer_text,
    renishaw_text,
    rmx_text,
    rruff,
    sp,
    spa,
    spc,
    text_table,
    wasatch_csv,
    wasatch_json,
    wdf,
    witec_text,
)

__all__ = ["ENTRY_POINT_GROUP", "all_formats", "best_format"]

ENTRY_POINT_GROUP = "reachback.device_formats"
BUILT_IN: tuple[Format, ...] = (
    opus.FORMAT,
    wdf.FORMAT,
    nexus.FORMAT,
    spa.FORMAT,
    sp.FORMAT,
    jcamp.FORMAT,
    rmx_text.FORMAT,
    agilent_resolve.FORMAT,
    mira_key_value.FORMAT,
    pendar.FORMAT,
    bwtek.FORMAT,
    wasatch_csv.FORMAT,
    wasatch_json.FORMAT,
    horiba_text.FORMAT,
    horiba_xml.FORMAT,
    witec_text.TRUE_MATCH,
    witec_text.TABLE,
    renishaw_text.FORMAT,
    ocean_text.FORMAT,
    avantes_text.FORMAT,
    perkinelmer_text.FORMAT,
    openspecy.JSON,
    openspecy.CSV,
    rruff.FORMAT,
    asp.FORMAT,
    spc.FORMAT,
    text_table.FORMAT,  # last: it takes any table of numbers
)

_log = logging.getLogger(__name__)


@cache
def all_formats() -> tuple[Format, ...]:
    """Our own formats, then those of entry points by name; the first of a name counts."""
    found: dict[str, Format] = {known.name: known for known in BUILT_IN}
    for point, added in load_added(ENTRY_POINT_GROUP, Format, "device format", _log):  # type: ignore[type-abstract]
        found.setdefault(added.name, AddedFormat(added, f"{point.module}:{point.attr}"))
    return tuple(found.values())


def best_format(head: bytes, name: str) -> Format | None:
    """The format that is surest of these first bytes; of equally sure ones the first registered."""
    best, chosen = Recognition.NO, None
    for known in all_formats():
        recognition = known.recognises(head, name)
        if recognition > best:
            best, chosen = recognition, known
        if best is Recognition.CERTAIN:
            break
    return chosen
