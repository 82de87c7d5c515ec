"""Laboratory results: what waits for one and how long it may, and the form that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.adjudication.routes import LABORATORY_LOOKERS
from reachback.cases.models import CaseState
from reachback.problems import Conflict, NotFound
from reachback.replies.service import ReplyService
from reachback.web.chemist.desk_words import DESK_STATES, OUTCOME_CHOICES
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.propose_pages import MOST_NAMES
from reachback.web.laboratory.reference_pages import Text
from reachback.web.laboratory.result_form import MOST_PARTS, ROWS, ResultForm, zones
from reachback.web.officer.scan_form import Posted, typed
from reachback.web.rendering import render_page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
MAY_ENTER = (Role.CHEMIST, Role.LIBRARIAN, Role.SUPERVISOR)  # as for the same call of the interface
Looker = Annotated[Principal, Depends(allow(*LABORATORY_LOOKERS))]
Enterer = Annotated[Principal, Depends(allow(*MAY_ENTER))]


@router.get("/library/referrals")
def list_referrals(request: Request, principal: Looker, case: Text = "") -> Response:
    """Open referrals, earliest due first, and what was entered last."""
    if case.strip():
        return see_other(f"/library/referrals/{_plain(case)}")
    referrals = request.app.state.services.adjudication.referrals
    return render_page(
        request,
        "laboratory/referrals.html",
        principal,
        waiting=referrals.open(principal),
        latest=referrals.latest_results(principal),
        states=DESK_STATES,
        answered=CaseState.RELEASED,
        may_enter=principal.role in MAY_ENTER,
    )


@router.get("/library/referrals/{case_id}")
def show_referral(case_id: str, request: Request, principal: Looker, note: Text = "") -> Response:
    """What was answered, what laboratories said of it, and the form for a result."""
    return _referral_page(request, case_id, principal, {}, {}, note=note)


@router.post("/library/referrals/{case_id}")
def enter_result(case_id: str, request: Request, principal: Enterer, posted: Posted) -> Response:
    """Take a result; one that contradicts the answer is asked for twice, as a correction goes out."""
    fields = typed(posted)
    if fields.get("step") == "more":
        fields["rows"] = str(ResultForm(fields, request.app.state.services.clock.now()).n_rows + ROWS)
        return _referral_page(request, case_id, principal, fields, {}, status=200)
    form = ResultForm(fields, request.app.state.services.clock.now())
    wrong = form.wrong()
    if wrong:
        return _referral_page(request, case_id, principal, fields, wrong)
    replies: ReplyService = request.app.state.services.replies
    report = form.report()
    try:
        foreseen = replies.corrections.compare(case_id, report, principal)
        if not foreseen["agrees"] and not fields.get("confirmed"):
            return _referral_page(request, case_id, principal, fields, {}, contradicts=True)
        made = replies.corrections.take(case_id, report, principal)
    except Conflict as refusal:
        return _referral_page(request, case_id, principal, fields, {"form": refusal.detail})
    kind = "confirmed" if made["agrees"] else "refuted"
    return see_other(f"/library/referrals/{case_id}?note={kind if made['reply'] is None else kind + '-told'}")


def _referral_page(
    request: Request,
    case_id: str,
    principal: Principal,
    fields: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    note: str = "",
    contradicts: bool = False,
    status: int | None = None,
) -> Response:
    services = request.app.state.services
    track = services.adjudication.referrals.of_case(case_id, principal)
    open_ones = [each for each in track["referrals"] if each["reported_at"] is None]
    begun: dict[str, str] = {"zone": "UTC", "laboratory": open_ones[0]["laboratory"] if open_ones else ""}
    form = ResultForm(fields, services.clock.now())
    context: dict[str, Any] = {
        "track": track,
        "waiting": open_ones[0] if open_ones else None,
        "versions": _versions(services, case_id, principal),
        "typed": {**begun, **fields},
        "wrong": wrong,
        "contradicts": contradicts,
        "n_rows": form.n_rows,
        "parts": form.parts,
        "most_parts": MOST_PARTS,
        "names": services.adjudication.referrals.substances()[:MOST_NAMES],
        "zones": zones(),
        "note": note,
        "states": DESK_STATES,
        "outcomes": OUTCOME_CHOICES,
        "takes_result": track["state"] == CaseState.RELEASED,
        "may_enter": principal.role in MAY_ENTER,
    }
    code = status or (422 if wrong or contradicts else 200)
    return render_page(request, "laboratory/referral.html", principal, status=code, **context)


def _versions(services: Any, case_id: str, principal: Principal) -> list[dict[str, Any]]:
    """What went to the officer, newest first; nothing for whoever has to read the case blind."""
    try:
        versions: list[dict[str, Any]] = services.replies.of_case(case_id, principal)
    except (NotFound, Conflict):
        return []
    return versions


def _plain(case: str) -> str:
    """A case's number as part of an address."""
    return "".join(letter for letter in case.strip() if letter.isascii() and (letter.isalnum() or letter == "-")) or "-"
