"""The references of the laboratory's library: found, looked at, compared, and taken out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import StringConstraints

from library.ledger import State
from reachback.accounts.library_rights import Librarian, LibraryStaff
from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.curation.reference_bench import ReferenceBench
from reachback.curation.reference_catalogue import GONE, Sought
from reachback.curation.reference_routes import SVG_HEADERS
from reachback.plain_text import PlainText
from reachback.problems import Conflict, NotFound, Problem, Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.reference_words import (
    CHECK_WORDS,
    GRADE_WORDS,
    LEVEL_WORDS,
    STATE_WORDS,
    STORY_WORDS,
    TECHNIQUE_WORDS,
)
from reachback.web.rendering import render_page
from spectra.reference import Grade
from spectra.spectrum import Technique

__all__ = ["WORDS", "Line", "Reason", "Text", "bench_of", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
PAGE_LENGTH = 40
Text = Annotated[PlainText, Query(max_length=200)]
Line = Annotated[PlainText, StringConstraints(strip_whitespace=True, max_length=200), Form()]
Reason = Annotated[PlainText, StringConstraints(strip_whitespace=True, max_length=2000), Form()]
# What every page of references needs to put things into words.
WORDS: dict[str, Any] = {
    "states": STATE_WORDS,
    "levels": LEVEL_WORDS,
    "checks": CHECK_WORDS,
    "grades": GRADE_WORDS,
    "techniques": TECHNIQUE_WORDS,
    "stories": STORY_WORDS,
}


def bench_of(request: Request) -> ReferenceBench:
    """The references of this service."""
    bench: ReferenceBench = request.app.state.services.references
    return bench


@router.get("/library/references")
def list_references(
    request: Request,
    principal: LibraryStaff,
    q: Text = "",
    state: Text = "",
    technique: Text = "",
    grade: Text = "",
    substance_class: Text = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Everything that is in the store, searched and filtered."""
    catalogue = bench_of(request).catalogue
    sought = Sought(
        q,
        state if state in set(State) else "",
        technique if technique in set(Technique) else "",
        grade if grade in set(Grade) else "",
        substance_class,
    )
    try:
        rows, total = catalogue.page(sought, page, PAGE_LENGTH)
    except NotFound as missing:  # a new desk has no library yet: this page says how one is made
        return render_page(request, "laboratory/reference_none.html", principal, problem=missing)
    asked = {"q": q, "state": state, "technique": technique, "grade": grade, "substance_class": substance_class}
    return render_page(
        request,
        "laboratory/references.html",
        principal,
        rows=rows,
        total=total,
        number=page,
        length=PAGE_LENGTH,
        sought=sought,
        asked={name: value for name, value in asked.items() if value},
        classes=catalogue.classes(),
        may_propose=principal.role is Role.LIBRARIAN,
        **WORDS,
    )


@router.get("/library/references/{reference_id}")
def show_reference(
    reference_id: str, request: Request, principal: LibraryStaff, beside: Text = "", note: Text = ""
) -> Response:
    """One reference: its picture, its papers, its story, what it looks like."""
    return _reference_page(request, reference_id, principal, beside=beside, note=note)


@router.get("/library/references/{reference_id}/picture.svg")
def picture(reference_id: str, request: Request, principal: LibraryStaff, beside: Text = "") -> Response:  # noqa: ARG001
    """The curve as measured, or beside another one."""
    drawn = bench_of(request).picture(reference_id, beside or None)
    return Response(drawn, media_type="image/svg+xml", headers=dict(SVG_HEADERS))


@router.post("/library/references/{reference_id}/take-out")
def take_out(
    reference_id: str,
    request: Request,
    principal: Librarian,
    because: Reason = "",
    successor: Line = "",
    confirmed: Line = "",
) -> Response:
    """Deprecate or withdraw, with a reason; asked twice, as the next release goes without it."""
    typed = {"because": because, "successor": successor}
    wrong = {} if because else {"because": "Say why; whoever meets an old answer reads it."}
    if not confirmed:
        wrong["confirmed"] = "Confirm it: the next release will not hold this reference."
    if not wrong:
        try:
            request.app.state.services.reference_steps.take_out([reference_id], because, successor or None, principal)
        except Conflict as refusal:
            wrong["successor" if successor and successor in refusal.detail else "because"] = refusal.detail
    if wrong:
        return _reference_page(request, reference_id, principal, typed=typed, wrong=wrong)
    return see_other(f"/library/references/{reference_id}?note=taken-out")


@router.post("/library/references/{reference_id}/propose")
def propose_draft(reference_id: str, request: Request, principal: Librarian, because: Reason = "") -> Response:
    """Propose a draft as it is, for a reason that the reviewer reads."""
    wrong = {} if because else {"as_it_is": "Say why; the reviewer reads it."}
    if not wrong:
        try:
            request.app.state.services.reference_steps.propose_drafts([reference_id], because, principal)
        except Conflict as refusal:
            wrong["as_it_is"] = refusal.detail
    if wrong:
        return _reference_page(request, reference_id, principal, typed={"as_it_is": because}, wrong=wrong)
    return see_other(f"/library/references/{reference_id}?note=proposed")


def _reference_page(
    request: Request,
    reference_id: str,
    principal: Principal,
    *,
    beside: str = "",
    note: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    bench = bench_of(request)
    shown = bench.catalogue.show(reference_id)
    try:
        findings, not_checked = bench.findings([reference_id])[reference_id], None
    except Problem as problem:
        findings, not_checked = [], problem.detail
    known = bench.catalogue.now().ledger.standings
    others = list(dict.fromkeys(each for finding in findings for each in finding["references"]))
    alike = [known[each].reference for each in others if each != reference_id]
    if beside and (beside not in known or known[beside].reference.row.technique != shown["technique"]):
        raise Unprocessable(f"{beside} is no reference of the same technique, so the two are not laid over each other")
    return render_page(
        request,
        "laboratory/reference.html",
        principal,
        status=422 if wrong else 200,
        shown=shown,
        findings=findings,
        not_checked=not_checked,
        alike=alike,
        beside=known[beside].reference if beside else None,
        note=note,
        typed=typed or {},
        wrong=wrong or {},
        is_gone=shown["state"] in GONE,
        may_change=principal.role is Role.LIBRARIAN,
        **WORDS,
    )
