"""What readers and officers said, as the faces of the service write it."""

from __future__ import annotations

from typing import Any

from reachback.adjudication.models import Finding, LaboratoryResult, OfficerQuestion, Referral
from reachback.cases.models import FirstImpression
from reachback.clock import as_utc_text

__all__ = ["finding_as_json", "impression_as_json", "question_as_json", "referral_as_json", "result_as_json"]


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """One reading."""
    return {
        "finding_id": finding.id,
        "version": finding.version,
        "reading": finding.reading,
        "account_id": finding.account_id,
        "outcome": finding.outcome,
        "components": finding.components,
        "comment": finding.comment,
        "confidence": finding.confidence_words,
        "evidence_used": finding.evidence_used,
        "at": as_utc_text(finding.at),
    }


def impression_as_json(impression: FirstImpression) -> dict[str, Any]:
    """What a reader saw first."""
    return {"account_id": impression.account_id, "text": impression.text, "at": as_utc_text(impression.at)}


def question_as_json(question: OfficerQuestion) -> dict[str, Any]:
    """A question to the officer, and its answer."""
    return {
        "question_id": question.id,
        "question": question.question,
        "asked_at": as_utc_text(question.asked_at),
        "answer": question.answer,
        "answered_at": None if question.answered_at is None else as_utc_text(question.answered_at),
    }


def referral_as_json(referral: Referral) -> dict[str, Any]:
    """A sample on its way to a laboratory, with its own deadline."""
    return {
        "referral_id": referral.id,
        "laboratory": referral.laboratory,
        "referred_at": as_utc_text(referral.referred_at),
        "due_at": as_utc_text(referral.due_at),
        "reported_at": None if referral.reported_at is None else as_utc_text(referral.reported_at),
        "overdue_at": None if referral.overdue_at is None else as_utc_text(referral.overdue_at),
    }


def result_as_json(result: LaboratoryResult) -> dict[str, Any]:
    """What a laboratory found."""
    return {
        "laboratory": result.laboratory,
        "technique": result.technique,
        "components": result.components,
        "reported_at": as_utc_text(result.reported_at),
        "reference_number": result.reference_number,
        "entered_at": as_utc_text(result.entered_at),
        "agrees": bool(result.agrees),
    }
