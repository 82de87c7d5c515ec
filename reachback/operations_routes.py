"""Whether the service lives, and its figures: for load balancers and Prometheus, so for everybody within reach."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import text

from reachback.accounts.routes_rights import public
from reachback.assembly import Services
from reachback.metrics import metrics_text
from reachback.problems import Busy

__all__ = ["router"]

router = APIRouter(tags=["operations"], dependencies=[Depends(public)])


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


@router.get("/healthz")
def health(request: Request) -> dict[str, str]:
    """200 once scans can be identified; 503 before, and where the database does not answer."""
    services = _services(request)
    if not services.identifier.is_ready():
        raise Busy("the library is being opened; no scan can be identified yet", retry_after=2)
    with services.database.reading() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}, "description": "figures"}}
)
def metrics(request: Request) -> Response:
    """Figures in the text form of Prometheus, computed from the database."""
    services = _services(request)
    with services.database.reading() as session:
        text_form = metrics_text(session, services.clock.now())
    return Response(text_form, media_type="text/plain; version=0.0.4; charset=utf-8")
