"""Replies over HTTP: release, amendment, laboratory result, the answer itself, report and package."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.adjudication.schemas import AmendmentBody, LaboratoryResultBody
from reachback.replies.service import ReplyService

__all__ = ["router"]

router = APIRouter(tags=["replies"])

Anyone = Annotated[Principal, Depends(allow(*Role))]
Reader = Annotated[Principal, Depends(allow(Role.CHEMIST))]
Laboratory = Annotated[Principal, Depends(allow(Role.CHEMIST, Role.LIBRARIAN, Role.SUPERVISOR))]


class Release(BaseModel):
    """Nothing is said here: what is released is what was found."""

    model_config = ConfigDict(extra="forbid")


def _replies(request: Request) -> ReplyService:
    service: ReplyService = request.app.state.services.replies
    return service


Replies = Annotated[ReplyService, Depends(_replies)]


@router.post("/cases/{case_id}/release")
def release(
    case_id: str,
    replies: Replies,
    principal: Reader,
    body: Release | None = None,  # noqa: ARG001 – checked to be empty, and nothing else
) -> dict[str, Any]:
    """The answer goes to the officer; 409 unless it is found, or a preliminary answer is allowed."""
    return replies.releases.release(case_id, principal)


@router.post("/cases/{case_id}/amend")
def amend(case_id: str, body: AmendmentBody, replies: Replies, principal: Reader) -> dict[str, Any]:
    """A new version after release; it goes to the officer, and the earlier versions stay."""
    return replies.releases.amend(case_id, body.as_statement(), principal, body.reason)


@router.post("/cases/{case_id}/lab-result")
def enter_laboratory_result(
    case_id: str, body: LaboratoryResultBody, replies: Replies, principal: Laboratory
) -> dict[str, Any]:
    """What the laboratory found; a contradiction sends a correction to everyone who was answered."""
    return replies.corrections.take(case_id, body.as_report(), principal)


@router.get("/cases/{case_id}/replies")
def list_replies(case_id: str, replies: Replies, principal: Anyone) -> dict[str, Any]:
    """Every version of the answer, the newest first."""
    return {"items": replies.of_case(case_id, principal)}


@router.get("/cases/{case_id}/reply")
def show_reply(case_id: str, replies: Replies, principal: Anyone) -> dict[str, Any]:
    """The answer that holds now."""
    return replies.of_case(case_id, principal)[0]


@router.get(
    "/scans/{scan_id}/report.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def report(
    scan_id: str,
    replies: Replies,
    principal: Anyone,
    version: Annotated[
        int | None, Query(ge=1, le=10_000, description="an earlier version; the newest if left out")
    ] = None,
) -> Response:
    """The report as released; before that, the machine's verdict, marked as not reviewed."""
    content = replies.documents.report(scan_id, version, principal)
    return _document(content, "application/pdf", f"report-{scan_id}.pdf")


@router.get(
    "/scans/{scan_id}/package.zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def package(scan_id: str, replies: Replies, principal: Anyone) -> Response:
    """Originals, report, data and proofs, with a program that checks them."""
    return _document(replies.documents.package(scan_id, principal), "application/zip", f"package-{scan_id}.zip")


def _document(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
