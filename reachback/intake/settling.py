"""The second transaction of an upload: result, case, events, deliveries and receipt together, or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from reachback.audit.service import AuditService
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.cases.states import OPEN
from reachback.clock import Clock, as_utc_text
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.models import Scan, ScanState
from reachback.intake.opening_rules import BETTER_SCAN_WITHIN, Opening, decide_opening, primary_of
from reachback.intake.record_json import case_in_short
from reachback.notify.service import NotifyService

__all__ = ["Settler"]

# A scan of the same exhibit that is older than this belongs to another day's work.
SAME_EXHIBIT_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Settler:
    """Writes what came of a scan."""

    database: Database
    clock: Clock
    notify: NotifyService
    cases: CaseService
    audit: AuditService

    def settle(self, scan_id: str, found: Mapping[str, Any], owner: str) -> dict[str, Any] | None:
        """Status and body of the answer; None where another process has taken the scan over meanwhile."""
        with self.database.writing("intake", "scan.identify") as session:
            reserved = repository.reserved_scan(session, scan_id)
            if reserved is None or reserved[0].owner != owner:
                return None
            reservation, scan = reserved
            if reservation.receipt is None:
                case = self._write(session, scan, found)
                reservation.receipt = self._answer(session, scan, case)
            return dict(reservation.receipt)

    def open_review(self, session: Session, scan: Scan) -> tuple[Case, bool]:
        """The officer wants a chemist: the scan's open case, or a new one; true where it is new."""
        known = None if scan.case_id is None else self.cases.find(session, scan.case_id)
        if known is not None and known.state in OPEN:
            return known, False
        opening = decide_opening(
            scan.identifications or [], {**scan.form, "want_review": True}, scan.device_results or []
        )
        assert opening is not None  # noqa: S101 – a wish always opens one
        case = self._place(session, scan, opening)
        assert case is not None  # noqa: S101
        return case, True

    def decide_late(self, scan_id: str) -> bool:
        """Open the case of an unusable scan, unless a better one of its exhibit came meanwhile."""
        with self.database.writing("clock", "scan.decide") as session:
            scan = repository.get_scan(session, scan_id)
            if scan is None or scan.decide_at is None or scan.decide_at > self.clock.now():
                return False  # another process was faster
            followed = repository.better_scan_followed(session, scan)
            scan.decide_at = None
            opening = decide_opening(scan.identifications or [], scan.form, scan.device_results or [])
            if followed or opening is None or scan.case_id is not None:
                return False
            self._place(session, scan, Opening(opening.lane, opening.reasons))
            return True

    def _write(self, session: Session, scan: Scan, found: Mapping[str, Any]) -> Case | None:
        """Write what was found, and the case it belongs to; the case first, so that the scan is written once."""
        results, refusals, device = list(found["results"]), list(found["refusals"]), list(found["device"])
        # A file that no reader can follow is nobody's verdict; but a wish, a strip or an exposure still counts.
        opening = decide_opening(results, scan.form, device if results else ())
        case = self._place(session, scan, opening) if results or opening is not None else None
        scan.identifications, scan.refusals, scan.device_results = results, refusals, device
        scan.primary_index = primary_of(results)
        scan.outcome = None if scan.primary_index is None else results[scan.primary_index]["outcome"]
        scan.state = ScanState.IDENTIFIED if results else ScanState.UNREADABLE
        if not results:
            scan.error = "; ".join(dict.fromkeys(refusal["error"] for refusal in refusals)) or "holds no spectrum"
        self.notify.tell(session, f"scan.{scan.state}", scan.id, scan.unit)
        return case

    def _place(self, session: Session, scan: Scan, opening: Opening | None) -> Case | None:
        """Put a scan into the open case of its exhibit, or into a new one where one is wanted now."""
        case = None
        if scan.exhibit is not None:
            case = self.cases.open_case_of_exhibit(session, scan.unit, scan.exhibit)
        if case is not None:
            self.cases.join(session, case, [scan.id], None if opening is None else opening.lane)
        elif opening is not None and opening.at_once:
            case = self._open(session, scan, opening)
        elif opening is not None:
            scan.decide_at = scan.received_at + BETTER_SCAN_WITHIN
        if case is not None:
            scan.case_id = case.id
            scan.decide_at = None
        return case

    def _open(self, session: Session, scan: Scan, opening: Opening) -> Case:
        earlier: list[Scan] = []
        if scan.exhibit is not None:
            since = self.clock.now() - SAME_EXHIBIT_WITHIN
            found = repository.caseless_scans_of_exhibit(session, scan.unit, scan.exhibit, since)
            earlier = [each for each in found if each.id != scan.id]
        case = self.cases.open_case(
            session,
            unit=scan.unit,
            exhibit=scan.exhibit,
            lane=opening.lane,
            because=opening.because,
            scan_ids=[*(each.id for each in earlier), scan.id],
        )
        for each in earlier:
            each.case_id, each.decide_at = case.id, None
        return case

    def _answer(self, session: Session, scan: Scan, case: Case | None) -> dict[str, Any]:
        # The entry of the upload itself: this transaction's own entries get their numbers after this is written.
        index, checkpoint = self.audit.receipt(session, "scans", scan.id)
        receipt = {
            "received_at": as_utc_text(scan.received_at),
            "audit_index": index,
            "checkpoint": checkpoint,
        }
        if scan.state == ScanState.UNREADABLE:
            refusal = {"scan_id": scan.id, "sha256": scan.sha256, "reason": scan.error, "receipt": receipt}
            return {"status": 422, "body": refusal}
        identification = (scan.identifications or [])[scan.primary_index or 0]
        body = {
            "scan_id": scan.id,
            "sha256": scan.sha256,
            "identification": identification,
            "case": case_in_short(case),
            "receipt": receipt,
        }
        return {"status": 201, "body": body}
