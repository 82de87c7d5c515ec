"""The worklist: what waits, for whom, and how long it may; and the way to the most urgent case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.cases.models import Lane
from reachback.cases.worklist import MOST_WAITING, URGENT, Waiting, Worklist
from reachback.problems import Conflict
from reachback.web.chemist.desk_words import LANE_WORDS, READING_WORDS
from reachback.web.entrance_pages import see_other
from reachback.web.rendering import render_page

__all__ = ["LOOKERS", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
LOOKERS = (Role.CHEMIST, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
Reader = Annotated[Principal, Depends(allow(Role.CHEMIST))]
Looker = Annotated[Principal, Depends(allow(*LOOKERS))]
Show = Literal["all", "free", "mine", "second"]
Word = Annotated[str, Query(max_length=20)]


def _worklist(request: Request) -> Worklist:
    services = request.app.state.services
    return Worklist(services.database, services.clock)


@router.get("/desk")
def worklist(request: Request, principal: Looker, lane: Word = "", show: Show = "all", note: Word = "") -> Response:
    """Everything that waits, first lane first."""
    return _list_page(request, principal, "chemist/worklist.html", _lane(lane, principal), show, note)


@router.get("/desk/rows")
def rows(request: Request, principal: Looker, lane: Word = "", show: Show = "all") -> Response:
    """The list alone, as it is now."""
    return _list_page(request, principal, "chemist/worklist_rows.html", _lane(lane, principal), show, "")


@router.post("/desk/take-next")
def take_next(request: Request, principal: Reader) -> Response:
    """Hold the most urgent case that waits for this reader, and open it."""
    claim = request.app.state.services.cases.claim_next(principal)
    return see_other("/desk?note=nothing" if claim is None else f"/desk/cases/{claim.case['case_id']}")


@router.post("/desk/cases/{case_id}/take")
def take(case_id: str, request: Request, principal: Reader) -> Response:
    """Hold this case, and open it; where somebody was faster, the list says so."""
    try:
        request.app.state.services.cases.claim(case_id, principal)
    except Conflict as refusal:
        return _list_page(request, principal, "chemist/worklist.html", None, "all", "", refusal)
    return see_other(f"/desk/cases/{case_id}")


def _lanes(principal: Principal) -> list[str]:
    """Lanes to choose from: who reads blind is not told which of the urgent ones a case is in."""
    return [URGENT, Lane.GENERAL, Lane.RETROSPECTIVE] if principal.role is Role.CHEMIST else list(Lane)


def _lane(name: str, principal: Principal) -> str | None:
    """The lane; none where the form was left at "all"."""
    return name if name in _lanes(principal) else None


def _list_page(
    request: Request,
    principal: Principal,
    template: str,
    lane: str | None,
    show: Show,
    note: str,
    refusal: Conflict | None = None,
) -> Response:
    waiting = _worklist(request).waiting(principal)
    return render_page(
        request,
        template,
        principal,
        status=200 if refusal is None else refusal.status,
        rows=_chosen(waiting, lane, show),
        n_waiting=len(waiting),
        n_free=sum(row.is_free and not row.is_mine for row in waiting),
        n_mine=sum(row.is_mine for row in waiting),
        is_cut=len(waiting) >= MOST_WAITING,
        lane=lane,
        show=show,
        note=note,
        refusal=refusal,
        lanes=LANE_WORDS,
        choices=_lanes(principal),
        readings=READING_WORDS,
        may_read=principal.role is Role.CHEMIST,
    )


def _chosen(waiting: Sequence[Waiting], lane: str | None, show: Show) -> list[Waiting]:
    # "Urgent" holds what the reader has unfolded already, too: a case does not leave the list by being looked at.
    wanted = {lane, Lane.EXPOSURE, Lane.FENTANYL} if lane == URGENT else {lane}
    of_lane = [row for row in waiting if lane is None or row.shown_lane in wanted]
    if show == "free":
        return [row for row in of_lane if row.is_free]
    if show == "mine":
        return [row for row in of_lane if row.is_mine]
    if show == "second":
        return [row for row in of_lane if row.reading in ("second", "third")]
    return of_lane
