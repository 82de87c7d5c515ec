"""Every query on references that grew from cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from reachback.curation.models import CaseReference, CaseReferenceState

__all__ = ["find", "living", "living_of_references", "living_of_scan", "page"]


def find(session: Session, case_reference_id: str) -> CaseReference | None:
    """One of them, held until a writing transaction ends."""
    if not case_reference_id.isprintable():
        return None
    query = select(CaseReference).where(CaseReference.id == case_reference_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def living_of_scan(session: Session, scan_id: str) -> CaseReference | None:
    """The proposal that stands on this scan, where there is one."""
    query = select(CaseReference).where(
        CaseReference.scan_id == scan_id, CaseReference.state == CaseReferenceState.PROPOSED
    )
    return session.scalars(query.limit(1)).first()


def living(session: Session) -> Sequence[CaseReference]:
    """All whose confirmation has to hold."""
    query = select(CaseReference).where(CaseReference.state == CaseReferenceState.PROPOSED)
    return session.scalars(query.order_by(CaseReference.proposed_at, CaseReference.id)).all()


def living_of_references(session: Session, reference_ids: Collection[str]) -> Sequence[CaseReference]:
    """Proposals behind these references of the library, held until a writing transaction ends."""
    query = select(CaseReference).where(
        CaseReference.reference_id.in_(list(reference_ids)), CaseReference.state == CaseReferenceState.PROPOSED
    )
    return session.scalars(query.order_by(CaseReference.id).with_for_update()).all()


def page(session: Session, limit: int) -> Sequence[CaseReference]:
    """Those proposed last, newest first."""
    query = select(CaseReference).order_by(CaseReference.proposed_at.desc(), CaseReference.id).limit(limit)
    return session.scalars(query).all()
