"""JCAMP-DX 4.24 and 5.01: curves, point lists and peak tables of every block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from device_adapters.decoding import decode_text, is_text, unify_newlines
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.jcamp_dx.descriptions import metadata_of, technique_of
from device_adapters.jcamp_dx.records import Block, Record, normalise_label, parse_blocks, strip_comments
from device_adapters.jcamp_dx.scales import Scales, scales_of_block, scales_of_page
from device_adapters.jcamp_dx.tables import Table, UnreadTable, read_table
from device_adapters.limits import MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording
from device_adapters.unit_words import x_units_of

__all__ = ["FORMAT"]

_LABEL = re.compile(r"^[ \t]*##([^=\n]*)=", re.MULTILINE)
_CURVES = ("XYDATA", "XYPOINTS")
_PEAKS = ("PEAKTABLE", "PEAKASSIGNMENTS", "PEAKASSIGNMENT")


class JcampDx:
    """The JCAMP-DX reader."""

    name = "jcamp-dx"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A text whose labelled records begin with TITLE, or that has the label JCAMP-DX."""
        if not is_text(head):
            return Recognition.NO
        labels = [normalise_label(match[1]) for match in _LABEL.finditer(unify_newlines(decode_text(head)))]
        if labels[:1] == ["TITLE"]:
            return Recognition.CERTAIN
        return Recognition.LIKELY if "JCAMPDX" in labels else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read all curves and peak tables, block by block.

        Raises
        ------
        MalformedFile
            The data break the standard, or there is nothing that can be read.
        """
        text = unify_newlines(decode_text(data))
        cut_line = not text.endswith("\n")
        recordings: list[Recording] = []
        unread: list[str] = []
        blocks = parse_blocks(text)
        n_values = 0
        for block in blocks:
            breaks_off = cut_line and block is blocks[-1] and not block.has_end
            for recording in _read_block(block, breaks_off, unread):
                recordings.append(recording)
                n_values += recording.x.size
                if n_values > MAX_VALUES:
                    raise MalformedFile(f"the file holds more than {MAX_VALUES:,} points: this is no spectrum")
        if not recordings:
            raise MalformedFile(unread[0] if unread else "the file holds no data table that is complete")
        recordings[0] = replace(recordings[0], warnings=recordings[0].warnings + tuple(unread))
        return [replace(recording, index=i) for i, recording in enumerate(recordings)]


FORMAT = JcampDx()


@dataclass(frozen=True, slots=True)
class _Description:
    """What is the same for all tables of a block."""

    scales: Scales
    technique: Literal["raman", "ftir", "unknown"]
    title: str | None
    metadata: dict[str, Any]
    header: str


def _describe(block: Block, is_ntuples: bool) -> _Description:
    scales = Scales() if is_ntuples else scales_of_block(block)
    return _Description(
        scales, technique_of(block), block.value("TITLE"), metadata_of(block, scales.x_units), block.header
    )


def _read_block(block: Block, breaks_off: bool, unread: list[str]) -> Iterator[Recording]:
    """Read the curves of a block, or its peaks where it has no curve."""
    pages = [record for record in block.records if record.label == "DATATABLE"]
    curves = [record for record in block.records if record.label in _CURVES]
    peaks = [record for record in block.records if record.label in _PEAKS]
    tables = pages or curves or peaks[:1]
    if len(tables) > MAX_RECORDINGS:
        raise MalformedFile(f"line {tables[0].line}: more than {MAX_RECORDINGS:,} data tables in one block")
    if tables:
        description = _describe(block, bool(pages))
    for record in tables:
        try:
            yield _read_record(record, block, description, breaks_off and record is block.records[-1])
        except UnreadTable as reason:
            unread.append(f"line {record.line}: {reason}")
    if not tables and block.find("RADATA"):
        unread.append("the file holds an interferogram (RADATA), which is no spectrum")
    if curves and peaks:
        unread.append(f"line {peaks[0].line}: the peaks beside the curve are not read")


def _read_record(record: Record, block: Block, description: _Description, breaks_off: bool) -> Recording:
    form = re.sub(r"\s", "", strip_comments(record.text.partition("\n")[0])).upper()
    scales = scales_of_page(block, *_symbols(form)) if record.label == "DATATABLE" else description.scales
    table = read_table(record, form, scales, breaks_off)
    declared = _declared(table, scales)
    if declared is None and not block.has_end and table.kind == "curve":
        raise MalformedFile("truncated: there is neither ##END= nor NPOINTS to show that the data are complete")
    return Recording(
        format=FORMAT.name,
        index=0,
        x=table.x,
        y=table.y,
        x_units=x_units_of(scales.x_units or ""),
        y_units=scales.y_units or "unknown",
        technique=description.technique,
        kind=table.kind,
        widths=table.widths,
        n_declared=declared,
        n_missing=int(np.isnan(table.y).sum()),
        title=description.title,
        metadata=description.metadata,
        header=description.header,
        warnings=table.warnings + _count_warnings(table, declared, block, breaks_off),
    )


def _symbols(form: str) -> tuple[str, str]:
    match = re.match(r"\(?([A-Z])(?:\+\+|--)\(([A-Z])\.\.\2\)", form) or re.match(r"\(?([A-Z])([A-Z])\.\.\1\2", form)
    if match is None:
        raise UnreadTable(f"##DATA TABLE={form[:40]} is no table of two variables")
    return match[1], match[2]


def _declared(table: Table, scales: Scales) -> int | None:
    """Points the block declares: NPOINTS, or what FIRSTX, LASTX and DELTAX together say."""
    if scales.n_points is not None or table.kind == "peaks":
        return scales.n_points
    if scales.first_x is None or scales.last_x is None or not scales.delta_x:
        return None
    intervals = abs((scales.last_x - scales.first_x) / scales.delta_x)
    # The step is often rounded, so that a count one off says nothing.
    return table.x.size if abs(intervals + 1 - table.x.size) < 1.5 else int(min(intervals, 1e15)) + 1


def _count_warnings(table: Table, declared: int | None, block: Block, breaks_off: bool) -> tuple[str, ...]:
    warnings: list[str] = []
    if declared is not None and declared != table.x.size:
        warnings.append(f"{declared:,} points declared, {table.x.size:,} found")
    if breaks_off:
        warnings.append("the file breaks off inside a line; the last number is not used")
    elif not block.has_end:
        warnings.append("the block has no ##END=")
    return tuple(warnings)
