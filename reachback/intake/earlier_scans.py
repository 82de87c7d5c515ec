"""Answered scans that a verdict reminds of: the same substances named, or the same references nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reachback.accounts.rights import Principal
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.models import Scan
from reachback.problems import NotAllowed

__all__ = ["EarlierScan", "EarlierScans"]

_MOST_LOOKED_AT = 30
_NEAREST = 3  # references of the hit list that count


@dataclass(frozen=True, slots=True)
class EarlierScan:
    """A spectrum of an answered case."""

    scan_id: str
    case_id: str
    sha256: str
    file_name: str
    received_at: datetime
    exhibit: str | None
    unit: str
    position: int
    element: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EarlierScans:
    """The archive of answered cases, as far as a reader's memory would go."""

    database: Database

    def like(self, element: Mapping[str, Any], case_id: str, principal: Principal) -> list[EarlierScan]:
        """Spectra of other, answered cases whose verdict shares something with this one, newest first."""
        if not principal.sees_all_units:
            raise NotAllowed("earlier cases of all units are shown to readers only")
        substances = [str(part["substance"]) for part in element.get("components") or ()]
        references = [
            str(hit["reference"]) for hit in (element.get("candidates") or ())[:_NEAREST] if hit.get("reference")
        ]
        if not substances and not references:
            return []
        with self.database.reading() as session:
            scans = repository.answered_scans_like(session, substances, references, case_id, _MOST_LOOKED_AT)
        technique = (element.get("scan") or {}).get("technique")
        found = ((scan, _best(scan.identifications or (), technique)) for scan in scans)
        return [_as_earlier(scan, *best) for scan, best in found if best is not None]


def _as_earlier(scan: Scan, position: int, element: Mapping[str, Any]) -> EarlierScan:
    return EarlierScan(
        scan_id=scan.id,
        case_id=str(scan.case_id),
        sha256=scan.sha256,
        file_name=scan.file_name,
        received_at=scan.received_at,
        exhibit=scan.exhibit,
        unit=scan.unit,
        position=position,
        element=element,
    )


def _best(elements: Sequence[Mapping[str, Any]], technique: str | None) -> tuple[int, Mapping[str, Any]] | None:
    """The first usable spectrum of a file that was measured by this technique."""
    for position, element in enumerate(elements):
        is_usable = bool((element.get("quality") or {}).get("usable"))
        if is_usable and (element.get("scan") or {}).get("technique") == technique:
            return position, element
    return None
