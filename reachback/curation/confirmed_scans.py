"""When a scan may become a reference, and the chain of evidence that it carries: pure rules, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reachback.adjudication.models import Finding, FindingOutcome, LaboratoryResult
from reachback.cases.models import Case, CaseState
from reachback.clock import as_utc_text
from reachback.intake.models import Scan

__all__ = ["Confirmed", "broken_confirmation", "evidence_of", "refusal", "same_substance"]


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """A case with its answer, and the laboratory's result that bears it out; None where there is none."""

    case: Case
    finding: Finding | None
    results: Sequence[LaboratoryResult]

    @property
    def result(self) -> LaboratoryResult | None:
        """The newest result."""
        return self.results[-1] if self.results else None


def refusal(confirmed: Confirmed, scan: Scan) -> str | None:
    """Why this scan may not become a reference; None where nothing speaks against it."""
    finding, result = confirmed.finding, confirmed.result
    if confirmed.case.state != CaseState.LAB_CONFIRMED:
        return f"the case is {confirmed.case.state}; a reference needs an answer that a laboratory has confirmed"
    if finding is None or finding.outcome != FindingOutcome.IDENTIFIED or len(finding.components) != 1:
        return "the answer names no single substance; a mixture is no reference of any of its parts"
    if result is None or not result.agrees or len(result.components) != 1:
        return "the laboratory did not find exactly this one substance"
    if not same_substance(finding.components[0], result.components[0]):
        return "the laboratory names another substance or another form than the answer"
    if scan.id not in confirmed.case.scan_ids:
        return "the scan does not belong to the case"
    if scan.primary_index is None or not (scan.identifications or [])[scan.primary_index]["quality"]["usable"]:
        return "the scan holds no spectrum that is fit to be judged"
    return None


def broken_confirmation(confirmed: Confirmed, finding_id: str) -> str | None:
    """Why what a proposal stood on does not hold any more; None while it does."""
    if confirmed.case.state == CaseState.LAB_REFUTED or any(not each.agrees for each in confirmed.results):
        return "a laboratory has refuted the answer"
    if confirmed.case.state != CaseState.LAB_CONFIRMED:
        return f"the case is {confirmed.case.state}, no longer confirmed by a laboratory"
    if confirmed.finding is None or confirmed.finding.id != finding_id:
        return "the answer was corrected after the scan had been proposed"
    return None


def same_substance(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two components name one substance; a form that only one of them states contradicts nothing."""
    names = {str(part["substance"]).casefold() for part in (one, other)}
    forms = {str(part["form"]).casefold() for part in (one, other) if part.get("form")}
    return len(names) == 1 and len(forms) <= 1


def _spectrum(scan: Scan) -> int:
    """Which recording of its file was judged, counted from 0."""
    index: int = (scan.identifications or [])[scan.primary_index or 0]["scan"]["index"]
    return index


def evidence_of(confirmed: Confirmed, scan: Scan, indices: Mapping[str, int | None]) -> dict[str, Any]:
    """The chain: case, scan, finding, laboratory, and where the audit log holds each of them."""
    finding, result = confirmed.finding, confirmed.result
    assert finding is not None  # noqa: S101 – `refusal` was asked before
    assert result is not None  # noqa: S101
    return {
        "case": confirmed.case.id,
        "scan": {"id": scan.id, "sha256": scan.sha256, "spectrum": _spectrum(scan)},
        "finding": {"id": finding.id, "version": finding.version, "at": as_utc_text(finding.at)},
        "laboratory": {
            "id": result.id,
            "name": result.laboratory,
            "technique": result.technique,
            "reference_number": result.reference_number,
            "reported_at": as_utc_text(result.reported_at),
        },
        "audit": dict(indices),
    }
