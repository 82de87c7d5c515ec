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

from device_adapters.entry_points import load_added
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
    for _, added in load_added(ENTRY_POINT_GROUP, Source, "library source", _log):  # type: ignore[type-abstract]
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
