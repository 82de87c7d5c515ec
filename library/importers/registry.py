"""Which sources there are: our own, and those that installed packages add.

A package adds a source with an entry point::

    [project.entry-points."reachback.library_sources"]
    my-source = "my_package.my_source:SOURCE"

where ``SOURCE`` is a ``library.importers.source.Source``. It runs in this process: files in it should be read through
``library.importers.member_reading``, which bounds them and cages the readers of others.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from library.importers.source import Source, SourceRefused
from library.importers.sources import folder, jcamp_archive, matrix_bundle, openspecy, ramanbiolib, rruff

__all__ = ["ENTRY_POINT_GROUP", "all_sources", "source_named"]

ENTRY_POINT_GROUP = "reachback.library_sources"
BUILT_IN: tuple[Source, ...] = (
    jcamp_archive.SOURCE,
    folder.SOURCE,
    rruff.SOURCE,
    openspecy.SOURCE,
    ramanbiolib.SOURCE,
    matrix_bundle.SOURCE,
)

_log = logging.getLogger(__name__)


@cache
def all_sources() -> tuple[Source, ...]:
    """Our own sources, then those of entry points by name; the first of a name counts."""
    found: dict[str, Source] = {known.name: known for known in BUILT_IN}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        added = _load(point)
        if added is not None:
            found.setdefault(added.name, added)
    return tuple(found.values())


def source_named(name: str) -> Source:
    """The source of this name.

    Raises
    ------
    SourceRefused
        There is none.
    """
    for source in all_sources():
        if source.name == name.casefold():
            return source
    known = ", ".join(source.name for source in all_sources())
    raise SourceRefused(f"{name!r} is no library source; there are {known}")


def _load(point: EntryPoint) -> Source | None:
    try:
        added = point.load()
    except (ImportError, AttributeError) as error:
        _log.warning("library source %s cannot be loaded: %s", point.name, error)
        return None
    if not isinstance(added, Source):
        _log.warning("library source %s is no Source", point.name)
        return None
    return added
