"""Adjudication over HTTP: first impression, evidence, the three readings, drafts, questions, referrals."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.adjudication.models import Reading
from reachback.adjudication.schemas import (
    Answer,
    DraftBody,
    FindingBody,
    FirstImpressionBody,
    Question,
    ReferralBody,
)
from reachback.adjudication.service import AdjudicationService

__all__ = ["router"]

router = APIRouter(tags=["adjudication"])

# An officer hears of a result when it reaches him as an answer.
LABORATORY_LOOKERS = (Role.CHEMIST, Role.LIBRARIAN, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
Anyone = Annotated[Principal, Depends(allow(*Role))]
Reader = Annotated[Principal, Depends(allow(Role.CHEMIST))]
Looker = Annotated[Principal, Depends(allow(Role.CHEMIST, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN))]
MayAnswer = Annotated[Principal, Depends(allow(Role.OFFICER, Role.DEVICE, Role.SUPERVISOR))]
Laboratory = Annotated[Principal, Depends(allow(*LABORATORY_LOOKERS))]
MayRefer = Annotated[Principal, Depends(allow(Role.CHEMIST, Role.SUPERVISOR))]


def _adjudication(request: Request) -> AdjudicationService:
    service: AdjudicationService = request.app.state.services.adjudication
    return service


Adjudication = Annotated[AdjudicationService, Depends(_adjudication)]


@router.post("/cases/{case_id}/first-impression")
def record_first_impression(
    case_id: str, body: FirstImpressionBody, desk: Adjudication, reader: Reader
) -> dict[str, Any]:
    """What the reader sees in the scan, before the machine's, the device's and the officer's views unfold."""
    return desk.readings.record_first_impression(case_id, body.lease_token, body.text, reader)


@router.get("/cases/{case_id}/evidence")
def show_evidence(case_id: str, desk: Adjudication, looker: Looker) -> dict[str, Any]:
    """The scans always; every suspicion once the reader's own first impression is recorded."""
    return desk.readings.evidence(case_id, looker)


@router.post("/cases/{case_id}/finding")
def record_finding(case_id: str, body: FindingBody, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """The first reading; the case is then ``found``, or ``second_read`` where a second reader is due."""
    return desk.readings.record(Reading.FIRST, case_id, body.lease_token, body.as_statement(), reader)


@router.post("/cases/{case_id}/second-read")
def record_second_reading(case_id: str, body: FindingBody, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """The blind second reading; agreement finds the case, disagreement calls a third reader."""
    return desk.readings.record(Reading.SECOND, case_id, body.lease_token, body.as_statement(), reader)


@router.post("/cases/{case_id}/third-read")
def record_third_reading(case_id: str, body: FindingBody, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """The third reading decides."""
    return desk.readings.record(Reading.THIRD, case_id, body.lease_token, body.as_statement(), reader)


@router.get("/cases/{case_id}/drafts")
def list_drafts(case_id: str, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """One's own texts that the case did not take, or has not been sent yet."""
    return {"items": desk.desk.drafts(case_id, reader)}


@router.put("/cases/{case_id}/draft")
def save_draft(case_id: str, body: DraftBody, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """Save what has been typed so far; the next call writes over it."""
    return desk.desk.save_draft(case_id, reader, body.body)


@router.post("/cases/{case_id}/ask-officer")
def ask_officer(case_id: str, body: Question, desk: Adjudication, reader: Reader) -> dict[str, Any]:
    """A question back; the case waits for the officer, and its deadline stays."""
    return desk.questions.ask(case_id, body.lease_token, body.question, reader)


@router.post("/cases/{case_id}/officer-answer")
def answer_question(case_id: str, body: Answer, desk: Adjudication, principal: MayAnswer) -> dict[str, Any]:
    """The answer to the oldest open question."""
    return desk.questions.answer(case_id, body.answer, principal)


@router.get("/cases/{case_id}/questions")
def list_questions(case_id: str, desk: Adjudication, principal: Anyone) -> dict[str, Any]:
    """Questions to the officer, and the answers."""
    return {"items": desk.questions.of_case(case_id, principal)}


@router.post("/cases/{case_id}/laboratory-referral")
def refer_to_laboratory(case_id: str, body: ReferralBody, desk: Adjudication, principal: MayRefer) -> dict[str, Any]:
    """Send the sample to a laboratory; its answer is due within 24 hours."""
    return desk.laboratory.refer(case_id, body.laboratory, principal)


@router.get("/laboratory-referrals")
def list_referrals(desk: Adjudication, principal: Laboratory) -> dict[str, Any]:
    """Samples at laboratories that have no result yet, earliest due first."""
    return {"items": desk.referrals.open(principal)}


@router.get("/cases/{case_id}/laboratory")
def show_laboratory_track(case_id: str, desk: Adjudication, principal: Laboratory) -> dict[str, Any]:
    """A case's referrals, and what laboratories reported."""
    return desk.referrals.of_case(case_id, principal)
