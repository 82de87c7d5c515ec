"""References over HTTP: looked up, looked at, proposed from a file, taken out, and conflicts decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from library.ledger import State
from reachback.accounts.library_rights import LIBRARY_STAFF, Librarian, LibraryStaff
from reachback.curation.eligible_scans import EligibleScans
from reachback.curation.reference_bench import ReferenceBench
from reachback.curation.reference_catalogue import Sought
from reachback.curation.reference_steps import ReferenceSteps
from reachback.curation.schemas import Reason, Word
from reachback.curation.stated_reference import FIELDS
from reachback.intake.record_json import shown_name
from reachback.plain_text import PlainText
from reachback.problems import Unprocessable
from spectra.reference import Grade
from spectra.spectrum import Technique

__all__ = ["SVG_HEADERS", "router"]

router = APIRouter(tags=["library"], prefix="/library")

Keys = Annotated[list[Annotated[PlainText, Field(min_length=1, max_length=2000)]], Field(min_length=1, max_length=1000)]
Text = Annotated[PlainText, Query(max_length=200)]
# A reference never changes, and its drawing's own styles are all that it may use.
SVG_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, max-age=86400",
    "Vary": "Cookie",
}


def _bench(request: Request) -> ReferenceBench:
    bench: ReferenceBench = request.app.state.services.references
    return bench


def _steps(request: Request) -> ReferenceSteps:
    steps: ReferenceSteps = request.app.state.services.reference_steps
    return steps


def _eligible(request: Request) -> EligibleScans:
    eligible: EligibleScans = request.app.state.services.eligible_scans
    return eligible


Bench = Annotated[ReferenceBench, Depends(_bench)]
Steps = Annotated[ReferenceSteps, Depends(_steps)]


class Named(BaseModel):
    """References, and why something is done to them."""

    model_config = ConfigDict(extra="forbid")

    reference_ids: Annotated[list[Word], Field(min_length=1, max_length=1000)]
    because: Reason


class TakenOut(Named):
    """References to be taken out, and what stands in their place."""

    successor: Word | None = None


class Settled(BaseModel):
    """Conflicts, by their keys, that may stand, and why."""

    model_config = ConfigDict(extra="forbid")

    keys: Keys
    because: Reason


@router.get("/references", dependencies=[LIBRARY_STAFF])
def list_references(
    bench: Bench,
    state: State | None = None,
    q: Text = "",
    technique: Technique | None = None,
    grade: Grade | None = None,
    substance_class: Text = "",
    after: Annotated[PlainText, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """References of the laboratory's store, by id; ``q`` is part of a name, a CAS number, an InChIKey or an id.

    ``next`` is the query of the next page.
    """
    sought = Sought(q, state or "", technique or "", grade or "", substance_class)
    items, following = bench.catalogue.after(sought, after, limit)
    return {"items": items, "next": following}


@router.get("/references/{reference_id}", dependencies=[LIBRARY_STAFF])
def show_reference(reference_id: str, bench: Bench) -> dict[str, Any]:
    """One reference with its story and the releases that hold it."""
    return bench.catalogue.show(reference_id)


@router.get("/references/{reference_id}/findings", dependencies=[LIBRARY_STAFF])
def show_findings(reference_id: str, bench: Bench) -> dict[str, Any]:
    """What the checks find on a reference, alone and beside everything that lives in the library."""
    return {"items": bench.findings([reference_id])[reference_id]}


@router.get(
    "/references/{reference_id}/picture.svg",
    dependencies=[LIBRARY_STAFF],
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}},
)
def draw_reference(reference_id: str, bench: Bench, beside: Text = "") -> Response:
    """The curve as measured; with ``beside``, two curves as they are compared."""
    drawn = bench.picture(reference_id, beside or None)
    return Response(drawn, media_type="image/svg+xml", headers=dict(SVG_HEADERS))


@router.post("/references", status_code=201)
def propose_file(
    steps: Steps,
    principal: Librarian,
    file: Annotated[UploadFile, File(description="the file as the device wrote it")],
    metadata: Annotated[str, Form(description=f"JSON object of texts: {', '.join(FIELDS)}")],
) -> dict[str, Any]:
    """Propose one spectrum of a file as a reference; ``fields`` of a refusal says what is wrong where."""
    return steps.propose_file(shown_name(file.filename), file.file.read(), _texts(metadata), principal)


@router.post("/references/propose-drafts")
def propose_drafts(body: Named, steps: Steps, principal: Librarian) -> dict[str, Any]:
    """Propose drafts that a check or a reviewer has kept back, as they are; the reviewer reads why."""
    return {"reference_ids": steps.propose_drafts(body.reference_ids, body.because, principal)}


@router.post("/references/take-out")
def take_out(body: TakenOut, steps: Steps, principal: Librarian) -> dict[str, Any]:
    """Deprecate what was released, withdraw what was not; nothing is deleted."""
    return {"reference_ids": steps.take_out(body.reference_ids, body.because, body.successor, principal)}


@router.get("/conflicts", dependencies=[LIBRARY_STAFF])
def list_conflicts(bench: Bench) -> dict[str, Any]:
    """Conflicts of waiting references that a release would wait for; ``not_checked`` were too many to look at."""
    waiting, not_checked = bench.open_conflicts()
    return {"items": waiting, "not_checked": not_checked}


@router.post("/conflicts/settle")
def settle_conflicts(body: Settled, steps: Steps, principal: Librarian) -> dict[str, Any]:
    """Decide that conflicts may stand: all of them in one step, or none."""
    return {"keys": steps.settle(body.keys, body.because, principal)}


@router.get("/eligible-scans")
def list_eligible_scans(
    eligible: Annotated[EligibleScans, Depends(_eligible)], principal: LibraryStaff
) -> dict[str, Any]:
    """Scans that a chemist adjudicated and a laboratory confirmed, and why some of them are no references."""
    return {"items": eligible.page(principal)}


def _texts(metadata: str) -> dict[str, str]:
    try:
        said = json.loads(metadata)
    except (ValueError, RecursionError):
        raise Unprocessable("metadata: this is no JSON; send an object of texts") from None
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise Unprocessable("metadata: send an object whose values are texts")
    strange = sorted(set(said) - set(FIELDS))
    if strange:
        raise Unprocessable(f"metadata: nothing is known of {strange[0][:60]!r}; known are {', '.join(FIELDS)}")
    return said
