"""A format of another package, held to the contract of our own.

Its package was installed by whoever runs this and is trusted as far as that goes: it is imported, and judges the
first bytes of a file, in this process. But the files it reads come from anywhere, so it reads them in a cage, unless
it says ``runs_in_process = True`` because it bounds itself as our own readers do.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from device_adapters.format import Format, Recognition
from device_adapters.isolation import read_caged
from device_adapters.recording import Recording

__all__ = ["AddedFormat"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AddedFormat:
    """A format and where the child of its cage finds it.

    Parameters
    ----------
    added : Format
    target : str
        ``"module:name"`` of ``added``.
    """

    added: Format
    target: str

    @property
    def name(self) -> str:
        """The name it gives itself."""
        return self.added.name

    @property
    def experimental(self) -> bool:
        """Whether it says that no real file was available to test with."""
        return bool(getattr(self.added, "experimental", False))

    def recognises(self, head: bytes, name: str) -> Recognition:
        """What it says, and NO where it fails or says something else."""
        try:
            return Recognition(self.added.recognises(head, name))
        except Exception:  # noqa: BLE001 - a fault of it must not keep the other formats from reading
            _log.warning("device format %s fails to judge a file", self.name, exc_info=True)
            return Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Have it read a file, in its cage unless it may run here.

        Raises
        ------
        AdapterError
        """
        if getattr(self.added, "runs_in_process", False):
            return self.added.read(data, name)
        return read_caged(self.target, data, name)
