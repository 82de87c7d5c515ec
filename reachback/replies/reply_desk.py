"""What every part of replies works with: the services below, and the drawing of a report from stored bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from library.model import OpenLibrary
from reachback.accounts.rights import Principal
from reachback.accounts.service import AccountService
from reachback.adjudication.evidence import ScanRecord
from reachback.adjudication.service import AdjudicationService
from reachback.audit.service import AuditService
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock, as_utc_text
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.exhibit_fusion import Held
from reachback.notify.service import NotifyService
from reachback.problems import Conflict
from reachback.replies.figures import MOST_PICTURES, Picture, draw_scan
from reachback.replies.models import Reply
from reachback.replies.report_pdf import report_pdf

__all__ = ["Intake", "ReplyDesk", "StoredScan", "reply_as_json", "scan_as_facts"]


class StoredScan(ScanRecord, Protocol):
    """A scan with its case, and the reason why it could not be read."""

    @property
    def case_id(self) -> str | None:
        """The case it belongs to."""
        ...

    @property
    def state(self) -> str:
        """Reserved, identified or unreadable."""
        ...

    @property
    def error(self) -> str | None:
        """Why it could not be read."""
        ...


class StoredAttachment(Protocol):
    """A photo or another file beside a scan."""

    @property
    def id(self) -> str:
        """The attachment's id."""
        ...

    @property
    def file_name(self) -> str:
        """As the upload named it."""
        ...

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        ...


class Intake(Protocol):
    """Where scans come from."""

    def scans_of_case(self, session: Session, case_id: str, /) -> Sequence[StoredScan]:
        """Scans of a case, in the order they came."""
        ...

    def get_scan(self, session: Session, scan_id: str, principal: Principal) -> StoredScan:
        """A scan; NotFound also for foreign units."""
        ...

    def attachments_of(self, session: Session, scan_id: str) -> Sequence[StoredAttachment]:
        """Files beside a scan."""
        ...


@dataclass(frozen=True, slots=True)
class ReplyDesk:
    """The services that replies stand on."""

    database: Database
    clock: Clock
    chance: Chance
    notify: NotifyService
    cases: CaseService
    adjudication: AdjudicationService
    intake: Intake
    audit: AuditService
    accounts: AccountService
    files: FileStore
    library: Callable[[], OpenLibrary]

    def class_of(self, substance: str) -> str | None:
        """A substance's class in the library."""
        return self.adjudication.desk.known_substances().class_of(substance)

    def held(self) -> Held:
        """Technique → substances of which the library has references."""
        return self.adjudication.desk.known_substances().held

    def known_classes(self) -> list[str]:
        """Classes that the library's references have."""
        return sorted(set(self.adjudication.desk.known_substances().classes.values()))

    def draw(self, content: Mapping[str, Any], scans: Sequence[Mapping[str, Any]]) -> bytes:
        """The report on a reply; no transaction may be open, this takes a while."""
        pictures: dict[tuple[str, int], Picture] = {}
        for scan in scans:
            stored = self.stored_bytes(scan["sha256"], f"scan {scan['scan_id']}") if scan["elements"] else b""
            is_short = len(scan["elements"]) <= MOST_PICTURES  # identifying it all again takes no time then
            for position, element in enumerate(scan["elements"][:MOST_PICTURES]):
                picture = draw_scan(stored, element, self.library(), with_fit=is_short)
                if picture is not None:
                    pictures[scan["scan_id"], position] = picture
        return report_pdf(content, pictures)

    def stored_bytes(self, sha256: str, what: str) -> bytes:
        """Bytes as they were stored, or a refusal: nothing is built on bytes that changed."""
        try:
            return self.files.read(sha256)
        except (OSError, ValueError):
            raise Conflict(
                f"the stored file of {what} is missing or was changed; have the audit log verified"
            ) from None


def scan_as_facts(scan: StoredScan) -> dict[str, Any]:
    """A scan as replies are made from it."""
    return {
        "scan_id": scan.id,
        "file_name": scan.file_name,
        "sha256": scan.sha256,
        "received_at": as_utc_text(scan.received_at),
        "error": scan.error,
        "elements": list(scan.identifications or ()),
        "strips": list(scan.form.get("strips") or ()),
    }


def reply_as_json(reply: Reply) -> dict[str, Any]:
    """One version of an answer."""
    return {
        "reply_id": reply.id,
        "version": reply.version,
        "kind": reply.kind,
        "released_at": as_utc_text(reply.released_at),
        "report_sha256": reply.report_sha256,
        "content": reply.content,
    }
