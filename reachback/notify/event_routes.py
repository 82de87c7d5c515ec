"""``GET /events``: something changed, which id."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.notify.event_stream import stream_events

__all__ = ["router"]

router = APIRouter(tags=["events"])
_HIGHEST = 2**53


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "a stream that ends after ten minutes"}},
)
async def listen(
    request: Request,
    principal: Annotated[Principal, Depends(allow(*Role))],
    last_event_id: Annotated[int | None, Header(ge=0, le=_HIGHEST)] = None,
) -> StreamingResponse:
    """Hear of every change as it is committed; with ``Last-Event-ID``, from the event behind that one on."""
    services = request.app.state.services
    unit = None if principal.sees_all_units else principal.unit
    return StreamingResponse(
        stream_events(services.database, services.notify.clock, unit, last_event_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
