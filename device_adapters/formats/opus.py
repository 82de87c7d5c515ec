"""Bruker OPUS, read by ``brukeropus`` in a cage."""

from __future__ import annotations

from device_adapters.format import Recognition
from device_adapters.isolation import read_caged
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_MAGIC = b"\x0a\x0a\xfe\xfe"


class Opus:
    """The OPUS reader."""

    name = "opus"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """Two line feeds and two bytes 0xFE."""
        return Recognition.CERTAIN if head.startswith(_MAGIC) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every block, the result spectrum first.

        Raises
        ------
        MalformedFile
        """
        return read_caged("device_adapters.caged.opus_reader:read", data, name)


FORMAT = Opus()
