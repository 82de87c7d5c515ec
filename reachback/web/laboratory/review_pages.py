"""Review: what waits for another person's eyes, one at a time or several; and conflicts that a release waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from library.ledger import Standing, State
from reachback.accounts.library_rights import Librarian, LibraryStaff
from reachback.accounts.rights import Principal
from reachback.curation.library_desk import LibraryDesk
from reachback.curation.reference_catalogue import Sought, standing_as_json
from reachback.plain_text import PlainText
from reachback.problems import Conflict, NotFound, Problem
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.reference_pages import WORDS, Line, Reason, Text, bench_of
from reachback.web.rendering import render_page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
PAGE_LENGTH = 12
MOST_CONFLICTS = 30  # shown at once, each with its picture
Ids = Annotated[list[Annotated[PlainText, Form(max_length=100)]], Form()]
Keys = Annotated[list[Annotated[PlainText, Form(max_length=2000)]], Form()]
SAY_WHY = "Say why; its proposer reads it."


@router.get("/library/review")
def queue(
    request: Request,
    principal: LibraryStaff,
    q: Text = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    note: Text = "",
    n: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """Everything that was proposed and waits, oldest first."""
    return _queue_page(request, principal, q, page, note=note, n=n)


@router.post("/library/review")
def review_several(
    request: Request,
    principal: Librarian,
    reference_id: Ids = [],  # noqa: B006 – copied by the framework
    decision: Line = "",
    comment: Reason = "",
    q: Line = "",
    page: Annotated[int, Form(ge=1, le=100_000)] = 1,
) -> Response:
    """Accept the chosen ones, or send them back: all, or none of them."""
    wrong = _slip(reference_id, decision, comment)
    if not wrong:
        try:
            desk: LibraryDesk = request.app.state.services.library_desk
            desk.review(reference_id, decision == "accept", comment or None, principal)
        except Conflict as refusal:
            wrong = {"chosen": refusal.detail}
    if wrong:
        typed = {"comment": comment, "chosen": reference_id}
        return _queue_page(request, principal, q, page, wrong=wrong, typed=typed)
    note = "accepted" if decision == "accept" else "sent-back"
    return see_other(f"/library/review?note={note}&n={len(reference_id)}")


@router.get("/library/review/conflicts")
def conflicts(
    request: Request, principal: LibraryStaff, substance: Text = "", check: Text = "", note: Text = ""
) -> Response:
    """Conflicts that a release would wait for."""
    return _conflict_page(request, principal, substance, check, note=note)


@router.post("/library/review/conflicts")
def settle_conflicts(
    request: Request,
    principal: Librarian,
    key: Keys = [],  # noqa: B006 – copied by the framework
    because: Reason = "",
    substance: Line = "",
    check: Line = "",
    everything: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Let the chosen stand, or all that the filter shows – exactly as many as the reader was told."""
    wrong: dict[str, str] = {}
    keys = list(key)
    if everything:
        keys = [each["key"] for each in _sifted(request, substance, check)[0]]
        if len(keys) != everything:
            wrong["chosen"] = f"There are {len(keys)} of them now, not {everything}: look at the list again."
    if not keys:
        wrong["chosen"] = "Choose at least one."
    if not because:
        wrong["because"] = "Say why both are right; every later release carries this reason."
    if not wrong:
        try:
            request.app.state.services.reference_steps.settle(keys, because, principal)
        except Conflict as refusal:
            wrong["chosen"] = refusal.detail
    if wrong:
        typed = {"because": because, "chosen": key}
        return _conflict_page(request, principal, substance, check, wrong=wrong, typed=typed)
    return see_other(f"/library/review/conflicts?note={len(keys)}")


@router.get("/library/review/{reference_id}")
def review_one(reference_id: str, request: Request, principal: LibraryStaff, beside: Text = "") -> Response:
    """One proposed reference, beside what is nearest to it."""
    return _one_page(request, reference_id, principal, beside=beside)


@router.post("/library/review/{reference_id}")
def decide_one(
    reference_id: str, request: Request, principal: Librarian, decision: Line = "", comment: Reason = ""
) -> Response:
    """Accept it or send it back, and go on to the next."""
    wrong = _slip([reference_id], decision, comment)
    if not wrong:
        try:
            desk: LibraryDesk = request.app.state.services.library_desk
            desk.review([reference_id], decision == "accept", comment or None, principal)
        except Conflict as refusal:
            wrong = {"chosen": refusal.detail}
    if wrong:
        return _one_page(request, reference_id, principal, wrong=wrong, typed={"comment": comment})
    note = "accepted" if decision == "accept" else "sent-back"
    return see_other(f"/library/review?note={note}&n=1")


# -- parts -----------------------------------------------------------------------------------------------------------


