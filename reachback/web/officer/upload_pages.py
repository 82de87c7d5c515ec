"""Sending scans and photos: a plain form that works without scripts, and the same file by file with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.intake.schemas import AttachmentKind
from reachback.intake.service import IntakeService
from reachback.problems import Busy, Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.officer.scan_form import (
    STRIP_KINDS,
    Posted,
    attachment_kind,
    files_of,
    scan_form,
    typed,
    wrong_fields,
)
from reachback.web.officer.taking import Taken, batch_key, is_picture, take_scan
from reachback.web.rendering import render_page

__all__ = ["MOST_AT_ONCE", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
MOST_AT_ONCE = 20  # files of one form; scripts send any number, one after the other
_FORM_BYTES = 64 * 1024  # room in the body for what goes along with a file
Sender = Annotated[Principal, Depends(allow(Role.OFFICER, Role.CHEMIST, Role.SUPERVISOR))]


def _intake(request: Request) -> IntakeService:
    service: IntakeService = request.app.state.services.intake
    return service


@router.get("/scans/new")
def new_scan(request: Request, principal: Sender) -> Response:
    """The form, empty."""
    return _form_page(request, principal, {})


@router.post("/scans")
def send_form(request: Request, principal: Sender, posted: Posted) -> Response:
    """All files of the form at once; one scan leads to its page, several to a list of what became of them."""
    fields = typed(posted)
    try:
        taken = _take_all(request, principal, posted, fields)
    except Unprocessable as problem:
        return _form_page(request, principal, fields, problem)
    photos = _attach(request, principal, posted, fields, taken)
    if len(taken) == 1 and taken[0].scan_id is not None and not photos:
        return see_other(f"/scans/{taken[0].scan_id}")
    return render_page(request, "officer/sent.html", principal, taken=taken, unplaced_photos=photos)


@router.post("/scans/one")
def send_one(request: Request, principal: Sender, posted: Posted) -> Response:
    """One file with the form, under a key of its own: the row that says what became of it."""
    fields, files = typed(posted), files_of(posted, "file")
    if len(files) != 1:
        raise Unprocessable("this takes one file at a time")
    try:
        form = scan_form(fields)
    except Unprocessable as refused:
        wrong = wrong_fields(refused)
        return render_page(
            request, "officer/form_refused.html", principal, status=refused.status, problem=refused, wrong=wrong
        )
    taken = take_scan(
        _intake(request), principal, fields.get("key") or None, files[0].filename, files[0].file.read(), form
    )
    if taken.status == Busy.status:
        raise Busy(taken.problem or "", retry_after=5)
    return render_page(request, "officer/sent_row.html", principal, status=taken.status, taken=taken)


@router.post("/scans/{scan_id}/photos")
def send_photos(scan_id: str, request: Request, principal: Sender, posted: Posted) -> Response:
    """Photos beside a scan that was sent already."""
    photos = files_of(posted, "photo")
    if not photos:
        raise Unprocessable("no photo was chosen; choose one, then send it")
    kind = attachment_kind(typed(posted))
    for photo in photos:
        content = photo.file.read()
        if not is_picture(content):
            raise Unprocessable(f"{photo.filename} is no picture; send scans by themselves")
        _intake(request).attach(scan_id, principal, kind, photo.filename, photo.content_type, content)
    return see_other(f"/scans/{scan_id}")


def _take_all(request: Request, principal: Principal, posted: FormData, fields: Mapping[str, str]) -> list[Taken]:
    files = files_of(posted, "file")
    if not files:
        raise Unprocessable("no scan file was chosen; choose the file that the device wrote, then send it")
    if len(files) > MOST_AT_ONCE:
        raise Unprocessable(
            f"{len(files)} files came at once, and {MOST_AT_ONCE} are taken in one go; nothing was kept: choose fewer"
        )
    form, batch = scan_form(fields), fields.get("batch") or request.app.state.services.cases.chance.new_id()
    taken = []
    for file in files:
        content = file.file.read()
        key = batch_key(batch, content)
        taken.append(take_scan(_intake(request), principal, key, file.filename, content, form))
    return taken


def _attach(
    request: Request, principal: Principal, posted: FormData, fields: Mapping[str, str], taken: list[Taken]
) -> list[str]:
    """Photos go beside the first scan of the form; names of those that found no place."""
    photos = files_of(posted, "photo")
    first = next((each.scan_id for each in taken if each.scan_id is not None), None)
    unplaced = []
    for photo in photos:
        content = photo.file.read()
        if first is None or not is_picture(content):
            unplaced.append(photo.filename or "")
            continue
        kind = attachment_kind(fields)
        _intake(request).attach(first, principal, kind, photo.filename, photo.content_type, content)
    return unplaced


def _form_page(
    request: Request, principal: Principal, fields: Mapping[str, str], problem: Unprocessable | None = None
) -> Response:
    context: dict[str, Any] = {
        "fields": fields,
        "problem": problem,
        "strip_kinds": STRIP_KINDS,
        "photo_kinds": list(AttachmentKind),
        "batch": request.app.state.services.cases.chance.new_id(),
        "most_at_once": MOST_AT_ONCE,
        "largest": request.app.state.settings.max_upload_bytes - _FORM_BYTES,
    }
    status = 200 if problem is None else problem.status
    return render_page(request, "officer/new_scan.html", principal, status=status, **context)
