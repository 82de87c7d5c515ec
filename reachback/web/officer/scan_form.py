"""The short form beside scans, from the fields of a page to what intake takes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from reachback.intake.schemas import AttachmentKind, ScanForm, parse_form
from reachback.problems import Unprocessable

__all__ = ["STRIP_KINDS", "TEXTS", "Posted", "attachment_kind", "files_of", "scan_form", "typed", "wrong_fields"]

# What is typed as it stands; each is a field of `ScanForm`.
TEXTS = (
    "exhibit",
    "seizure_number",
    "place",
    "appearance",
    "packaging",
    "suspicion",
    "comment",
    "call_back",
    "device_serial",
    "technique",
    "mode",
    "laser_nm",
)
CHECKS = ("exposure", "want_review", "sampled_through_bag")
STRIP_KINDS = ("fentanyl", "nitazene", "xylazine")
_MOST_FILES = 1000
_LASER = "the laser wavelength is a number of nanometres between 100 and 3000, as in 785; change it and send again"


async def _posted(request: Request) -> AsyncIterator[FormData]:
    form = await request.form(max_files=_MOST_FILES)
    try:
        yield form
    finally:
        await form.close()


Posted = Annotated[FormData, Depends(_posted)]


def files_of(posted: FormData, field: str) -> list[UploadFile]:
    """Files chosen in a field; a browser sends one without a name where none was."""
    return [each for each in posted.getlist(field) if isinstance(each, UploadFile) and each.filename]


def typed(posted: FormData) -> dict[str, str]:
    """What was typed, so that a form that is shown again holds it."""
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def scan_form(fields: Mapping[str, str]) -> ScanForm:
    """The form; Unprocessable says what is wrong in an officer's words, and names the fields in ``errors``."""
    said: dict[str, Any] = {name: fields[name].strip() for name in TEXTS if fields.get(name, "").strip()}
    said |= {name: True for name in CHECKS if fields.get(name)}
    strips = [{"kind": kind, "result": fields[f"strip_{kind}"]} for kind in STRIP_KINDS if fields.get(f"strip_{kind}")]
    if strips:
        said["strips"] = strips
    if "laser_nm" in said:
        said["laser_nm"] = said["laser_nm"].lower().removesuffix("nm").strip().replace(",", ".")
    try:
        return parse_form(json.dumps(said))
    except Unprocessable as refused:
        wrong = wrong_fields(refused)
        detail = _LASER if wrong == ["laser_nm"] else refused.detail.replace("metadata.", "")
        raise Unprocessable(detail, **refused.extra) from refused


def wrong_fields(refused: Unprocessable) -> list[str]:
    """Fields of the page that a refusal is about; a strip's is named after its kind, and found by nobody here."""
    return [each["field"].split(".")[1] for each in refused.extra.get("errors", ())]


def attachment_kind(fields: Mapping[str, str]) -> AttachmentKind:
    """What the photos show."""
    name = fields.get("photo_kind", "")
    return AttachmentKind(name) if name in set(AttachmentKind) else AttachmentKind.OTHER
