"""Scans of a unit as a list: newest first, searched, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reachback.accounts.rights import Principal
from reachback.cases.service import CaseService
from reachback.clock import as_utc_text
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.models import Scan
from reachback.intake.record_json import case_in_short
from reachback.problems import Unprocessable

__all__ = ["MOST_WORDS", "ScanHistory"]

MOST_WORDS = 8  # of a search; more say nothing more
_CURSOR = "before: use the address that the page before gave"


@dataclass(frozen=True, slots=True)
class ScanHistory:
    """What a unit has scanned."""

    database: Database
    cases: CaseService

    def page(
        self, principal: Principal, search: str, answered: bool | None, before: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Scans of the reader's own unit, or of all where the role sees all; and where the next page begins."""
        unit = None if principal.sees_all_units else principal.unit
        words = search.split()[:MOST_WORDS]
        with self.database.reading() as session:
            found = repository.newest_scans(session, unit, words, answered, _place(before), limit + 1)
            shown = found[:limit]
            cases = {scan.id: case_in_short(self.cases.find(session, scan.case_id)) for scan in shown if scan.case_id}
        last = f"{as_utc_text(shown[-1].received_at)}~{shown[-1].id}" if len(found) > limit else None
        return [_as_row(scan, cases.get(scan.id)) for scan in shown], last


def _as_row(scan: Scan, case: Mapping[str, Any] | None) -> dict[str, Any]:
    elements = scan.identifications or []
    return {
        "scan_id": scan.id,
        "file_name": scan.file_name,
        "unit": scan.unit,
        "exhibit": scan.exhibit,
        "received_at": as_utc_text(scan.received_at),
        "state": str(scan.state),
        "error": scan.error,
        "identification": None if scan.primary_index is None else elements[scan.primary_index],
        "case": case,
    }


def _place(before: str | None) -> tuple[datetime, str] | None:
    if before is None:
        return None
    text, _, scan_id = before.partition("~")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unprocessable(_CURSOR) from error
    if moment.tzinfo is None or not scan_id.isprintable():
        raise Unprocessable(_CURSOR)
    return moment, scan_id
