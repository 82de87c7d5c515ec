"""The library over HTTP: its references and releases, proposals from cases, and their review.

A librarian proposes, another librarian reviews. Releases are made in the background (`reachback.library_work`), since
checking a whole library takes longer than a request should.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from reachback.accounts.library_rights import LIBRARY_STAFF, Librarian
from reachback.curation.library_desk import LibraryDesk
from reachback.curation.schemas import ProposalBody, ReasonBody, ReviewBody
from reachback.curation.service import CurationService

__all__ = ["router"]

router = APIRouter(tags=["library"], prefix="/library")


def _curation(request: Request) -> CurationService:
    service: CurationService = request.app.state.services.curation
    return service


def _desk(request: Request) -> LibraryDesk:
    desk: LibraryDesk = request.app.state.services.library_desk
    return desk


Curation = Annotated[CurationService, Depends(_curation)]
Desk = Annotated[LibraryDesk, Depends(_desk)]


@router.post("/references/review")
def review_references(body: ReviewBody, desk: Desk, principal: Librarian) -> dict[str, Any]:
    """Accept proposed references, or send them back with a comment; nobody reviews what he proposed himself."""
    return {"reference_ids": desk.review(body.reference_ids, body.accepted, body.comment, principal)}


@router.get("/releases", dependencies=[LIBRARY_STAFF])
def list_releases(desk: Desk) -> dict[str, Any]:
    """Releases of the laboratory's store, newest first."""
    return {"items": desk.releases()}


@router.get("/candidates", dependencies=[LIBRARY_STAFF])
def list_candidates(curation: Curation) -> dict[str, Any]:
    """References that grew from cases, with their chain of evidence, newest first."""
    return {"items": curation.list_proposals()}


@router.post("/candidates", status_code=201)
def propose_scan(body: ProposalBody, curation: Curation, principal: Librarian, response: Response) -> dict[str, Any]:
    """Propose a scan that a chemist adjudicated and a laboratory confirmed; 200 where it was proposed before."""
    made, is_new = curation.propose(body.case_id, body.scan_id, body.stated(), principal)
    if not is_new:
        response.status_code = 200
    return made


@router.post("/candidates/{proposal_id}/withdraw")
def withdraw_candidate(proposal_id: str, body: ReasonBody, curation: Curation, principal: Librarian) -> dict[str, Any]:
    """Take a proposal back, here and in the library; a reference that was released is deprecated."""
    return curation.withdraw(proposal_id, body.because, principal)
