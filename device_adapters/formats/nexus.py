"""NeXus in HDF5, read by ``h5py`` in a cage."""

from __future__ import annotations

from device_adapters.format import Recognition
from device_adapters.isolation import read_caged
from device_adapters.recording import Recording

__all__ = ["FORMAT"]

_MAGIC = b"\x89HDF\r\n\x1a\n"


class Nexus:
    """The NeXus reader."""

    name = "nexus"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """The magic number of HDF5; whether it is NeXus is seen inside."""
        return Recognition.CERTAIN if head.startswith(_MAGIC) else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read every curve of a NeXus entry.

        Raises
        ------
        UnknownFormat, MalformedFile
        """
        return read_caged("device_adapters.caged.nexus_reader:read", data, name)


FORMAT = Nexus()
