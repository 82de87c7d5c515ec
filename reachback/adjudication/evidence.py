"""What a reader is shown of a scan: how it was measured always, every suspicion only after he has looked himself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from reachback.cases.blind_reading import measured, neutral_form, neutral_name
from reachback.clock import as_utc_text

__all__ = ["ScanRecord", "ScanSource", "scan_as_evidence"]


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


def scan_as_evidence(scan: ScanRecord, unfolded: bool) -> dict[str, Any]:
    """One scan: where its bytes are, how it was measured, and – unfolded – what was thought of it."""
    return {
        "scan_id": scan.id,
        "file_name": scan.file_name if unfolded else neutral_name(scan.id, scan.file_name),
        "sha256": scan.sha256,
        "file": f"/api/v1/scans/{scan.id}/file",
        "received_at": as_utc_text(scan.received_at),
        "spectra": [
            {"scan": measured(element), "quality": element.get("quality")} for element in scan.identifications or ()
        ],
        "circumstances": neutral_form(scan.form),
        "suspicions": _suspicions(scan) if unfolded else None,
    }


def _suspicions(scan: ScanRecord) -> dict[str, Any]:
    neutral = neutral_form(scan.form)
    return {
        "machine": scan.identifications or [],
        "primary_index": scan.primary_index,
        "device": scan.device_results or [],
        "officer": {key: value for key, value in scan.form.items() if key not in neutral},
    }