def _slip(reference_ids: list[str], decision: str, comment: str) -> dict[str, str]:
    if not reference_ids:
        return {"chosen": "Choose at least one reference."}
    if decision not in ("accept", "send_back"):
        return {"chosen": "Say what is to be done with it: accept, or send back."}
    return {} if comment or decision == "accept" else {"comment": SAY_WHY}


def _is_own(standing: Standing, principal: Principal) -> bool:
    """Whether this person answers for the proposal; the store itself refuses his review."""
    plain = " ".join(principal.name.split()).casefold()
    return plain in (name.casefold() for name in standing.proposer.split("; "))


def _queue_page(
    request: Request,
    principal: Principal,
    q: str,
    number: int,
    *,
    note: str = "",
    n: int = 0,
    wrong: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    bench = bench_of(request)
    try:
        rows, total = bench.catalogue.page(Sought(q, State.PROPOSED), number, PAGE_LENGTH)
    except NotFound as missing:
        return render_page(request, "laboratory/reference_none.html", principal, problem=missing)
    standings = bench.catalogue.now().ledger.standings
    ids = [row["reference_id"] for row in rows]
    findings, not_checked = _checked(request, ids)
    waiting = _waiting(request)
    return render_page(
        request,
        "laboratory/review.html",
        principal,
        status=422 if wrong else 200,
        rows=rows,
        own={each for each in ids if _is_own(standings[each], principal)},
        findings=findings,
        not_checked=not_checked,
        n_conflicts=waiting,
        total=total,
        number=number,
        length=PAGE_LENGTH,
        search=q,
        note=note,
        n=n,
        wrong=wrong or {},
        typed=typed or {},
        may_review=principal.role == "librarian",
        **WORDS,
    )


def _one_page(
    request: Request,
    reference_id: str,
    principal: Principal,
    *,
    beside: str = "",
    wrong: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    bench = bench_of(request)
    shown = bench.catalogue.show(reference_id)
    known = bench.catalogue.now()
    standing = known.ledger.standings[reference_id]
    findings, not_checked = _checked(request, [reference_id])
    named = [each for finding in findings.get(reference_id, ()) for each in finding["references"]]
    others = list(dict.fromkeys([*named, *_same_substance(known.ledger.standings, standing)]))
    near = [each for each in others if each != reference_id][:20]
    chosen = beside if beside in near else (near[0] if near else "")
    waits = [each.reference.id for each in known.ledger.of_state(State.PROPOSED) if not _is_own(each, principal)]
    return render_page(
        request,
        "laboratory/review_one.html",
        principal,
        status=422 if wrong else 200,
        shown=shown,
        findings=findings.get(reference_id, []),
        not_checked=not_checked,
        near=[standing_as_json(known.ledger.standings[each]) for each in near],
        beside=standing_as_json(known.ledger.standings[chosen]) if chosen else None,
        is_own=_is_own(standing, principal),
        following=next((each for each in waits if each > reference_id), None),
        wrong=wrong or {},
        typed=typed or {},
        may_review=principal.role == "librarian",
        **WORDS,
    )


def _same_substance(standings: Mapping[str, Standing], one: Standing) -> list[str]:
    row = one.reference.row
    living = (State.RELEASED, State.REVIEWED, State.PROPOSED)
    return [
        each.reference.id
        for each in standings.values()
        if each.state in living
        and each.reference.row.technique is row.technique
        and each.reference.row.substance.casefold() == row.substance.casefold()
    ]


def _checked(request: Request, ids: list[str]) -> tuple[dict[str, list[dict[str, Any]]], str | None]:
    try:
        return bench_of(request).findings(ids), None
    except Problem as problem:
        return {}, problem.detail


def _waiting(request: Request) -> int | None:
    try:
        return len(bench_of(request).open_conflicts()[0])
    except Problem:
        return None


def _sifted(request: Request, substance: str, check: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Conflicts that the filter shows, all of them, and how many references were not looked at."""
    waiting, not_checked = bench_of(request).open_conflicts()
    fitting = [
        each
        for each in waiting
        if (not substance or substance in each["substances"]) and (not check or check == each["check"])
    ]
    return fitting, waiting, not_checked


def _conflict_page(
    request: Request,
    principal: Principal,
    substance: str,
    check: str,
    *,
    note: str = "",
    wrong: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    try:
        fitting, waiting, not_checked = _sifted(request, substance, check)
    except NotFound as missing:
        return render_page(request, "laboratory/reference_none.html", principal, problem=missing)
    return render_page(
        request,
        "laboratory/review_conflicts.html",
        principal,
        status=422 if wrong else 200,
        rows=fitting[:MOST_CONFLICTS],
        total=len(fitting),
        n_all=len(waiting),
        not_checked=not_checked,
        substances=sorted({name for each in waiting for name in each["substances"]}, key=str.casefold),
        kinds=sorted({each["check"] for each in waiting}),
        substance=substance,
        check=check,
        note=note,
        wrong=wrong or {},
        typed=typed or {},
        may_review=principal.role == "librarian",
        **WORDS,
    )
