"""Settle the findings of a check in bulk: a table that people fill, or all findings of a check, class or source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from library.errors import BrokenManifest
from library.importers.deciding import BadLine
from library.ledger import Ledger, State
from library.model import ManifestRow
from library.qc.findings import Finding

__all__ = ["Chosen", "Settlement", "findings_csv", "open_findings", "read_settlements"]

COLUMNS = ("key", "check", "references", "substances", "class", "source", "finding", "take_out", "because")
GONE = (State.WITHDRAWN, State.DEPRECATED)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which findings are meant; ``*`` and ``?`` stand for any text, None for everything.

    A finding is meant only where all of its references fit.
    """

    check: str | None = None
    of_class: str | None = None
    source: str | None = None

    def fits(self, finding: Finding, rows: Mapping[str, ManifestRow]) -> bool:
        """Whether the finding is meant."""
        about = [rows[each] for each in finding.references if each in rows]
        asked = (
            (self.check, [finding.check]),
            (self.of_class, [row.substance_class or "" for row in about]),
            (self.source, [row.source for row in about]),
        )
        return all(
            pattern is None or all(fnmatchcase(text.casefold(), pattern.casefold()) for text in texts)
            for pattern, texts in asked
        )


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a filled table says: findings that stand, by key, and references to take out, each with its reason."""

    stand: Mapping[str, str]
    take_out: Mapping[str, str]


def open_findings(findings: Iterable[Finding], ledger: Ledger, chosen: Chosen = Chosen()) -> tuple[Finding, ...]:
    """Findings that keep a release back and are meant."""
    rows = _rows(ledger)
    return tuple(each for each in findings if each.is_blocking and chosen.fits(each, rows))


def findings_csv(findings: Iterable[Finding], ledger: Ledger) -> str:
    """The table to fill: ``because`` where the finding may stand; ``take_out`` too where a reference has to go."""
    rows = _rows(ledger)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for each in findings:
        about = [rows[identifier] for identifier in each.references if identifier in rows]
        said = (" | ".join(dict.fromkeys(cells)) for cells in _about(about))
        table.writerow((each.key, each.check, ";".join(each.references), *said, each.words, "", ""))
    return text.getvalue()


def read_settlements(content: bytes, ledger: Ledger, because: str = "") -> tuple[Settlement, list[BadLine]]:
    """What a filled table says, and the lines that cannot be taken; rows with neither cell filled stay open.

    Parameters
    ----------
    content : bytes
        As `findings_csv` wrote it, filled.
    because : str
        Reason of the rows that name a reference to take out and give none.

    Raises
    ------
    BrokenManifest
        No CSV in UTF-8, or a column is missing.
    """
    stand: dict[str, str] = {}
    take_out: dict[str, str] = {}
    bad: list[BadLine] = []
    for line, row in _filled(content):
        reason = row["because"] or (because.strip() if row["take_out"] else "")
        if not (row["take_out"] or row["because"]):
            continue
        problem = _problem(row, reason, ledger, stand)
        if problem:
            bad.append(BadLine(line, problem))
        elif row["take_out"]:
            take_out.setdefault(row["take_out"], reason)
        else:
            stand[row["key"]] = reason
    return Settlement(stand, take_out), bad


def _problem(row: Mapping[str, str], reason: str, ledger: Ledger, stand: Mapping[str, str]) -> str | None:
    check, colon, listed = row["key"].partition(":")
    references = listed.split("+")
    unknown = [each for each in references if each not in ledger.standings]
    if not (check and colon) or unknown:
        return f"{row['key'] or 'an empty key'} is no finding about references of this store; write the table anew"
    if row["key"] in stand:
        return f"{row['key']} is settled twice; keep one of the rows"
    if not reason:
        return "a reference is taken out with a reason; write it into because"
    if row["take_out"] and row["take_out"] not in references:
        return f"take_out is {row['take_out']!r}; write one of {', '.join(references)}, or nothing"
    if row["take_out"] and ledger.standings[row["take_out"]].state in GONE:
        return f"{row['take_out']} is {ledger.standings[row['take_out']].state} already"
    return None


def _about(rows: Iterable[ManifestRow]) -> tuple[list[str], list[str], list[str]]:
    listed = list(rows)
    names = [f"{row.substance}, {row.form}" if row.form else row.substance for row in listed]
    return names, [row.substance_class or "" for row in listed], [row.source for row in listed]


def _rows(ledger: Ledger) -> dict[str, ManifestRow]:
    return {identifier: each.reference.row for identifier, each in ledger.standings.items()}


def _filled(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in ("key", "take_out", "because") if name not in (reader.fieldnames or ())]
        if missing:
            raise BrokenManifest(f"the table of findings lacks the column {missing[0]}; write it anew and fill that")
        return [
            (reader.line_num, {name: (row.get(name) or "").strip() for name in (reader.fieldnames or ())})
            for row in reader
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenManifest(f"the table of findings is no CSV in UTF-8 ({error}); save it as such") from None
