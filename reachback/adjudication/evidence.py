"""What a reader is shown, and when: the scan always, every suspicion only after his own first impression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.adjudication.models import Finding, FirstImpression
from reachback.cases.models import Case, CaseState
from reachback.clock import as_utc_text

__all__ = ["ScanRecord", "ScanSource", "is_unfolded", "may_see_findings", "scan_as_evidence"]

BEING_READ = frozenset(
    {CaseState.QUEUED, CaseState.CLAIMED, CaseState.AWAITING_OFFICER, CaseState.SECOND_READ, CaseState.THIRD_READ}
)
# Of the officer's form, what says how and where, but not what anybody thinks it is. All else waits.
NEUTRAL_FIELDS = frozenset(
    {
        "technique",
        "mode",
        "laser_nm",
        "y_units",
        "device_serial",
        "self_test",
        "exhibit",
        "seizure_number",
        "place",
        "found_at",
        "scanned_at",
        "appearance",
        "packaging",
        "sampled_through_bag",
        "weight",
        "call_back",
    }
)


class ScanRecord(Protocol):
    """A scan, as intake keeps it."""

    @property
    def id(self) -> str:
        """The scan's id."""
        ...

    @property
    def account_id(self) -> str:
        """Who uploaded it."""
        ...

    @property
    def file_name(self) -> str:
        """As the upload named it."""
        ...

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        ...

    @property
    def received_at(self) -> datetime:
        """When it was received."""
        ...

    @property
    def form(self) -> dict[str, Any]:
        """The officer's form, as sent."""
        ...

    @property
    def identifications(self) -> list[dict[str, Any]] | None:
        """Elements of ``results``, one for each spectrum; None where the file was unreadable."""
        ...

    @property
    def device_results(self) -> list[dict[str, Any]] | None:
        """What the device said, in its own words."""
        ...

    @property
    def primary_index(self) -> int | None:
        """Position of the first usable spectrum."""
        ...


class ScanSource(Protocol):
    """Where scans come from; intake offers it, and nobody here knows its tables."""

    def scans_of_case(self, session: Session, case_id: str, /) -> Sequence[ScanRecord]:
        """Scans of a case, in the order they were received."""
        ...


def is_unfolded(case: Case, principal: Principal, impressions: Sequence[FirstImpression]) -> bool:
    """Whether this reader may see what the machine, the device and the officer think.

    A chemist may once his own first impression is recorded, or once nobody reads the case any more. Those who never
    read cases see everything.
    """
    if principal.role is not Role.CHEMIST or case.state not in BEING_READ:
        return True
    return any(impression.account_id == principal.account_id for impression in impressions)


def may_see_findings(
    case: Case, principal: Principal, findings: Sequence[Finding], impressions: Sequence[FirstImpression]
) -> bool:
    """Whether this account may see what other readers found: never while it might have to read the case blind."""
    if principal.role in (Role.OFFICER, Role.DEVICE):
        return case.released_at is not None or case.preliminary_at is not None
    if principal.role is not Role.CHEMIST or case.state not in BEING_READ:
        return True
    if case.state != CaseState.THIRD_READ:
        return False
    # Who decides between two findings has to know their arguments, once he has looked himself.
    readers = {row.account_id for row in findings} | {row.account_id for row in impressions}
    return principal.account_id in readers


def scan_as_evidence(scan: ScanRecord, unfolded: bool) -> dict[str, Any]:
    """One scan: where its bytes are, how it was measured, and – unfolded – what was thought of it."""
    return {
        "scan_id": scan.id,
        "file_name": scan.file_name,
        "sha256": scan.sha256,
        "file": f"/api/v1/scans/{scan.id}/file",
        "received_at": as_utc_text(scan.received_at),
        "spectra": [
            {"scan": _measured(element), "quality": element.get("quality")} for element in scan.identifications or ()
        ],
        "circumstances": {key: value for key, value in scan.form.items() if key in NEUTRAL_FIELDS},
        "suspicions": _suspicions(scan) if unfolded else None,
    }


def _suspicions(scan: ScanRecord) -> dict[str, Any]:
    return {
        "machine": scan.identifications or [],
        "primary_index": scan.primary_index,
        "device": scan.device_results or [],
        "officer": {key: value for key, value in scan.form.items() if key not in NEUTRAL_FIELDS},
    }


def _measured(element: Mapping[str, Any]) -> dict[str, Any]:
    """How a spectrum was measured; its title is somebody's words for what it might be."""
    return {key: value for key, value in element.get("scan", {}).items() if key != "title"}
