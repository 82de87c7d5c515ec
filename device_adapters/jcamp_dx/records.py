"""Labelled data records and the blocks they form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from device_adapters.decoding import parse_number
from device_adapters.errors import MalformedFile
from device_adapters.limits import MAX_RECORDINGS

__all__ = ["Block", "Record", "normalise_label", "parse_blocks", "strip_comments"]

_RECORD_START = re.compile(r"^[ \t]*##([^=\n]*)(=|$)", re.MULTILINE)
_COMMENT = re.compile(r"\$\$[^\n]*")
_MAX_RECORDS = 200_000
_DATA_LABELS = frozenset(
    {"XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENT", "PEAKASSIGNMENTS", "RADATA", "DATATABLE"}
)


def normalise_label(label: str) -> str:
    """Upper case without blanks, dashes, slashes and underscores, as the standard compares labels."""
    return re.sub(r"[\s/_-]", "", label).upper()


def strip_comments(text: str) -> str:
    """Drop ``$$`` comments up to the end of each line; the lines themselves stay, so that they can be counted."""
    return _COMMENT.sub("", text) if "$$" in text else text


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled data record: ``##LABEL= text``, the text running to the next label."""

    label: str
    label_as_written: str
    text: str
    line: int

    @property
    def is_data(self) -> bool:
        """Whether the record holds a table of numbers."""
        return self.label in _DATA_LABELS

    @property
    def value(self) -> str:
        """The text without comments and outer blanks."""
        return strip_comments(self.text).strip()

    @property
    def verbatim(self) -> str:
        """The record as written; of a table of numbers the first line alone."""
        text = self.text.partition("\n")[0] if self.is_data else self.text.rstrip("\n")
        return f"##{self.label_as_written}={text}"


@dataclass(slots=True)
class Block:
    """The records between a ``##TITLE=`` and its ``##END=``, without those of inner blocks."""

    records: list[Record] = field(default_factory=list)
    has_end: bool = False
    _first: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Append a record."""
        self.records.append(record)
        known = self._first.get(record.label)
        if known is None or not (known.is_data or known.value):
            self._first[record.label] = record

    def find(self, *labels: str) -> Record | None:
        """The record with the first of these normalised labels that the block has; one that is not blank goes first."""
        return next((self._first[label] for label in labels if label in self._first), None)

    def value(self, *labels: str) -> str | None:
        """The value of the first of these labels that the block has and that is not blank."""
        values = (self._first[label].value for label in labels if label in self._first)
        return next((value for value in values if value), None)

    def number(self, *labels: str) -> float | None:
        """The number of the first of these labels that the block has and that is not blank.

        Raises
        ------
        MalformedFile
            Something else than a number stands there.
        """
        record = self.find(*labels)
        if record is None or not record.value:
            return None
        text = re.sub(r"\s", "", record.value)
        number = parse_number(text, "," if "." not in text else ".")
        if number is None:
            raise MalformedFile(f"line {record.line}: ##{record.label}= is not a number: {record.value[:40]!r}")
        return number

    @property
    def header(self) -> str:
        """The records as written, without the tables of numbers."""
        return "\n".join(record.verbatim for record in self.records)


def parse_blocks(text: str) -> list[Block]:
    """Split a text with unified newlines into its blocks, in the order of their titles.

    Inner blocks of a LINK block, blocks that follow one another and a missing ``##END=`` are all taken:
    a title opens a block, an end closes the innermost open one.
    """
    blocks: list[Block] = []
    open_blocks: list[Block] = []
    for record in _records(text):
        if record.label == "TITLE" or not open_blocks:
            if len(blocks) == MAX_RECORDINGS:
                raise MalformedFile(f"line {record.line}: more than {MAX_RECORDINGS:,} blocks in one file")
            if record.label == "END":
                continue
            blocks.append(Block())
            open_blocks.append(blocks[-1])
        if record.label == "END":
            open_blocks.pop().has_end = True
        else:
            open_blocks[-1].add(record)
    return blocks


def _records(text: str) -> Iterator[Record]:
    pending: re.Match[str] | None = None
    line, counted_to, n_records = 1, 0, 0
    for match in chain(_RECORD_START.finditer(text), [None]):
        if match is not None and not match[2] and normalise_label(match[1]) != "END":
            continue
        if pending is not None:
            n_records += 1
            line += text.count("\n", counted_to, pending.start())
            counted_to = pending.start()
            if n_records > _MAX_RECORDS:
                raise MalformedFile(f"line {line}: more than {_MAX_RECORDS:,} labels in one file")
            written = pending[1].strip()
            end = len(text) if match is None else match.start()
            yield Record(normalise_label(written), written, text[pending.end() : end], line)
        pending = match
