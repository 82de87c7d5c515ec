"""The workbench: one case on one page, and the parts of it that change or that are fetched when they are wanted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.problems import Conflict, NotFound
from reachback.web.chemist.desk_words import DESK_STATES, LANE_WORDS, OUTCOME_CHOICES, READING_WORDS
from reachback.web.chemist.earlier_cases import earlier_cases
from reachback.web.chemist.evidence_pages import bench_of, opened_scan
from reachback.web.chemist.workbench_view import Workbench, workbench
from reachback.web.chemist.worklist_pages import LOOKERS
from reachback.web.rendering import render_page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
Looker = Annotated[Principal, Depends(allow(*LOOKERS))]
Position = Annotated[int, Query(ge=0, le=100_000)]
PICTURE_POLICY = "default-src 'none'; sandbox"
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}


@router.get("/desk/cases/{case_id}")
def show_case(case_id: str, request: Request, principal: Looker) -> Response:
    """The whole page."""
    return _part(request, case_id, principal, "chemist/workbench.html")


@router.get("/desk/cases/{case_id}/now")
def case_now(case_id: str, request: Request, principal: Looker) -> Response:
    """Who holds the case, how long it has, and what the officer answered."""
    return _part(request, case_id, principal, "chemist/case_now.html")


@router.get("/desk/cases/{case_id}/views")
def views(case_id: str, request: Request, principal: Looker) -> Response:
    """What others think of it: the machine, the device, the officer; empty for who reads blind."""
    return _part(request, case_id, principal, "chemist/views.html")


@router.get("/desk/cases/{case_id}/earlier")
def earlier(case_id: str, request: Request, principal: Looker, scan: str, spectrum: Position = 0) -> Response:
    """Earlier cases that this one reminds of."""
    services, bench = request.app.state.services, bench_of(request)
    case, shown = _unfolded_scan(request, case_id, scan, principal)
    element = _element(shown, spectrum)
    opened = opened_scan(request, shown, spectrum, principal)
    found = earlier_cases(services, bench, opened, element, str(case["case"]["case_id"]), principal)
    return render_page(request, "chemist/earlier.html", principal, earlier=found)


@router.get("/desk/cases/{case_id}/as-written")
def as_written(case_id: str, request: Request, principal: Looker, scan: str, spectrum: Position = 0) -> Response:
    """The file's own words: metadata as the adapters understood it, and the header as it stands."""
    _, shown = _unfolded_scan(request, case_id, scan, principal)
    _element(shown, spectrum)
    opened = opened_scan(request, shown, spectrum, principal)
    return render_page(
        request, "chemist/as_written.html", principal, recording=opened.recording, scan_id=scan, shown=shown
    )


@router.get("/desk/cases/{case_id}/photos/{attachment_id}")
def photo(case_id: str, attachment_id: str, request: Request, principal: Looker) -> Response:
    """A photo beside a scan of the case, as a picture that a page can show; whatever is no picture is not shown."""
    services = request.app.state.services
    for scan in services.adjudication.readings.evidence(case_id, principal)["scans"]:
        try:
            stored = services.intake.attachment(scan["scan_id"], attachment_id, principal)
        except NotFound:
            continue
        kind = picture_kind(stored.content)
        if kind is None:
            raise NotFound("this attachment is no picture that a browser shows; download it")
        headers = {
            "Content-Security-Policy": PICTURE_POLICY,
            "Cache-Control": "private, max-age=3600",
            "Vary": "Cookie",
        }
        return Response(stored.content, media_type=kind, headers=headers)
    raise NotFound("there is no such photo")


def picture_kind(content: bytes) -> str | None:
    """The media type that the bytes themselves show; what the sender called it counts for nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), None)


def _part(request: Request, case_id: str, principal: Principal, template: str) -> Response:
    bench: Workbench = workbench(request.app.state.services, case_id, principal)
    return render_page(
        request,
        template,
        principal,
        bench=bench,
        lanes=LANE_WORDS,
        states=DESK_STATES,
        readings=READING_WORDS,
        outcomes=OUTCOME_CHOICES,
        me=principal.name,
        is_chemist=principal.role is Role.CHEMIST,
    )


def _unfolded_scan(
    request: Request, case_id: str, scan_id: str, principal: Principal
) -> tuple[dict[str, Any], dict[str, Any]]:
    case: dict[str, Any] = request.app.state.services.adjudication.readings.evidence(case_id, principal)
    if not case["unfolded"]:
        raise Conflict(str(case["to_unfold"]))
    shown = next((each for each in case["scans"] if each["scan_id"] == scan_id), None)
    if shown is None:
        raise NotFound("this case holds no such scan")
    return case, shown


def _element(shown: dict[str, Any], position: int) -> dict[str, Any]:
    elements = shown["suspicions"]["machine"]
    if position >= len(elements):
        raise NotFound("this scan holds no such spectrum")
    element: dict[str, Any] = elements[position]
    return element
