"""The archives of the RRUFF project: a ZIP of text files, one a measurement of a mineral sample.

Many archives hold a measurement twice, raw and processed (``…__Raman_Data_RAW__12.txt`` beside
``…__Raman_Data_Processed__34.txt``). Both are one measurement and so one reference: the processed one, from which the
project has taken the background and the cosmic rays. The raw one is listed as left out, with the name of its twin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from device_adapters.recording import Recording
from device_adapters.stated import Stated
from library.importers.archive_members import file_members, file_names
from library.importers.identifiers import plain_text
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member

__all__ = ["SOURCE"]

_HALF = re.compile(r"(?P<measurement>.+)__Raman_Data_(?P<kind>RAW|Processed)(?:__\d+)?\.txt", re.IGNORECASE)
_IS_TWIN = "the raw data of a measurement whose processed data is {}; one of the two is the reference"
_KEY = re.compile(r"^##([^=\n]{1,60})=(.*)$", re.MULTILINE)


class Rruff:
    """The source of RRUFF archives."""

    name = "rruff"
    reads = "a ZIP archive of RRUFF text files"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """Every file of the archive or folder; the raw half of a twin is left out, and says so."""
        twins = _twins(file_names(path) if path.exists() else ())
        for member in file_members(path):
            if isinstance(member, Member) and member.name in twins:
                yield LeftOut(member.name, _IS_TWIN.format(twins[member.name]), counts=False)
            else:
                yield member

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """The spectrum of the file, named by its ``##NAMES``."""
        return read_member(member, stated, _identity, {"rruff"})


SOURCE = Rruff()


def _twins(names: Iterable[str]) -> dict[str, str]:
    """Raw file → the processed one of the same measurement, where it is certain which belong together."""
    halves: dict[str, dict[str, list[str]]] = {}
    for name in names:
        found = _HALF.fullmatch(name.rpartition("/")[2])
        if found:
            halves.setdefault(found["measurement"].casefold(), {}).setdefault(found["kind"].casefold(), []).append(name)
    return {
        both["raw"][0]: both["processed"][0]
        for both in halves.values()
        if len(both.get("raw", ())) == len(both.get("processed", ())) == 1
    }


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
