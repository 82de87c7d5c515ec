"""All queries on what chemists and laboratories say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from reachback.adjudication.models import (
    Draft,
    Finding,
    LaboratoryResult,
    OfficerQuestion,
    Referral,
)

__all__ = [
    "autosaved_draft",
    "drafts_of",
    "findings_of",
    "laboratory_results_of",
    "latest_results",
    "open_referral",
    "open_referrals",
    "overdue_referral",
    "overdue_referrals",
    "questions_of",
    "referrals_of",
]


def findings_of(session: Session, case_id: str) -> Sequence[Finding]:
    """Every reading of a case, first version first."""
    return session.scalars(select(Finding).where(Finding.case_id == case_id).order_by(Finding.version)).all()


def drafts_of(session: Session, case_id: str, account_id: str) -> Sequence[Draft]:
    """What one chemist typed and the case did not take, newest first."""
    query = select(Draft).where(Draft.case_id == case_id, Draft.account_id == account_id)
    return session.scalars(query.order_by(Draft.at.desc(), Draft.id)).all()


def autosaved_draft(session: Session, case_id: str, account_id: str, why: str) -> Draft | None:
    """The one draft that is written over while a chemist types."""
    query = select(Draft).where(Draft.case_id == case_id, Draft.account_id == account_id, Draft.why == why)
    return session.scalars(query.order_by(Draft.at.desc()).limit(1)).first()


def questions_of(session: Session, case_id: str) -> Sequence[OfficerQuestion]:
    """Questions to the officer, in the order they were asked."""
    query = select(OfficerQuestion).where(OfficerQuestion.case_id == case_id)
    return session.scalars(query.order_by(OfficerQuestion.asked_at, OfficerQuestion.id)).all()


def referrals_of(session: Session, case_id: str) -> Sequence[Referral]:
    """Samples that were sent to a laboratory."""
    query = select(Referral).where(Referral.case_id == case_id)
    return session.scalars(query.order_by(Referral.referred_at, Referral.id)).all()


def open_referral(session: Session, case_id: str) -> Referral | None:
    """The referral that a result answers: the earliest one that has no report yet."""
    return next((referral for referral in referrals_of(session, case_id) if referral.reported_at is None), None)


def open_referrals(session: Session, limit: int) -> Sequence[Referral]:
    """Referrals without a result, over all cases, earliest due first."""
    query = select(Referral).where(Referral.reported_at.is_(None)).order_by(Referral.due_at, Referral.id)
    return session.scalars(query.limit(limit)).all()


def overdue_referrals(session: Session, now: datetime) -> Sequence[Referral]:
    """Referrals without a result after their deadline that nobody was told of yet."""
    return session.scalars(_overdue(now).order_by(Referral.due_at, Referral.id)).all()


def overdue_referral(session: Session, referral_id: str, now: datetime) -> Referral | None:
    """One of these, held until the transaction ends; None where it is none any more."""
    return session.scalar(_overdue(now).where(Referral.id == referral_id).with_for_update())


def _overdue(now: datetime) -> Select[Referral]:
    return select(Referral).where(Referral.due_at <= now, Referral.reported_at.is_(None), Referral.overdue_at.is_(None))


def laboratory_results_of(session: Session, case_id: str) -> Sequence[LaboratoryResult]:
    """What laboratories reported, in the order it was entered."""
    query = select(LaboratoryResult).where(LaboratoryResult.case_id == case_id)
    return session.scalars(query.order_by(LaboratoryResult.entered_at, LaboratoryResult.id)).all()


def latest_results(session: Session, limit: int) -> Sequence[LaboratoryResult]:
    """What laboratories reported on any case, entered last first."""
    query = select(LaboratoryResult).order_by(LaboratoryResult.entered_at.desc(), LaboratoryResult.id)
    return session.scalars(query.limit(limit)).all()
