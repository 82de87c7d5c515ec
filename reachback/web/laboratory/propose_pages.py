"""Proposing a reference: from a file of any device, or from a scan that a chemist and a laboratory agree on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from device_adapters.stated import Stated
from reachback.accounts.library_rights import Librarian
from reachback.accounts.rights import Principal
from reachback.curation.looked_at_files import LookedAt, draw_file, look_at_file
from reachback.curation.reference_routes import SVG_HEADERS
from reachback.curation.reference_steps import ReferenceSteps
from reachback.curation.service import CurationService, SubstanceStated
from reachback.curation.stated_reference import field_problem
from reachback.intake.record_json import shown_name
from reachback.plain_text import PlainText
from reachback.problems import NotFound, Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.laboratory.reference_pages import WORDS, Line, bench_of
from reachback.web.officer.scan_form import Posted, files_of, typed
from reachback.web.rendering import render_page

__all__ = ["MOST_NAMES", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
MOST_NAMES = 2000  # to choose from; any other may be typed
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What a file may leave open; it is recorded as stated.
_STATED = ("technique", "mode", "laser_nm", "y_units")
Word = Annotated[PlainText, Query(max_length=200)]


@router.get("/library/propose")
def propose(request: Request, principal: Librarian) -> Response:
    """Both ways: a file, or a confirmed scan."""
    try:
        bench_of(request).catalogue.store()
    except NotFound as missing:
        return render_page(request, "laboratory/reference_none.html", principal, problem=missing)
    return _form(request, principal, {}, {})


@router.post("/library/propose")
def take_file(request: Request, principal: Librarian, posted: Posted) -> Response:
    """Look at the file, or propose it; a slip is said beside its field, and file and words stay."""
    fields = typed(posted)
    fields.pop("kept", None)
    try:
        name, content = _file_of(request, posted)
        fields |= {"kept": request.app.state.services.files.keep(content), "kept_name": name}
        if fields.get("step") == "look":
            return _looked(request, principal, name, content, fields)
        made = _steps(request).propose_file(name, content, fields, principal)
    except Unprocessable as problem:
        return _form(request, principal, fields, _wrong(problem))
    note = f"?note={made['state']}"
    return see_other(f"/library/references/{made['reference_id']}{note}")


@router.get("/library/propose/picture.svg")
def picture(
    request: Request,
    principal: Librarian,  # noqa: ARG001
    kept: Word,
    name: Word = "",
    number: Annotated[int, Query(ge=1, le=100_000)] = 1,
    technique: Word = "",
    mode: Word = "",
    laser_nm: Word = "",
    y_units: Word = "",
) -> Response:
    """The file as it was read, before it is proposed."""
    said = {"technique": technique, "mode": mode, "laser_nm": laser_nm, "y_units": y_units}
    drawn = draw_file(shown_name(name), _kept(request, kept), _stated(said), number)
    return Response(drawn, media_type="image/svg+xml", headers=dict(SVG_HEADERS))


@router.get("/library/propose/scans/{scan_id}")
def confirmed_scan(scan_id: str, request: Request, principal: Librarian) -> Response:
    """A confirmed scan, with what its reference will say."""
    return _scan_form(request, principal, scan_id, {}, {})


@router.post("/library/propose/scans/{scan_id}")
def take_scan(
    scan_id: str,
    request: Request,
    principal: Librarian,
    inchikey: Line = "",
    cas: Line = "",
    substance_class: Line = "",
    controlled: Line = "",
    watch: Line = "",
) -> Response:
    """Propose it; what the library in use does not know has to be stated."""
    fields = {"inchikey": inchikey, "cas": cas, "substance_class": substance_class}
    fields |= {"controlled": controlled, "watch": watch}
    stated = SubstanceStated(
        inchikey or None, cas or None, substance_class or None, _yes_or_no(controlled), _yes_or_no(watch)
    )
    row = _eligible(request, principal, scan_id)
    curation: CurationService = request.app.state.services.curation
    try:
        made, _ = curation.propose(row["case_id"], scan_id, stated, principal)
    except Unprocessable as problem:
        return _scan_form(request, principal, scan_id, fields, _wrong(problem))
    state = "draft" if made.get("remarks") else "proposed"
    return see_other(f"/library/references/{made['reference_id']}?note={state}")


# -- parts -----------------------------------------------------------------------------------------------------------


def _steps(request: Request) -> ReferenceSteps:
    steps: ReferenceSteps = request.app.state.services.reference_steps
    return steps


def _file_of(request: Request, posted: FormData) -> tuple[str, bytes]:
    """The file chosen now, else the one of the attempt before."""
    files = files_of(posted, "file")
    if files:
        return shown_name(files[0].filename), files[0].file.read()
    said = typed(posted)
    if not said.get("kept"):
        raise field_problem("file", "choose the file that the device wrote")
    return shown_name(said.get("kept_name")), _kept(request, said["kept"])


def _kept(request: Request, sha256: str) -> bytes:
    try:
        if _SHA256.fullmatch(sha256):
            content: bytes = request.app.state.services.files.read(sha256)
            return content
    except (OSError, ValueError):
        pass
    raise field_problem("file", "the file of the attempt before is not there any more; choose it again")


def _stated(fields: Mapping[str, str]) -> Stated:
    said = {name: " ".join(fields.get(name, "").split()) or None for name in _STATED}
    laser = said["laser_nm"]
    try:
        return Stated(said["technique"], said["mode"], None if laser is None else float(laser), said["y_units"])
    except ValueError as error:
        raise field_problem("laser_nm" if laser else "technique", str(error)) from None


def _looked(request: Request, principal: Principal, name: str, content: bytes, fields: dict[str, str]) -> Response:
    """The form again, with the picture, and with what the file says of itself where nothing was typed."""
    found = look_at_file(name, content, _stated(fields))
    usable = [each for each in found if each.why_not is None]
    if not usable:
        reasons = "; ".join(dict.fromkeys(each.why_not or "" for each in found))
        raise field_problem("file", f"{name} cannot be a reference: {reasons or 'it holds no spectrum'}")
    number = fields.get("recording", "").strip()
    chosen = next((each for each in usable if str(each.number) == number), usable[0])
    if len(usable) > 1:
        fields["recording"] = str(chosen.number)
    for said, value in chosen.says.items():
        fields[said] = fields.get(said) or value
    return _form(request, principal, fields, {}, found, chosen)


def _seen_before(request: Request, fields: Mapping[str, str]) -> tuple[list[LookedAt], LookedAt | None]:
    """What is in the file of the attempt before, so that its picture stays in sight."""
    if not fields.get("kept"):
        return [], None
    try:
        found = look_at_file(fields.get("kept_name", ""), _kept(request, fields["kept"]), _stated(fields))
    except Unprocessable:
        return [], None
    usable = [each for each in found if each.why_not is None]
    number = fields.get("recording", "").strip()
    return found, next((each for each in usable if str(each.number) == number), usable[0] if usable else None)


def _wrong(problem: Unprocessable) -> dict[str, str]:
    """Sentences by field; one that names none stands at the file."""
    said = problem.extra.get("fields")
    if isinstance(said, dict):
        return {str(name): f"{sentence[:1].upper()}{sentence[1:]}." for name, sentence in said.items()}
    name, colon, sentence = problem.detail.partition(": ")
    return {name: sentence} if colon and name.isidentifier() else {"file": problem.detail}


def _form(
    request: Request,
    principal: Principal,
    fields: Mapping[str, str],
    wrong: Mapping[str, str],
    found: list[LookedAt] | None = None,
    chosen: LookedAt | None = None,
) -> Response:
    if chosen is None and "file" not in wrong:
        found, chosen = _seen_before(request, fields)
    context: dict[str, Any] = {
        "typed": fields,
        "wrong": wrong,
        "found": found or [],
        "chosen": chosen,
        "asked": {name: fields[name] for name in _STATED if fields.get(name)},
        "names": _steps(request).names()[:MOST_NAMES],
        "eligible": request.app.state.services.eligible_scans.page(principal),
        **WORDS,
    }
    return render_page(request, "laboratory/propose.html", principal, status=422 if wrong else 200, **context)


def _scan_form(
    request: Request, principal: Principal, scan_id: str, fields: Mapping[str, str], wrong: Mapping[str, str]
) -> Response:
    row = _eligible(request, principal, scan_id)
    curation: CurationService = request.app.state.services.curation
    known = None if row["component"] is None else curation.known_entry(row["component"])
    return render_page(
        request,
        "laboratory/propose_scan.html",
        principal,
        status=422 if wrong else 200,
        row=row,
        known=known,
        is_this_form=known is not None and known.form == row["component"].get("form"),
        typed=fields,
        wrong=wrong,
    )


def _eligible(request: Request, principal: Principal, scan_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = request.app.state.services.eligible_scans.page(principal)
    row = next((each for each in rows if each["scan_id"] == scan_id), None)
    if row is None:
        raise NotFound("this scan is not among those that a laboratory has confirmed; choose one from the list")
    return row


def _yes_or_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)
