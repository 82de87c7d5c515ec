"""The numbers behind the workbench: a scan's curve, references, fits of a chosen set, names of substances."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.plain_text import PlainText
from reachback.problems import Conflict, NotFound, Unprocessable
from reachback.strict_json import dump_strictly
from reachback.web.chemist.opened_scans import MOST_CHOSEN, OpenedScan, ScanBench, rows_named
from reachback.web.chemist.spectrum_json import entry_name, fit_as_json, ranked, reference_as_json, scan_as_json
from reachback.web.chemist.worklist_pages import LOOKERS
from spectra.question import Question

__all__ = ["bench_of", "opened_scan", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
Looker = Annotated[Principal, Depends(allow(*LOOKERS))]
Position = Annotated[int, Query(ge=0, le=100_000)]
Name = Annotated[PlainText, Field(max_length=300)]
_WORTH_COMPRESSING = 1024  # [bytes]
_MOST_NAMES = 20
_MOST_REFERENCES = 12


class Chosen(BaseModel):
    """A spectrum of the case and the references it is to be fitted with."""

    model_config = ConfigDict(extra="forbid")

    scan_id: Name
    spectrum: int = Field(ge=0, le=100_000)
    references: list[Name] = Field(max_length=MOST_CHOSEN)


def bench_of(request: Request) -> ScanBench:
    """The opened scans of this process."""
    state = request.app.state
    if not hasattr(state, "scan_bench"):
        state.scan_bench = ScanBench(state.services.library)
    bench: ScanBench = state.scan_bench
    return bench


@router.get("/desk/cases/{case_id}/evidence.json")
def evidence(
    case_id: str, request: Request, principal: Looker, scan: str | None = None, spectrum: Position | None = None
) -> Response:
    """A spectrum of the case as curves; by default the first scan's, the spectrum that its verdict is about."""
    case, shown = _scan_of(request, case_id, scan, principal)
    position = _position(shown, spectrum)
    opened = opened_scan(request, shown, position, principal)
    answer = {
        "scan_id": shown["scan_id"],
        "spectrum": position,
        "unfolded": case["unfolded"],
        **scan_as_json(opened),
        "machine": _machine(request, opened, shown, position) if case["unfolded"] else None,
    }
    return _as_answer(request, answer)


@router.post("/desk/cases/{case_id}/fit.json")
def fit(case_id: str, chosen: Chosen, request: Request, principal: Looker) -> Response:
    """The scan fitted with a chosen set of references."""
    case, shown = _scan_of(request, case_id, chosen.scan_id, principal)
    if not case["unfolded"]:
        raise Conflict(str(case["to_unfold"]))
    opened = opened_scan(request, shown, _position(shown, chosen.spectrum), principal)
    question = _question(opened)
    rows = rows_named(chosen.references, question)
    if len(rows) < len(set(chosen.references)):
        raise Unprocessable("one of these references is not in the library; load the page again")
    return _as_answer(request, fit_as_json(opened, rows, bench_of(request).library()))


@router.get("/desk/cases/{case_id}/references.json")
def references(
    case_id: str,
    request: Request,
    principal: Looker,
    reference: Annotated[list[str], Query(max_length=_MOST_REFERENCES)],
    scan: str | None = None,
    spectrum: Position | None = None,
) -> Response:
    """Curves of references that somebody wants to lay over the scan."""
    _, shown = _scan_of(request, case_id, scan, principal)
    question = _question(opened_scan(request, shown, _position(shown, spectrum), principal))
    rows = [row for row in rows_named(reference, question) if question.comparable[row]]
    return _as_answer(request, {"items": [reference_as_json(question, row) for row in rows]})


@router.get("/desk/substances.json", dependencies=[Depends(allow(*LOOKERS))])
def substances(
    request: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    technique: Annotated[str | None, Query(max_length=10)] = None,
) -> Response:
    """References whose substance, form or class holds what was typed: those that begin with it first."""
    wanted = q.casefold().strip()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, held in bench_of(request).library().sets.items():
        for entry in held.entries if technique in (None, str(name)) else ():
            text = f"{entry.substance} {entry.form or ''} {entry.substance_class or ''}".casefold()
            if wanted in text and not entry.is_packaging:
                found[entry.id, str(name)] = {
                    "reference": entry.id,
                    "substance": entry.substance,
                    "form": entry.form,
                    "class": entry.substance_class,
                    "technique": str(name),
                    "name": entry_name(entry),
                }
    ordered = sorted(
        found.values(), key=lambda each: (not each["substance"].casefold().startswith(wanted), each["name"].casefold())
    )
    return _as_answer(request, {"items": ordered[:_MOST_NAMES]})


def _scan_of(
    request: Request, case_id: str, scan_id: str | None, principal: Principal
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The case as this reader may see it, and one of its scans."""
    case: dict[str, Any] = request.app.state.services.adjudication.readings.evidence(case_id, principal)
    for shown in case["scans"]:
        if scan_id in (None, shown["scan_id"]):
            return case, shown
    raise NotFound("this case holds no such scan")


def _position(shown: Mapping[str, Any], wanted: int | None) -> int:
    n_spectra = len(shown["spectra"])
    if wanted is None:
        usable = [i for i, each in enumerate(shown["spectra"]) if (each["quality"] or {}).get("usable")]
        wanted = usable[0] if usable else 0
    if wanted >= n_spectra:
        raise NotFound("this scan holds no such spectrum; its file may have been unreadable")
    return wanted


def opened_scan(request: Request, shown: Mapping[str, Any], position: int, principal: Principal) -> OpenedScan:
    """A spectrum of a scan, read and prepared; kept for the next page that asks for it."""
    intake = request.app.state.services.intake
    return bench_of(request).opened(
        shown["spectra"][position]["scan"],
        shown["sha256"],
        shown["file_name"],
        lambda: intake.original(shown["scan_id"], principal).content,
    )


def _question(opened: OpenedScan) -> Question:
    if opened.question is None:
        raise Unprocessable(f"nothing can be compared here: {opened.why_not}")
    return opened.question


def _machine(request: Request, opened: OpenedScan, shown: Mapping[str, Any], position: int) -> dict[str, Any] | None:
    """The fit of what the machine named, made again from the same bytes; the verdict itself stands in the page."""
    element, library = shown["suspicions"]["machine"][position], bench_of(request).library()
    question = opened.question
    if question is None:
        return None
    named = [part["reference"] for part in element.get("components") or ()]
    background = set(element.get("background") or ())
    rows = rows_named(named, question)
    packaging = [row for row, entry in enumerate(question.references.entries) if entry.substance in background]
    rows = [row for row in [*rows, *packaging[:1]] if question.comparable[row]]
    is_same = (element.get("library") or {}).get("digest") == library.digest and len(rows) >= len(named)
    return {
        "same_library": is_same,
        "components": element.get("components") or [],
        "candidates": element.get("candidates") or ranked(question),
        "unexplained_bands": (element.get("unexplained") or {}).get("bands") or [],
        "fit": fit_as_json(opened, rows[:MOST_CHOSEN], library) if rows else None,
    }


def _as_answer(request: Request, answer: Mapping[str, Any]) -> Response:
    content = dump_strictly(answer, indent=None).encode()
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding, Cookie"}
    if len(content) >= _WORTH_COMPRESSING and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type="application/json")
