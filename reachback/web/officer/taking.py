"""One uploaded file, from its bytes to the row that says what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from reachback.accounts.rights import Principal
from reachback.intake.record_json import shown_name
from reachback.intake.schemas import ScanForm
from reachback.intake.service import IntakeService
from reachback.problems import Problem
from reachback.web.verdict_words import VerdictWords, verdict_words

__all__ = ["Taken", "batch_key", "is_picture", "take_scan"]

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_HEIC = (b"heic", b"heix", b"mif1", b"msf1", b"avif")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: a scan with its verdict, a picture in the wrong place, or a refusal."""

    file_name: str
    status: int
    scan_id: str | None = None
    verdict: VerdictWords | None = None
    case: dict[str, Any] | None = None
    problem: str | None = None
    is_picture: bool = False


def is_picture(content: bytes) -> bool:
    """Whether a camera, not a spectrometer, wrote these bytes."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    is_heic = content[4:8] == b"ftyp" and content[8:12] in _HEIC
    return content.startswith(_PICTURES) or is_webp or is_heic


def batch_key(batch: str, content: bytes) -> str:
    """The same form sent twice, by a thumb or after a lost connection, makes no scan twice."""
    return f"form-{hashlib.sha256(batch.encode()).hexdigest()[:24]}-{hashlib.sha256(content).hexdigest()[:32]}"


def take_scan(
    intake: IntakeService, principal: Principal, key: str | None, name: str | None, content: bytes, form: ScanForm
) -> Taken:
    """Keep and identify one file; every refusal becomes a row, so that one file does not keep back the others."""
    shown = shown_name(name)
    if is_picture(content):
        return Taken(shown, 422, is_picture=True)
    try:
        answer = intake.upload(principal, key, name, content, form)
    except Problem as problem:
        return Taken(shown, problem.status, scan_id=problem.extra.get("scan_id"), problem=problem.detail)
    body = answer.body
    return Taken(shown, 201, body["scan_id"], verdict_words(body["identification"]), body["case"])
