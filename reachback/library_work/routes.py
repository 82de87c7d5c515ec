"""Work on the library over HTTP: a release or an import is asked for, and looked at until it has ended.

A librarian acts, other staff read.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, StringConstraints

from reachback.accounts.library_rights import LIBRARY_STAFF, Librarian, LibraryStaff
from reachback.intake.record_json import shown_name
from reachback.library_work.models import WorkKind
from reachback.library_work.release_book import ReleaseBook
from reachback.library_work.schemas import DecisionsBody, WorkJson, import_asked
from reachback.library_work.service import LibraryWorkService
from reachback.plain_text import PlainText

__all__ = ["router"]

router = APIRouter(tags=["library"], prefix="/library")
pieces = APIRouter(prefix="/work")

Word = Annotated[PlainText, StringConstraints(max_length=200)]
_ASKED: dict[int | str, dict[str, Any]] = {
    200: {"model": WorkJson, "description": "the same bytes with the same statements were asked for before"}
}


def _work(request: Request) -> LibraryWorkService:
    service: LibraryWorkService = request.app.state.services.library_work
    return service


def _book(request: Request) -> ReleaseBook:
    book: ReleaseBook = request.app.state.services.release_book
    return book


Work = Annotated[LibraryWorkService, Depends(_work)]
Book = Annotated[ReleaseBook, Depends(_book)]


class WorkList(BaseModel):
    """Pieces of work, newest first."""

    items: list[WorkJson]


@router.post("/releases", status_code=202, response_model=WorkJson)
def ask_release(work: Work, principal: Librarian, response: Response) -> dict[str, Any]:
    """Ask for the next release; it is checked and made in the background, or refused with the reasons."""
    asked = work.ask_release(principal)
    response.headers["Location"] = f"/api/v1/library/work/{asked['work_id']}"
    return asked


@router.post("/imports", status_code=202, response_model=WorkJson, responses=_ASKED)
def ask_import(
    work: Work,
    principal: Librarian,
    response: Response,
    source: Annotated[Word, Form(description="jcamp, folder, rruff, openspecy or ramanbiolib")],
    file: Annotated[UploadFile | None, File(description="an archive or a file; ramanbiolib needs none")] = None,
    technique: Annotated[Word | None, Form(description="raman or ftir, where the files do not say it")] = None,
    mode: Annotated[Word | None, Form(description="ATR, transmission, SERS …")] = None,
    laser_nm: Annotated[Word | None, Form(description="wavelength of the laser [nm]")] = None,
    y_units: Annotated[Word | None, Form(description="absorbance, transmittance, percent_transmittance")] = None,
    controlled: Annotated[Word | None, Form(description="yes or no, where nothing else says it")] = None,
    licence: Annotated[Word | None, Form(description="the licence, where the files state none")] = None,
) -> dict[str, Any]:
    """Import a published library and propose what is usable; the same file again is the same import (200)."""
    fields = {
        "technique": technique,
        "mode": mode,
        "laser_nm": laser_nm,
        "y_units": y_units,
        "controlled": controlled,
        "licence": licence,
    }
    content = b"" if file is None else file.file.read()
    name = None if file is None else shown_name(file.filename)
    asked, is_new = work.ask_import(import_asked(source, fields, name, content), principal)
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"/api/v1/library/work/{asked['work_id']}"
    return asked


@router.post("/imports/{work_id}/decisions", status_code=202, response_model=WorkJson)
def decide_conflicts(work_id: str, body: DecisionsBody, work: Work, principal: Librarian) -> dict[str, Any]:
    """Decide conflicts of an import that has ended; what waited for them is proposed by another piece of work."""
    return work.decide(work_id, body.decisions, principal)


@pieces.get("", response_model=WorkList, dependencies=[LIBRARY_STAFF])
def list_work(
    work: Work, kind: WorkKind | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> dict[str, Any]:
    """Releases and imports that were asked for, newest first."""
    return {"items": work.list_work(kind, limit)}


@pieces.get("/{work_id}", response_model=WorkJson, dependencies=[LIBRARY_STAFF])
def show_work(work_id: str, work: Work) -> dict[str, Any]:
    """How far a piece of work is, or what it came to."""
    return work.show(work_id)


@pieces.get(
    "/{work_id}/left-out.csv",
    dependencies=[LIBRARY_STAFF],
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
def left_out(work_id: str, work: Work) -> Response:
    """Everything of an import that was not proposed, and why."""
    headers = {"Content-Disposition": 'attachment; filename="left-out.csv"'}
    return Response(work.left_out_csv(work_id), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/next-release")
def next_release(book: Book, principal: LibraryStaff) -> dict[str, Any]:
    """The next release as it would be now: what changes, and what is not in it yet."""
    return book.outlook(principal.name)


@router.get("/releases/{name}", dependencies=[LIBRARY_STAFF])
def show_release(name: str, book: Book) -> dict[str, Any]:
    """One release: digest, signature, counts, and what changed since the one before."""
    return book.show(name)


@router.get("/releases/{name}/diff", dependencies=[LIBRARY_STAFF])
def compare(name: str, book: Book, since: Annotated[PlainText | None, Query(max_length=100)] = None) -> dict[str, Any]:
    """What a release has that an earlier one has not, in words; by default the one before."""
    return book.difference(name, since)


router.include_router(pieces)
