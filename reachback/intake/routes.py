"""Scans over HTTP: upload, record, original bytes, photos, and the wish for a chemist."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Header, Request, Response, UploadFile

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.intake.schemas import (
    AttachmentJson,
    AttachmentKind,
    CaseOfScan,
    ScanAnswer,
    ScanRecord,
    parse_form,
)
from reachback.intake.service import IntakeService

__all__ = ["router"]

router = APIRouter(tags=["scans"])

Anyone = Annotated[Principal, Depends(allow(*Role))]
Sender = Annotated[Principal, Depends(allow(Role.OFFICER, Role.DEVICE, Role.CHEMIST, Role.SUPERVISOR))]
_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


def _intake(request: Request) -> IntakeService:
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
    response: Response,
    intake: Intake,
    principal: Sender,
    file: Annotated[UploadFile, File(description="the file as the device wrote it")],
    metadata: Annotated[str | None, Form(description="the officer's form, as JSON")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(description="1 to 255 visible ASCII characters; without one, every upload is a scan of its own"),
    ] = None,
) -> dict[str, Any]:
    """Keep a scan, identify it, open a case where one is due; the same key gives the same answer."""
    answer = intake.upload(principal, idempotency_key, file.filename, file.file.read(), parse_form(metadata))
    if not answer.is_new:
        response.status_code = 200
    return answer.body


@router.get("/scans/{scan_id}", response_model=ScanRecord)
def show_scan(scan_id: str, intake: Intake, principal: Anyone) -> dict[str, Any]:
    """The record of a scan."""
    return intake.show(scan_id, principal)


@router.get("/scans/{scan_id}/file", response_class=Response, responses=_BYTES)
def original_file(scan_id: str, intake: Intake, principal: Anyone) -> Response:
    """The original bytes."""
    scan, content = intake.original(scan_id, principal)
    return _as_download(content, scan.file_name, scan.sha256)


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
    attachment, content = intake.attachment(scan_id, attachment_id, principal)
    return _as_download(content, attachment.file_name, attachment.sha256)


def _as_download(content: bytes, file_name: str, sha256: str) -> Response:
    """Plain bytes to be saved: what a stranger uploaded is never shown by a browser as a page of ours."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "ETag": f'"{sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
