"""Where a link to a case leads: messages say ``/cases/{id}``, whoever reads them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.problems import NotFound
from reachback.web.chemist.worklist_pages import LOOKERS
from reachback.web.entrance_pages import see_other

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
Anyone = Annotated[Principal, Depends(allow(*Role))]


@router.get("/cases/{case_id}")
def case_link(case_id: str, request: Request, principal: Anyone) -> Response:
    """Chemists and overseers go to the desk, laboratories to their results, officers to the scan it is about."""
    case = request.app.state.services.cases.show(case_id, principal)
    if principal.role in LOOKERS:
        return see_other(f"/desk/cases/{case['case_id']}")
    if principal.role is Role.LIBRARIAN:
        return see_other(f"/library/referrals/{case['case_id']}")
    if not case["scan_ids"]:
        raise NotFound("this case holds no scan, so there is nothing to read in it yet")
    return see_other(f"/scans/{case['scan_ids'][-1]}")
