"""What other packages add to ours by entry points, each loaded on its own: a broken one is told of and left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

__all__ = ["load_added"]

Kind = TypeVar("Kind")


def load_added(group: str, kind: type[Kind], called: str, log: logging.Logger) -> Iterator[tuple[EntryPoint, Kind]]:
    """The entry points of a group that are of a kind, by name.

    Parameters
    ----------
    called : str
        What one is called in the log, as ``device format``.
    """
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            added = point.load()
        except (ImportError, AttributeError) as error:
            log.warning("%s %s cannot be loaded: %s", called, point.name, error)
            continue
        if isinstance(added, kind):
            yield point, added
        else:
            log.warning("%s %s is no %s", called, point.name, kind.__name__)
