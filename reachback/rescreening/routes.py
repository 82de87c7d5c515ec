"""Re-screening over HTTP: which runs there were, and why a retrospective case was opened."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from reachback.accounts.library_rights import LIBRARY_STAFF
from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.rescreening.service import RescreeningService

__all__ = ["router"]

router = APIRouter(tags=["rescreening"])

Looker = Annotated[Principal, Depends(allow(Role.CHEMIST, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN))]


def _rescreening(request: Request) -> RescreeningService:
    service: RescreeningService = request.app.state.services.rescreening
    return service


Rescreening = Annotated[RescreeningService, Depends(_rescreening)]


@router.get("/rescreenings", dependencies=[LIBRARY_STAFF])
def list_runs(rescreening: Rescreening) -> dict[str, Any]:
    """Runs through the archive, newest first, with their progress."""
    return {"items": rescreening.runs()}


@router.get("/cases/{case_id}/retrospective-hits")
def list_hits(case_id: str, rescreening: Rescreening, principal: Looker) -> dict[str, Any]:
    """What the new references say of the scans of a retrospective case; empty before a reader's first impression."""
    return {"items": rescreening.hits_of_case(case_id, principal)}
