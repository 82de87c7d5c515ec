"""Notices over HTTP: what concerns the account that asks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.notify.notices import Notices

__all__ = ["router"]

router = APIRouter(tags=["notices"])

Anyone = Annotated[Principal, Depends(allow(*Role))]


def _notices(request: Request) -> Notices:
    return Notices(request.app.state.services.database)


MyNotices = Annotated[Notices, Depends(_notices)]


@router.get("/notices")
def list_notices(notices: MyNotices, principal: Anyone, unread: bool = False) -> dict[str, Any]:
    """One's own notices, newest first: answers, corrections, questions. They hold links, never findings."""
    return {"items": notices.of_account(principal, unread_only=unread)}


@router.post("/notices/{notice_id}/read")
def mark_as_read(notice_id: str, notices: MyNotices, principal: Anyone) -> dict[str, Any]:
    """Say that a notice was read."""
    return notices.mark_as_read(notice_id, principal)
