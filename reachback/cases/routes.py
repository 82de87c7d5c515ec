"""Cases over HTTP: the queue, one case, and the four calls that hold one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.cases.models import CaseState
from reachback.cases.schemas import (
    CaseJson,
    CasePage,
    ClaimJson,
    HandedBackJson,
    LeaseToken,
    Withdrawal,
    cursor_of,
    query_of_next_page,
)
from reachback.cases.service import CaseService

__all__ = ["router"]

router = APIRouter(tags=["cases"])

Anyone = Annotated[Principal, Depends(allow(*Role))]
Reader = Annotated[Principal, Depends(allow(Role.CHEMIST))]
MayWithdraw = Annotated[Principal, Depends(allow(Role.OFFICER, Role.CHEMIST, Role.SUPERVISOR))]
_LARGEST_PAGE = 200


def _cases(request: Request) -> CaseService:
    service: CaseService = request.app.state.services.cases
    return service


Cases = Annotated[CaseService, Depends(_cases)]


@router.get("/cases", response_model=CasePage)
def list_cases(
    cases: Cases,
    principal: Anyone,
    state: Annotated[list[CaseState], Query(description="only cases in this state; may be repeated")] = [],  # noqa: B006 – the framework copies it
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE)] = 50,
    after: Annotated[str | None, Query(max_length=200, description="as the page before gave it")] = None,
) -> dict[str, Any]:
    """Cases, earliest due first; officers and devices see those of their own unit."""
    items, cursor = cases.page(state, principal, cursor_of(after), limit)
    return {"items": items, "next": query_of_next_page(state, limit, cursor)}


@router.post(
    "/cases/claim-next",
    response_model=ClaimJson,
    responses={204: {"description": "nothing is waiting for this reader"}},
)
def claim_next(cases: Cases, principal: Reader) -> Any:
    """Hold the most urgent case that waits for this reader: exposure, then suspected fentanyl, then all else."""
    claim = cases.claim_next(principal)
    return Response(status_code=204) if claim is None else claim.as_json()


@router.get("/cases/{case_id}", response_model=CaseJson)
def show_case(case_id: str, cases: Cases, principal: Anyone) -> dict[str, Any]:
    """One case."""
    return cases.show(case_id, principal)


@router.post("/cases/{case_id}/claim", response_model=ClaimJson)
def claim(case_id: str, cases: Cases, principal: Reader) -> dict[str, Any]:
    """Hold this case; 409 where another holds it or it is not this reader's to read."""
    return cases.claim(case_id, principal).as_json()


@router.post("/cases/{case_id}/renew", response_model=ClaimJson)
def renew(case_id: str, body: LeaseToken, cases: Cases, principal: Reader) -> dict[str, Any]:
    """A sign of life: the lease holds for its whole length again."""
    return cases.renew(case_id, body.lease_token, principal).as_json()


@router.post("/cases/{case_id}/hand-back")
def hand_back(case_id: str, body: LeaseToken, cases: Cases, principal: Reader) -> HandedBackJson:
    """Let go of a case; it waits for a reader again."""
    return HandedBackJson(case=CaseJson.model_validate(cases.hand_back(case_id, body.lease_token, principal)))


@router.post("/cases/{case_id}/withdraw")
def withdraw(case_id: str, cases: Cases, principal: MayWithdraw, body: Withdrawal | None = None) -> dict[str, CaseJson]:
    """End a case early; 409 once it is answered."""
    reason = "" if body is None else body.reason
    return {"case": CaseJson.model_validate(cases.withdraw(case_id, reason, principal))}
