"""All queries on replies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from reachback.replies.models import Reply

__all__ = ["replies_of"]


def replies_of(session: Session, case_id: str) -> Sequence[Reply]:
    """Everything that was answered in a case, first version first."""
    return session.scalars(select(Reply).where(Reply.case_id == case_id).order_by(Reply.version)).all()
