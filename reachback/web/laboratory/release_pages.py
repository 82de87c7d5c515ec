"""Releases: all of them, one with what changed in it, and the next one as it would be before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from reachback.accounts.library_rights import Librarian, LibraryStaff
from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.curation.library_desk import LibraryDesk
from reachback.library_work.models import WorkKind
from reachback.library_work.release_book import ReleaseBook
from reachback.library_work.service import LibraryWorkService
from reachback.problems import Conflict, NotFound
from reachback.rescreening.service import RescreeningService
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.reference_pages import bench_of
from reachback.web.rendering import render_page

__all__ = ["CHANGES", "may_act", "router", "work_of"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
_MOST_CHANGES = 200  # sentences of a page; the interface gives all of them
_MOST_CONFLICTS = 10


def _(text: str) -> str:
    """Marks words for the templates, which translate them."""
    return text


# First word of a sentence of a difference → kind of mark, sign, words.
CHANGES: Mapping[str, tuple[str, str, str]] = {
    "Added": ("good", "+", _("Added")),
    "Corrected": ("plain", "≠", _("Corrected")),
    "Gone": ("warning", "−", _("Gone")),
    "Now on watch with": ("plain", "◉", _("Now on watch")),
    "Stated": ("quiet", "§", _("Stated")),
}


def work_of(request: Request) -> LibraryWorkService:
    """The service of library work."""
    service: LibraryWorkService = request.app.state.services.library_work
    return service


def may_act(principal: Principal) -> bool:
    """Whether a reader is somebody who acts here."""
    return principal.role == Role.LIBRARIAN


def _book(request: Request) -> ReleaseBook:
    book: ReleaseBook = request.app.state.services.release_book
    return book


@router.get("/library/releases")
def list_releases(request: Request, principal: LibraryStaff) -> Response:
    """All releases, newest first, and the one that is being made."""
    desk: LibraryDesk = request.app.state.services.library_desk
    problem, rows = None, []
    try:
        rows = desk.releases()
    except NotFound as refusal:
        problem = refusal
    asked = work_of(request).list_work(WorkKind.RELEASE, 10)
    context: dict[str, Any] = {"rows": rows, "asked": asked, "problem": problem, "may_act": may_act(principal)}
    return render_page(request, "laboratory/releases.html", principal, **context)


@router.get("/library/releases/new")
def next_release(request: Request, principal: LibraryStaff) -> Response:
    """What the next release would change, and what stands in its way."""
    return _next_page(request, principal)


@router.post("/library/releases/new")
def make_release(request: Request, principal: Librarian) -> Response:
    """Ask for it; it is made in the background."""
    try:
        asked = work_of(request).ask_release(principal)
    except Conflict as refusal:
        return _next_page(request, principal, refusal)
    return see_other(f"/library/work/{asked['work_id']}")


@router.get("/library/releases/{name}")
def show_release(name: str, request: Request, principal: LibraryStaff) -> Response:
    """One release."""
    release = _book(request).show(name)
    services = request.app.state.services
    rescreening: RescreeningService = services.rescreening
    runs = [each for each in rescreening.runs(200) if each["library"].get("digest") == release["digest"]]
    in_use = services.library()
    context: dict[str, Any] = {
        "release": release,
        "changes": _changes(release["difference"]),
        "runs": runs,
        "in_use": {"name": in_use.name, "release": in_use.release, "is_this": in_use.digest == release["digest"]},
    }
    return render_page(request, "laboratory/release.html", principal, **context)


def _next_page(request: Request, principal: LibraryStaff, refusal: Conflict | None = None) -> Response:
    outlook = _book(request).outlook(principal.name)
    conflicts, not_checked = bench_of(request).open_conflicts()
    under_way = [each for each in work_of(request).list_work(WorkKind.RELEASE, 5) if each["ended_at"] is None]
    context: dict[str, Any] = {
        "outlook": outlook,
        "changes": _changes(outlook["difference"]),
        "conflicts": conflicts[:_MOST_CONFLICTS],
        "n_conflicts": len(conflicts),
        "not_checked": not_checked,
        "earlier": _refused_conflicts(request, {each["key"] for each in conflicts}),
        "under_way": under_way[0] if under_way else None,
        "refusal": refusal,
        "may_act": may_act(principal),
    }
    status = 200 if refusal is None else refusal.status
    return render_page(request, "laboratory/release_next.html", principal, status=status, **context)


def _refused_conflicts(request: Request, shown: set[str]) -> list[Mapping[str, Any]]:
    """What the last try was refused for and nobody has decided since, where it is not shown already."""
    tries = [each for each in work_of(request).list_work(WorkKind.RELEASE, 5) if each["ended_at"] is not None]
    result = (tries[0]["result"] or {}) if tries else {}
    still = _book(request).still_open(list(result.get("conflicts", ())))
    return [each for each in still if each["key"] not in shown][:_MOST_CONFLICTS]


def _changes(difference: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Sentences of a difference, each with the mark it bears."""
    if difference is None:
        return None
    first, *rest = difference["sentences"]
    rows = []
    for sentence in rest[:_MOST_CHANGES]:
        mark = next((CHANGES[word] for word in CHANGES if sentence.startswith(word)), ("quiet", "·", ""))
        rows.append((mark, sentence.partition(": ")[2] if mark[2] else sentence))
    return {"headline": first, "rows": rows, "n_more": max(0, len(rest) - _MOST_CHANGES)}
