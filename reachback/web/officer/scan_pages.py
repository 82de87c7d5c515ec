"""A scan as its officer reads it: verdict, answer, clock, questions, picture; and his unit's scans."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import StringConstraints

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.intake.history import ScanHistory
from reachback.plain_text import PlainText
from reachback.problems import Conflict
from reachback.web.entrance_pages import see_other
from reachback.web.officer.scan_view import scan_view
from reachback.web.rendering import render_page
from reachback.web.verdict_words import verdict_words

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
PAGE_LENGTH = 25
Anyone = Annotated[Principal, Depends(allow(*Role))]
# A list of verdicts would tell a chemist what the machine thinks of cases he has still to read.
Lister = Annotated[Principal, Depends(allow(*(frozenset(Role) - {Role.CHEMIST})))]
Sender = Annotated[Principal, Depends(allow(Role.OFFICER, Role.CHEMIST, Role.SUPERVISOR))]
MayAnswer = Annotated[Principal, Depends(allow(Role.OFFICER, Role.SUPERVISOR))]
Words = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # the drawing's own styles, and nothing else


@router.get("/scans")
def list_scans(
    request: Request,
    principal: Lister,
    q: Annotated[str, Query(max_length=200)] = "",
    show: Literal["all", "open", "answered"] = "all",
    before: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The unit's scans, newest first."""
    services = request.app.state.services
    answered = {"all": None, "open": False, "answered": True}[show]
    rows, following = ScanHistory(services.database, services.cases).page(principal, q, answered, before, PAGE_LENGTH)
    for row in rows:
        row["verdict"] = None if row["identification"] is None else verdict_words(row["identification"])
    return render_page(
        request,
        "officer/scans.html",
        principal,
        rows=rows,
        following=following,
        search=q,
        show=show,
        before=before,
    )


@router.get("/scans/{scan_id}")
def show_scan(scan_id: str, request: Request, principal: Anyone) -> Response:
    """Everything an officer needs to know of one scan."""
    return _scan_page(request, scan_id, principal, "officer/scan.html")


@router.get("/scans/{scan_id}/now")
def scan_now(scan_id: str, request: Request, principal: Anyone) -> Response:
    """The part of the page that changes while one looks at it."""
    return _scan_page(request, scan_id, principal, "officer/scan_now.html")


@router.get("/scans/{scan_id}/picture.svg")
def picture(
    scan_id: str, request: Request, principal: Anyone, spectrum: Annotated[int, Query(ge=0, le=10_000)] = 0
) -> Response:
    """The scan, what was found in it, and what is left over."""
    drawing = request.app.state.services.replies.documents.drawing(scan_id, spectrum, principal)
    headers = {"Content-Security-Policy": SVG_POLICY, "Cache-Control": "private, max-age=3600", "Vary": "Cookie"}
    return Response(drawing.svg, media_type="image/svg+xml", headers=headers)


@router.post("/scans/{scan_id}/review")
def ask_for_chemist(scan_id: str, request: Request, principal: Sender) -> Response:
    """The officer wants a chemist."""
    request.app.state.services.intake.review(scan_id, principal)
    return see_other(f"/scans/{scan_id}")


@router.post("/scans/{scan_id}/answer")
def answer_question(scan_id: str, request: Request, principal: MayAnswer, answer: Annotated[Words, Form()]) -> Response:
    """The answer to what a chemist asked."""
    services = request.app.state.services
    record = services.intake.show(scan_id, principal)
    if record["case"] is None:
        raise Conflict("this scan has no case, so nobody has asked anything")
    services.adjudication.questions.answer(record["case"]["case_id"], answer, principal)
    return see_other(f"/scans/{scan_id}?taken=answer-{scan_id}")


def _scan_page(request: Request, scan_id: str, principal: Principal, template: str) -> Response:
    view = scan_view(request.app.state.services, scan_id, principal)
    taken = request.query_params.get("taken", "")
    return render_page(request, template, principal, scan=view, taken=taken if taken.isprintable() else "")
