"""Archives of JCAMP-DX files, as the drug working groups ENFSI and SWGDRUG publish their infrared libraries.

Such a ZIP holds one file a measurement or one file with many; a title may carry a number and a version before the name
(``#3871n - Fentanyl``). The inner blocks of a LINK block are measurements of its compound where the LINK block itself
says which compound that is; else it is a collection, and every inner block stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from device_adapters.decoding import decode_text, unify_newlines
from device_adapters.errors import MalformedFile
from device_adapters.jcamp_dx.records import Block, normalise_label, parse_blocks
from device_adapters.recording import Recording
from device_adapters.stated import Stated
from library.importers.archive_members import file_members
from library.importers.identifiers import plain_text
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member

__all__ = ["SOURCE"]

_NUMBERED = re.compile(r"#?\s*(?P<number>\d{1,6}[a-z]?\d{0,2}(?:/[a-z\d]{1,3})?)\s+-\s+(?P<name>\S.*)", re.IGNORECASE)
_LABEL = re.compile(r"^##([^=\n]*)=(.*(?:\n(?!##).*)*)", re.MULTILINE)
_INCHIKEYS = ("$INCHIKEY", "INCHIKEY", "$INCHI", "INCHI")
_FORMS = ("$FORM", "$SALTFORM", "$SALT")
_SYNONYMS = ("NAMES", "CASNAME", "$SYNONYMS", "$STREETNAMES")
_LONGEST_LIST = 40  # names that one file may give a substance


class JcampArchive:
    """The source of JCAMP-DX archives and folders."""

    name = "jcamp"
    reads = "a ZIP archive or a folder of JCAMP-DX files (ENFSI, SWGDRUG)"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """Every file of the archive or folder."""
        return file_members(path)

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """Every block's spectrum, named by its own labels and those of the LINK block around it."""
        outer = _compound_of_link(member.content)
        where = plain_text(member.name.rpartition("/")[2])
        return read_member(member, stated, lambda recording: _identity(recording, outer, where), {"jcamp-dx"})


SOURCE = JcampArchive()


def _labels(header: str) -> dict[str, str]:
    """Labels and values of a block as written; of a label that comes twice the first that is not blank."""
    found: dict[str, str] = {}
    for label, value in _LABEL.findall(header):
        if value.strip():
            found.setdefault(normalise_label(label), value.strip())
    return found


def _compound_of_link(content: bytes) -> dict[str, str]:
    """What a LINK block says of its compound; empty where there is none, or where it names no compound."""
    if b"LINK" not in content.upper():
        return {}
    try:
        blocks = parse_blocks(unify_newlines(decode_text(content)))
    except MalformedFile:
        return {}  # the reader says so, with the line
    outer = blocks[0] if blocks else Block()
    if (outer.value("DATATYPE") or "").upper() != "LINK":
        return {}
    said = _labels(outer.header)
    names_compound = any(said.get(label) for label in ("CASREGISTRYNO", "NAMES", "CASNAME", "MOLFORM", *_INCHIKEYS))
    return said if names_compound else {}


def _identity(recording: Recording, outer: dict[str, str], where: str) -> Identity:
    own = _labels(recording.header)
    # A measurement within a compound's LINK block has a title of its own, which is no name of the compound.
    title = outer.get("TITLE") or own.get("TITLE", "")
    said = {**own, **outer}
    numbered = _NUMBERED.fullmatch(plain_text(title))
    name = numbered["name"] if numbered else plain_text(title)
    number = f", no. {numbered['number']}" if numbered else ""
    origin = plain_text(own.get("ORIGIN") or outer.get("ORIGIN") or "", 200)
    return Identity(
        name=name,
        form=plain_text(_first(said, _FORMS), 80) or None,
        cas=plain_text(_first(said, ("CASREGISTRYNO",)), 40) or None,
        inchikey=plain_text(_first(said, _INCHIKEYS), 60) or None,
        synonyms=_synonyms(said, name),
        source=f"{origin or 'JCAMP-DX archive'}{number}, file {where}",
        licence=plain_text(own.get("OWNER") or outer.get("OWNER") or "", 200),
    )


def _first(said: dict[str, str], labels: Sequence[str]) -> str:
    return next((said[label] for label in labels if label in said), "")


def _synonyms(said: dict[str, str], name: str) -> tuple[str, ...]:
    lines = [line for label in _SYNONYMS if label in said for line in re.split(r"[\n;|]", said[label])]
    found = dict.fromkeys(filter(None, (plain_text(line, 120) for line in lines)))
    return tuple(synonym for synonym in found if synonym.casefold() != name.casefold())[:_LONGEST_LIST]
