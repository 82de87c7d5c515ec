"""Read the members of a large source on all cores: batches to processes and back, in the order of the source.

Whatever the number of cores, the same members give the same references. A member is read as by one process: our own
readers within their bounds, those of others in the cage, which every process starts for itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from device_adapters.stated import Stated
from library.compile_chunks import MAX_PROCESSES, in_processes
from library.importers.source import Found, LeftOut, Member, Source

__all__ = ["batches_of", "read_batches"]

FEWEST = 400  # members below which starting processes takes longer than they save
BATCH_MEMBERS, BATCH_BYTES = 40, 8 * 1024 * 1024

Read = Iterable[Sequence[Found | LeftOut]]
Lot = list[Member | LeftOut]


def batches_of(members: Iterable[Member | LeftOut]) -> Iterator[Lot]:
    """Members in lots of at most 40, and of 8 MiB where one of them is not larger."""
    lot: Lot = []
    weight = 0
    for member in members:
        heavy = len(member.content) if isinstance(member, Member) else 0
        if lot and (len(lot) >= BATCH_MEMBERS or weight + heavy > BATCH_BYTES):
            yield lot
            lot, weight = [], 0
        lot.append(member)
        weight += heavy
    if lot:
        yield lot


def read_batches(source: Source, stated: Stated, batches: Iterable[list[Member]]) -> Iterator[Read]:
    """What the members of each batch give, batch by batch in their order; batches are asked for as they are worked on.

    Parameters
    ----------
    source : Source
    stated : Stated
        What the user says of the whole source.
    batches : iterable of list of Member
    """
    processes = min(MAX_PROCESSES, os.cpu_count() or 1)
    waiting = iter(batches)
    count = 0
    for batch in waiting:
        if processes > 1 and count + len(batch) > FEWEST:
            items = ((source, stated, each) for each in chain([batch], waiting))
            yield from in_processes(_read_batch, items, processes)
            return
        count += len(batch)
        # One by one, as it is asked for: what was read is remembered before the next member is begun.
        yield (source.read(member, stated) for member in batch)


def _read_batch(item: tuple[Source, Stated, list[Member]]) -> list[Sequence[Found | LeftOut]]:
    source, stated, members = item
    return [source.read(member, stated) for member in members]
