"""Scans over HTTP: upload, record, original bytes, photos, and the wish for a chemist."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.intake.photos import Photo
from reachback.intake.schemas import (
    AttachmentJson,
    AttachmentKind,
    CaseOfScan,
    ScanAnswer,
    ScanRecord,
    parse_form,
)
from reachback.intake.service import IntakeService, StoredFile

__all__ = ["router"]

router = APIRouter(tags=["scans"])

Anyone = Annotated[Principal, Depends(allow(*Role))]
Sender = Annotated[Principal, Depends(allow(Role.OFFICER, Role.DEVICE, Role.CHEMIST, Role.SUPERVISOR))]
_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


async def _intake(request: Request) -> IntakeService:  # a look, for which no thread need be woken
    service: IntakeService = request.app.state.services.intake
    return service


Intake = Annotated[IntakeService, Depends(_intake)]


@router.post(
    "/scans",
    status_code=201,
    response_model=ScanAnswer,
    responses={200: {"model": ScanAnswer, "description": "this key and these bytes were answered before"}},
)
def upload_scan(
    intake: Intake,
    principal: Sender,
    file: Annotated[UploadFile, File(description="the file as the device wrote it")],
    metadata: Annotated[str | None, Form(description="the officer's form, as JSON")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(description="1 to 255 visible ASCII characters; without one, every upload is a scan of its own"),
    ] = None,
    photo_powder: Annotated[list[UploadFile], File(description="photos of the powder")] = [],  # noqa: B006 – copied
    photo_imprint: Annotated[list[UploadFile], File(description="photos of a tablet with its imprint")] = [],  # noqa: B006
    photo_packaging: Annotated[list[UploadFile], File(description="photos of the packaging")] = [],  # noqa: B006
) -> JSONResponse:
    """Keep a scan and its photos, identify it, open a case where one is due; the same key gives the same answer."""
    form = parse_form(metadata)
    photos = [
        *(_photo(AttachmentKind.POWDER, each) for each in photo_powder),
        *(_photo(AttachmentKind.TABLET, each) for each in photo_imprint),
        *(_photo(AttachmentKind.PACKAGING, each) for each in photo_packaging),
    ]
    answer = intake.upload(principal, idempotency_key, file.filename, file.file.read(), form, photos)
    # As it was stored: there is nothing left to check in it, and it is large.
    return JSONResponse(answer.body, status_code=201 if answer.is_new else 200)


@router.get("/scans/{scan_id}", response_model=ScanRecord)
def show_scan(scan_id: str, intake: Intake, principal: Anyone) -> dict[str, Any]:
    """The record of a scan."""
    return intake.show(scan_id, principal)


@router.get("/scans/{scan_id}/file", response_class=Response, responses=_BYTES)
def original_file(scan_id: str, intake: Intake, principal: Anyone) -> Response:
    """The original bytes."""
    return _as_download(intake.original(scan_id, principal))


@router.post(
    "/scans/{scan_id}/review",
    status_code=201,
    response_model=dict[str, CaseOfScan],
    responses={200: {"description": "the scan's case was open already"}},
)
def ask_for_review(scan_id: str, response: Response, intake: Intake, principal: Sender) -> dict[str, Any]:
    """The officer wants a chemist: a case is open from now on."""
    case, is_new = intake.review(scan_id, principal)
    response.status_code = 201 if is_new else 200
    return {"case": case}


@router.post(
    "/scans/{scan_id}/attachments",
    status_code=201,
    response_model=AttachmentJson,
    responses={200: {"model": AttachmentJson, "description": "these bytes are attached already"}},
)
def attach_file(
    scan_id: str,
    response: Response,
    intake: Intake,
    principal: Sender,
    file: Annotated[UploadFile, File(description="a photo of the powder, the tablet with its imprint, the packaging")],
    kind: Annotated[AttachmentKind, Form()] = AttachmentKind.OTHER,
) -> dict[str, Any]:
    """Keep a photo beside a scan."""
    attachment, is_new = intake.attach(scan_id, principal, kind, file.filename, file.content_type, file.file.read())
    response.status_code = 201 if is_new else 200
    return attachment


@router.get("/scans/{scan_id}/attachments/{attachment_id}", response_class=Response, responses=_BYTES)
def attached_file(scan_id: str, attachment_id: str, intake: Intake, principal: Anyone) -> Response:
    """The bytes of an attachment."""
    return _as_download(intake.attachment(scan_id, attachment_id, principal))


def _photo(kind: AttachmentKind, file: UploadFile) -> Photo:
    return Photo.of(kind, file.filename, file.content_type, file.file.read())


def _as_download(file: StoredFile) -> Response:
    """Plain bytes to be saved: what a stranger uploaded is never shown by a browser as a page of ours."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "ETag": f'"{file.sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type="application/octet-stream", headers=headers)
