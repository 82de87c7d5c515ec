"""The archives of the RRUFF project: a ZIP of text files, one a measurement of a mineral sample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from device_adapters.recording import Recording
from device_adapters.stated import Stated
from library.importers.archive_members import file_members
from library.importers.identifiers import plain_text
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member

__all__ = ["SOURCE"]

_KEY = re.compile(r"^##([^=\n]{1,60})=(.*)$", re.MULTILINE)


class Rruff:
    """The source of RRUFF archives."""

    name = "rruff"
    reads = "a ZIP archive of RRUFF text files"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """Every file of the archive or folder."""
        return file_members(path)

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """The spectrum of the file, named by its ``##NAMES``."""
        return read_member(member, stated, _identity, {"rruff"})


SOURCE = Rruff()


def _identity(recording: Recording) -> Identity:
    said = {key.strip().upper(): value.strip() for key, value in _KEY.findall(recording.header)}
    names = [plain_text(name, 120) for name in said.get("NAMES", "").split(",")]
    names = list(dict.fromkeys(filter(None, names)))
    sample = plain_text(said.get("RRUFFID"), 40)
    kind = plain_text(said.get("FILETYPE"), 60)
    return Identity(
        name=names[0] if names else "",
        known_by="mineral name, as RRUFF gives it",
        synonyms=tuple(names[1:]),
        substance_class="mineral",
        source=", ".join(filter(None, ("RRUFF", sample, kind, plain_text(said.get("URL"), 120)))),
    )
