"""What a device format has to be able to do."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol, runtime_checkable

from device_adapters.recording import Recording

__all__ = ["Format", "Recognition"]


class Recognition(IntEnum):
    """How sure a format is that a file is its own, from content alone."""

    NO = 0
    PERHAPS = 1  # it has the shape, as many files do: any table of numbers
    LIKELY = 2  # words or structures that hardly another format has
    CERTAIN = 3  # the format's own magic number


@runtime_checkable
class Format(Protocol):
    """One device format: a name, a look at the first bytes, and a reader.

    The reader is pure: bytes in, recordings out. It refuses with ``MalformedFile`` and one sentence that
    says where the file is broken, allocates nothing that the file's own size does not justify
    (``device_adapters.limits``), and fills in nothing the file does not say.

    A format that no real file was available to test with has a further attribute ``experimental = True``;
    each of its recordings then bears a warning that says so. A format of another package reads in a process of its
    own (``device_adapters.added_format``): there it can open no file and no socket, so it imports at the top of its
    module what it needs; ``runs_in_process = True`` says that it bounds itself and needs no such cage.
    """

    @property
    def name(self) -> str:
        """Short lower-case name, e.g. ``"jcamp-dx"``."""

    def recognises(self, head: bytes, name: str) -> Recognition:
        """Judge the first bytes of a file; ``name`` may settle a doubt, but is never enough."""

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the whole file; at least one recording, in the order of the file."""
