"""Every query on scans, attachments and reservations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from reachback.cases.models import Case
from reachback.cases.repository import is_writing
from reachback.cases.states import ANSWERED, OPEN
from reachback.intake.models import Attachment, Reservation, Scan, ScanState

__all__ = [
    "answered_scans_like",
    "attachment_of",
    "attachments_of",
    "better_scan_followed",
    "caseless_scans_of_exhibit",
    "get_scan",
    "has_bytes",
    "newest_scans",
    "reservation_of",
    "reservation_of_scan",
    "reserved_scan",
    "scans_of_case",
    "scans_to_decide",
    "unanswered_reservations",
]
_NEWEST_ANSWERED = 5000


def get_scan(session: Session, scan_id: str) -> Scan | None:
    """The scan by id; in a writing session, nobody else changes it before the end."""
    if not scan_id.isprintable():  # PostgreSQL refuses a NUL even in a question
        return None
    query = select(Scan).where(Scan.id == scan_id)
    if is_writing(session):
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def scans_of_case(session: Session, case_id: str) -> list[Scan]:
    """Scans of a case, in the order they came."""
    case = session.get(Case, case_id)
    # A retrospective case looks at scans that belong to another case, or to none, and stay there.
    listed = Scan.id.in_(case.scan_ids if case is not None else ())
    query = select(Scan).where(or_(Scan.case_id == case_id, listed)).order_by(Scan.received_at, Scan.id)
    return list(session.scalars(query))


def reservation_of(session: Session, account_id: str, key: str) -> Reservation | None:
    """What an account reserved under a key."""
    return session.scalar(select(Reservation).where(Reservation.account_id == account_id, Reservation.key == key))


def reservation_of_scan(session: Session, scan_id: str) -> Reservation | None:
    """The reservation of a scan; in a writing session, nobody else changes it before the end."""
    query = select(Reservation).where(Reservation.scan_id == scan_id)
    if is_writing(session):
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def reserved_scan(session: Session, scan_id: str) -> tuple[Reservation, Scan] | None:
    """A scan and its reservation; in a writing session, nobody else changes either before the end."""
    query = select(Reservation, Scan).join(Scan, Scan.id == Reservation.scan_id).where(Reservation.scan_id == scan_id)
    if is_writing(session):
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def unanswered_reservations(session: Session) -> list[Reservation]:
    """Scans that were reserved and have no answer yet, oldest first."""
    query = (
        select(Reservation)
        .join(Scan, Scan.id == Reservation.scan_id)
        .where(Scan.state == ScanState.RESERVED)
        .order_by(Scan.received_at, Scan.id)
    )
    return list(session.scalars(query))


def has_bytes(session: Session, sha256: str) -> bool:
    """Whether a scan or an attachment stands on these bytes."""
    of_scan = select(Scan.id).where(Scan.sha256 == sha256).limit(1)
    of_attachment = select(Attachment.id).where(Attachment.sha256 == sha256).limit(1)
    return session.scalar(of_scan) is not None or session.scalar(of_attachment) is not None


def attachments_of(session: Session, scan_id: str) -> list[Attachment]:
    """Photos and other files beside a scan, in the order they came."""
    query = select(Attachment).where(Attachment.scan_id == scan_id).order_by(Attachment.received_at, Attachment.id)
    return list(session.scalars(query))


def attachment_of(session: Session, scan_id: str, attachment_id: str) -> Attachment | None:
    """One of them."""
    if not attachment_id.isprintable():
        return None
    query = select(Attachment).where(Attachment.scan_id == scan_id, Attachment.id == attachment_id)
    return session.scalar(query)


def caseless_scans_of_exhibit(session: Session, unit: str, exhibit: str, since: datetime) -> list[Scan]:
    """Earlier scans of an exhibit that opened no case."""
    query = (
        select(Scan)
        .where(Scan.unit == unit, Scan.exhibit == exhibit, Scan.case_id.is_(None), Scan.received_at >= since)
        .where(Scan.state != ScanState.RESERVED)
        .order_by(Scan.received_at, Scan.id)
    )
    if is_writing(session):
        # One that is being changed at this moment is placed by whoever changes it.
        query = query.with_for_update(skip_locked=True)
    return list(session.scalars(query))


def scans_to_decide(session: Session, now: datetime) -> list[str]:
    """Ids of the unusable scans for which no better one was waited for any longer."""
    query = select(Scan.id).where(Scan.decide_at <= now, Scan.case_id.is_(None)).order_by(Scan.decide_at, Scan.id)
    return list(session.scalars(query))


def better_scan_followed(session: Session, scan: Scan) -> bool:
    """Whether a usable scan of the same exhibit came within the time that was waited."""
    if scan.exhibit is None or scan.decide_at is None:
        return False
    later = select(Scan).where(
        Scan.unit == scan.unit,
        Scan.exhibit == scan.exhibit,
        Scan.received_at > scan.received_at,
        Scan.received_at <= scan.decide_at,
        Scan.state == ScanState.IDENTIFIED,
    )
    return any(
        each.primary_index is not None and (each.identifications or [])[each.primary_index]["quality"]["usable"]
        for each in session.scalars(later)
    )


def newest_scans(
    session: Session,
    unit: str | None,
    words: Sequence[str],
    answered: bool | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[Scan]:
    """Scans of a unit (of all, if none is named), newest first, from before a moment and id on.

    Every word has to stand in the file's name, the exhibit or the officer's form, or begin the scan's id: anywhere in
    an id, which is drawn, short words would be found by chance. ``answered`` wants
    only those whose case was answered, or only those whose case is open.
    """
    query = select(Scan).order_by(Scan.received_at.desc(), Scan.id.desc()).limit(limit)
    if unit is not None:
        query = query.where(Scan.unit == unit)
    for word in words:
        places = (Scan.file_name, Scan.exhibit, type_coerce(Scan.form, Text))
        said = (func.lower(place).contains(word.lower(), autoescape=True) for place in places)
        query = query.where(or_(*said, Scan.id.startswith(word.lower(), autoescape=True)))
    if answered is not None:
        states = ANSWERED if answered else OPEN
        query = query.join(Case, Case.id == Scan.case_id).where(Case.state.in_(sorted(states)))
    if before is not None:
        moment, scan_id = before
        query = query.where(or_(Scan.received_at < moment, and_(Scan.received_at == moment, Scan.id < scan_id)))
    return list(session.scalars(query))


def answered_scans_like(
    session: Session, substances: Sequence[str], references: Sequence[str], but_of: str, limit: int
) -> list[Scan]:
    """Scans of answered cases whose verdict names one of these substances, or lists one of these references.

    Only the newest of the archive are looked at: a reader waits for this, and what was seen last teaches most.
    """
    newest = (
        select(Scan.id)
        .join(Case, Case.id == Scan.case_id)
        .where(Case.state.in_(sorted(ANSWERED)), Case.id != but_of, Scan.state == ScanState.IDENTIFIED)
        .order_by(Scan.received_at.desc(), Scan.id.desc())
        .limit(_NEWEST_ANSWERED)
    )
    said = type_coerce(Scan.identifications, Text)
    # As canonical JSON writes a component and a candidate; targets name every watched substance and mean nothing here.
    marks = [f'],"substance":{json.dumps(name, ensure_ascii=False)}}}' for name in substances]
    marks += [f'"reference":{json.dumps(name, ensure_ascii=False)},"score":' for name in references]
    mentioned = or_(*(said.contains(mark, autoescape=True) for mark in marks))
    query = select(Scan).where(Scan.id.in_(newest), mentioned).order_by(Scan.received_at.desc(), Scan.id.desc())
    return list(session.scalars(query.limit(limit)))
