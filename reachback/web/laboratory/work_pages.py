"""Imports from the browser: the form, what becomes of a file while it is read, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from reachback.accounts.library_rights import Librarian, LibraryStaff
from reachback.intake.record_json import shown_name
from reachback.library_work.models import WorkKind
from reachback.library_work.schemas import SOURCES, DecisionBody, import_asked
from reachback.problems import Problem, Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.release_pages import may_act, work_of
from reachback.web.officer.scan_form import Posted, files_of, typed
from reachback.web.rendering import render_page

__all__ = ["STATES", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
_FORM_BYTES = 64 * 1024  # room in the body for what goes along with a file
_ANSWERS = {"yes": True, "no": False}


def _(text: str) -> str:
    """Marks words for the templates, which translate them."""
    return text


STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": ("quiet", "…", _("Waiting")),
    "running": ("plain", "→", _("At work")),
    "done": ("good", "✓", _("Done")),
    "refused": ("warning", "!", _("Refused")),
    "failed": ("danger", "×", _("Failed")),
}
_SOURCE_WORDS = {
    "jcamp": _("JCAMP-DX archive (ENFSI, SWGDRUG): a ZIP of .jdx files, or one file"),
    "folder": _("Files of any device with a manifest.csv, in a ZIP"),
    "rruff": _("RRUFF: a ZIP of text files, or one file"),
    "openspecy": _("OpenSpecy export: CSV or JSON, or a ZIP of them"),
    "ramanbiolib": _("RamanBiolib, from its installed package: no file needed"),
}


@router.get("/library/imports")
def imports(request: Request, principal: LibraryStaff) -> Response:
    """The form, and the imports so far."""
    return _imports_page(request, principal, {})


@router.post("/library/imports")
def send_import(request: Request, principal: Librarian, posted: Posted) -> Response:
    """Take a file; it is read in the background."""
    fields, files = typed(posted), files_of(posted, "file")
    try:
        if len(files) > 1:
            raise Unprocessable("one file at a time: pack several into one ZIP")
        name = shown_name(files[0].filename) if files else None
        content = files[0].file.read() if files else b""
        asked = import_asked(fields.get("source", ""), fields, name, content)
        work, is_new = work_of(request).ask_import(asked, principal)
    except Problem as problem:
        if request.headers.get("hx-request") == "true":
            raise  # a script waits for a line, not for a page
        return _imports_page(request, principal, fields, problem)
    return see_other(f"/library/work/{work['work_id']}" + ("" if is_new else "?known=yes"))


@router.get("/library/work/{work_id}")
def show_work(
    work_id: str, request: Request, principal: LibraryStaff, known: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """How far it is, or what came of it."""
    return _work_page(request, work_id, principal, "laboratory/work.html", is_known=bool(known))


@router.get("/library/work/{work_id}/now")
def work_now(work_id: str, request: Request, principal: LibraryStaff) -> Response:
    """The part of the page that changes while one looks at it."""
    return _work_page(request, work_id, principal, "laboratory/work_now.html")


@router.get("/library/work/{work_id}/left-out.csv")
def left_out(work_id: str, request: Request, principal: LibraryStaff) -> Response:  # noqa: ARG001
    """Everything of an import that was not proposed, and why."""
    headers = {"Content-Disposition": 'attachment; filename="left-out.csv"'}
    content = work_of(request).left_out_csv(work_id)
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/library/work/{work_id}/decisions")
def decide(work_id: str, request: Request, principal: Librarian, posted: Posted) -> Response:
    """Decide the chosen conflicts for one reason; what waited for them is proposed by another piece of work."""
    try:
        decisions = _decisions(request, work_id, posted)
        asked = work_of(request).decide(work_id, decisions, principal)
    except Problem as problem:
        return _work_page(request, work_id, principal, "laboratory/work.html", problem=problem, fields=typed(posted))
    return see_other(f"/library/work/{asked['work_id']}")


def _decisions(request: Request, work_id: str, posted: Posted) -> dict[str, DecisionBody]:
    fields = typed(posted)
    chosen = [each for each in posted.getlist("chosen") if isinstance(each, str)]
    if not chosen:
        raise Unprocessable("no conflict was chosen; choose those that the reason holds for")
    conflicts = (work_of(request).show(work_id)["result"] or {}).get("conflicts", ())
    asks_status = {each["id"]: each["asks_status"] for each in conflicts}
    status = _ANSWERS.get(fields.get("controlled", ""))
    try:
        return {
            each: DecisionBody(because=fields.get("because", ""), controlled=status if asks_status.get(each) else None)
            for each in chosen
        }
    except ValidationError:
        raise Unprocessable("because: say why; it stays with the references") from None


def _imports_page(
    request: Request, principal: LibraryStaff, fields: Mapping[str, str], problem: Problem | None = None
) -> Response:
    context: dict[str, Any] = {
        "rows": work_of(request).list_work(WorkKind.IMPORT, 30),
        "sources": [(name, _SOURCE_WORDS[name]) for name in SOURCES],
        "states": STATES,
        "fields": fields,
        "problem": problem,
        "largest": request.app.state.settings.max_upload_bytes - _FORM_BYTES,
        "may_act": may_act(principal),
    }
    status = 200 if problem is None else problem.status
    return render_page(request, "laboratory/imports.html", principal, status=status, **context)


def _work_page(
    request: Request,
    work_id: str,
    principal: LibraryStaff,
    template: str,
    *,
    is_known: bool = False,
    problem: Problem | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    context: dict[str, Any] = {
        "work": work_of(request).show(work_id),
        "states": STATES,
        "sources": _SOURCE_WORDS,
        "is_known": is_known,
        "problem": problem,
        "fields": fields or {},
        "may_act": may_act(principal),
    }
    status = 200 if problem is None else problem.status
    return render_page(request, template, principal, status=status, **context)
