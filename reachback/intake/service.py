"""Intake: uploads, the record of a scan, its original bytes, photos beside it, and the wish for a chemist."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.audit.service import AuditService
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.identification_pool import IdentificationPool
from reachback.intake.kept_bytes import discard_unclaimed, keep_bytes
from reachback.intake.models import Attachment, Scan
from reachback.intake.process_sign import ProcessSign
from reachback.intake.record_json import attachment_as_json, case_in_short, scan_as_json, shown_name
from reachback.intake.schemas import AttachmentKind, ScanForm
from reachback.intake.settling import Settler
from reachback.intake.uploads import Answer, Upload, Uploads
from reachback.notify.service import NotifyService
from reachback.problems import NotFound, Problem, Unprocessable
from reachback.settings import Settings

__all__ = ["IntakeService"]

_LONGEST_KEY = 255


class IntakeService:
    """What comes in."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        chance: Chance,
        settings: Settings,
        notify: NotifyService,
        cases: CaseService,
        audit: AuditService,
        files: FileStore,
        identifier: IdentificationPool,
    ) -> None:
        self.database, self.clock, self._chance, self._files, self._cases = database, clock, chance, files, cases
        self.identifier = identifier
        self.sign = ProcessSign(settings.data_dir / "processes", chance.new_id())
        self._settler = Settler(database, clock, notify, cases, audit)
        self._uploads = Uploads(database, clock, chance, files, identifier, self.sign, self._settler)

    # -- calls of their own ------------------------------------------------------------------------------------------

    def upload(
        self, principal: Principal, key: str | None, file_name: str | None, content: bytes, form: ScanForm
    ) -> Answer:
        """Take a scan; without a key, every upload is a scan of its own.

        Raises
        ------
        Unprocessable
            The key is malformed or came with other bytes, or the file cannot be read; its bytes are kept all the same.
        Busy, DiskFull
        """
        upload = Upload(_checked_key(key, self._chance), file_name or "", content, form)
        answer = self._uploads.take(upload, principal, hashlib.sha256(content).hexdigest())
        if answer.status != 201:
            body = dict(answer.body)
            raise Unprocessable(f"the file was kept and cannot be read: {body.pop('reason')}", **body)
        return answer

    def resume(self) -> int:
        """Take up what was reserved by processes that have gone; the number of scans answered."""
        return self._uploads.take_up()

    def close(self) -> None:
        """End the processes; what is reserved and not answered may be taken up by others from now on."""
        self.identifier.close()
        self.sign.lower()

    def decide_late(self) -> int:
        """Open the cases of unusable scans that no better one followed; the number of them."""
        with self.database.reading() as session:
            due = repository.scans_to_decide(session, self.clock.now())
        return sum(self._settler.decide_late(scan_id) for scan_id in due)

    def show(self, scan_id: str, principal: Principal) -> dict[str, Any]:
        """The record of a scan."""
        with self.database.reading() as session:
            scan = self.get_scan(session, scan_id, principal)
            case = None if scan.case_id is None else self._cases.find(session, scan.case_id)
            reservation = repository.reservation_of_scan(session, scan_id)
            return scan_as_json(scan, case, reservation, repository.attachments_of(session, scan_id))

    def original(self, scan_id: str, principal: Principal) -> tuple[Scan, bytes]:
        """The bytes as uploaded."""
        with self.database.reading() as session:
            scan = self.get_scan(session, scan_id, principal)
        return scan, self._read(scan.sha256)

    def review(self, scan_id: str, principal: Principal) -> tuple[dict[str, Any], bool]:
        """The officer wants a chemist: the scan's case, opened now where none is open; true where it is new."""
        with self.database.writing(principal.account_id, "scan.review") as session:
            scan = self.get_scan(session, scan_id, principal)
            case, is_new = self._settler.open_review(session, scan)
            short = case_in_short(case)
            assert short is not None  # noqa: S101
            return short, is_new

    def attach(
        self,
        scan_id: str,
        principal: Principal,
        kind: AttachmentKind,
        file_name: str | None,
        media_type: str | None,
        content: bytes,
    ) -> tuple[dict[str, Any], bool]:
        """Keep a photo beside a scan; the same bytes once more are the same photo, and false says so."""
        with self.database.reading() as session:
            self.get_scan(session, scan_id, principal)
        sha256 = keep_bytes(self._files, content)
        try:
            with self.database.writing(principal.account_id, "scan.attach") as session:
                self.get_scan(session, scan_id, principal)
                for known in repository.attachments_of(session, scan_id):
                    if (known.sha256, known.kind) == (sha256, kind):
                        return attachment_as_json(known), False
                attachment = Attachment(
                    id=self._chance.new_id(),
                    scan_id=scan_id,
                    kind=kind,
                    file_name=shown_name(file_name),
                    media_type=_plain_media_type(media_type),
                    sha256=sha256,
                    size=len(content),
                    received_at=self.clock.now(),
                )
                session.add(attachment)
                session.flush()
                return attachment_as_json(attachment), True
        except BaseException:
            discard_unclaimed(self._files, self.database, sha256)
            raise

    def attachment(self, scan_id: str, attachment_id: str, principal: Principal) -> tuple[Attachment, bytes]:
        """A photo as uploaded."""
        with self.database.reading() as session:
            self.get_scan(session, scan_id, principal)
            attachment = repository.attachment_of(session, scan_id, attachment_id)
        if attachment is None:
            raise NotFound("there is no such attachment")
        return attachment, self._read(attachment.sha256)

    # -- inside the transaction of another domain --------------------------------------------------------------------

    def get_scan(self, session: Session, scan_id: str, principal: Principal) -> Scan:
        """The scan; NotFound also for foreign units."""
        scan = repository.get_scan(session, scan_id)
        if scan is None or not (principal.sees_all_units or scan.unit == principal.unit):
            raise NotFound("there is no such scan")
        return scan

    def scans_of_case(self, session: Session, case: Case | str) -> list[Scan]:
        """Scans of a case, in the order they came."""
        return repository.scans_of_case(session, case if isinstance(case, str) else case.id)

    def attachments_of(self, session: Session, scan_id: str) -> list[Attachment]:
        """Photos and other files beside a scan, in the order they came."""
        return repository.attachments_of(session, scan_id)

    def _read(self, sha256: str) -> bytes:
        try:
            return self._files.read(sha256)
        except (OSError, ValueError) as error:
            raise Problem("the stored file is missing or no longer what was uploaded; run 'audit verify'") from error


def _checked_key(key: str | None, chance: Chance) -> str:
    if key is None:
        return chance.new_secret()
    if not 1 <= len(key) <= _LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise Unprocessable("Idempotency-Key: 1 to 255 visible ASCII characters are wanted")
    return key


def _plain_media_type(media_type: str | None) -> str:
    """What the sender calls it, kept as a label; files are always given back as plain bytes."""
    text = (media_type or "").partition(";")[0].strip().lower()
    return text if text.isascii() and text.isprintable() and 0 < len(text) <= 100 else "application/octet-stream"
