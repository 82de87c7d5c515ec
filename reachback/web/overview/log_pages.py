"""The audit log as it is read: by actor, action, case and time; one entry with its proof; all of it verified."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.insight.log_search import AskedOfLog, LogSearch
from reachback.insight.log_verification import LogVerification
from reachback.insight.period import Period
from reachback.problems import Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.rendering import render_page

__all__ = ["LOG_READERS", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
LOG_READERS = (Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
LogReader = Annotated[Principal, Depends(allow(*LOG_READERS))]
Word = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(max_length=10)]
_PAGE_LENGTH = 50
_LARGEST = 2**62


def _search(request: Request) -> LogSearch:
    return LogSearch(request.app.state.services.database)


def _verification(request: Request) -> LogVerification:
    services = request.app.state.services
    return LogVerification(services.database, services.clock, request.app.state.settings.data_dir)


@router.get("/audit")
def log_page(
    request: Request,
    principal: LogReader,
    actor: Word = "",
    action: Word = "",
    case: Word = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    zone: Annotated[str, Query(max_length=64)] = "UTC",
    before: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
) -> Response:
    """Entries, newest first."""
    typed = {"actor": actor, "action": action, "case": case, "from": first, "to": last, "zone": zone}
    context: dict[str, Any] = {
        "typed": typed,
        "before": before,
        "problem": None,
        "found": None,
        "query": urlencode(typed),
    }
    try:
        since, until = _moments(first, last, zone)
    except Unprocessable as problem:
        context["problem"] = problem
    else:
        asked = AskedOfLog(actor.strip(), action.strip(), case.strip(), since, until, before)
        context["found"] = _search(request).page(asked, _PAGE_LENGTH)
    status = 200 if context["problem"] is None else Unprocessable.status
    return render_page(
        request,
        "overview/log.html",
        principal,
        status=status,
        **context,
        **_verdict(request),
        is_admin=_is_admin(principal),
    )


@router.get("/audit/verification")
def verification_now(request: Request, principal: LogReader) -> Response:
    """The last answer, or that one is under way."""
    return render_page(request, "overview/verification.html", principal, **_verdict(request))


@router.post("/audit/verify")
def verify_whole_log(request: Request, principal: LogReader) -> Response:
    """Begin a verification; where one is under way already, its answer will do."""
    _verification(request).begin(principal)
    return see_other("/audit")


@router.get("/audit/{index}")
def entry_page(index: Annotated[int, Path(ge=0, le=_LARGEST)], request: Request, principal: LogReader) -> Response:
    """One entry, and the proof that it is in the log."""
    services = request.app.state.services
    proof = services.audit.show_proof(index, None)
    return render_page(
        request,
        "overview/entry.html",
        principal,
        index=index,
        proof=proof,
        entry=proof["entry"],
        actor_name=_search(request).names_of(proof["entry"]["actor"]),
        is_admin=_is_admin(principal),
    )


def _verdict(request: Request) -> dict[str, Any]:
    verification = _verification(request)
    return {"is_running": verification.is_running(), "report": verification.last()}


def _is_admin(principal: Principal) -> bool:
    return principal.role is Role.ADMIN


def _moments(first: str, last: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day to the end of the last, each as far as it was typed."""
    begins, ends = _day("from", first), _day("to", last)
    known = Period(begins or ends or date(2001, 1, 1), ends or begins or date(2001, 1, 1), zone or "UTC")
    since = None if begins is None else known.begins_at
    return since, None if ends is None else datetime.combine(ends + timedelta(days=1), time(), ZoneInfo(known.zone))


def _day(name: str, typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Unprocessable(f"{name}: {typed} is no day; write it as in 2026-03-31") from None
