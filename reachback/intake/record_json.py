"""Scans and attachments in the words of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reachback.cases.blind_reading import ALL, WITHHELD, View, neutral_form, neutral_name
from reachback.cases.models import Case
from reachback.clock import as_utc_text
from reachback.intake.models import Attachment, Reservation, Scan

__all__ = ["attachment_as_json", "case_in_short", "file_name_in", "scan_as_json", "shown_name"]

_LONGEST_NAME = 255


def case_in_short(case: Case | None) -> dict[str, Any] | None:
    """What an upload is told of its case."""
    if case is None:
        return None
    return {"case_id": case.id, "state": str(case.state), "due_at": as_utc_text(case.due_at)}


def scan_as_json(
    scan: Scan, case: Case | None, reservation: Reservation | None, attachments: Sequence[Attachment], view: View = ALL
) -> dict[str, Any]:
    """The record of a scan, as far as somebody may see it."""
    identifications = (scan.identifications or []) if view.suspicions else []
    primary = None if scan.primary_index is None or not view.suspicions else identifications[scan.primary_index]
    answer = None if reservation is None else reservation.receipt
    return {
        "scan_id": scan.id,
        "sha256": scan.sha256,
        "file_name": file_name_in(view, scan),
        "size": scan.size,
        "unit": scan.unit,
        "exhibit": scan.exhibit,
        "state": str(scan.state),
        "received_at": as_utc_text(scan.received_at),
        "form": scan.form if view.suspicions else neutral_form(scan.form),
        "identification": primary,
        "identifications": identifications,
        "refusals": scan.refusals or [],
        "device_results": (scan.device_results or []) if view.suspicions else [],
        "withheld": None if view.suspicions else WITHHELD,
        "error": scan.error,
        "case": case_in_short(case),
        "receipt": None if answer is None else answer["body"]["receipt"],
        "attachments": [attachment_as_json(each, view) for each in attachments],
    }


def attachment_as_json(attachment: Attachment, view: View = ALL) -> dict[str, Any]:
    """A photo or another file beside a scan."""
    return {
        "attachment_id": attachment.id,
        "kind": attachment.kind,
        "file_name": file_name_in(view, attachment),
        "media_type": attachment.media_type,
        "sha256": attachment.sha256,
        "size": attachment.size,
        "received_at": as_utc_text(attachment.received_at),
    }


def file_name_in(view: View, row: Scan | Attachment) -> str:
    """The name a file came with; a neutral one for whoever reads blind."""
    return row.file_name if view.suspicions else neutral_name(row.id, row.file_name)


def shown_name(name: str | None) -> str:
    """A file's name as received, without folders and without what no screen can show."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in last)
    return printable.encode("utf-8", "replace").decode()[:_LONGEST_NAME] or "unnamed"
