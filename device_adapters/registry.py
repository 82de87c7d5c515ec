"""Which formats there are: our own, and those that installed packages add.

A package adds a format with an entry point::

    [project.entry-points."reachback.device_formats"]
    my-format = "my_package.my_format:FORMAT"

where ``FORMAT`` is a ``device_adapters.format.Format``.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from device_adapters.format import Format, Recognition
from device_adapters.formats import jcamp, text_table

__all__ = ["ENTRY_POINT_GROUP", "all_formats", "best_format"]

ENTRY_POINT_GROUP = "reachback.device_formats"
BUILT_IN: tuple[Format, ...] = (jcamp.FORMAT, text_table.FORMAT)

_log = logging.getLogger(__name__)


@cache
def all_formats() -> tuple[Format, ...]:
    """Our own formats, then those of entry points by name; the first of a name counts."""
    found: dict[str, Format] = {known.name: known for known in BUILT_IN}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        added = _load(point)
        if added is not None:
            found.setdefault(added.name, added)
    return tuple(found.values())


def _load(point: EntryPoint) -> Format | None:
    try:
        added = point.load()
    except (ImportError, AttributeError) as error:
        _log.warning("device format %s cannot be loaded: %s", point.name, error)
        return None
    if not isinstance(added, Format):
        _log.warning("device format %s is no Format", point.name)
        return None
    return added


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
