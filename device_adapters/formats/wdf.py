"""Renishaw WDF, read by ``renishaw-wdf`` in a cage."""

from __future__ import annotations

from device_adapters.format import Recognition
from device_adapters.isolation import read_caged
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_MAGIC = b"WDF1"


class Wdf:
    """The WDF reader."""

    name = "wdf"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The name of the first block."""
        return Recognition.CERTAIN if head.startswith(_MAGIC) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every spectrum that was measured.

        Raises
        ------
        MalformedFile
        """
        return read_caged("device_adapters.caged.wdf_reader:read", data, name)


FORMAT = Wdf()
