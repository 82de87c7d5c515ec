"""Intake: uploads, the record of a scan, its original bytes, photos beside it, and the wish for a chemist."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.audit.service import AuditService
from reachback.cases.blind_reading import ALL, View
from reachback.cases.models import Case
from reachback.cases.service import CaseService
from reachback.clock import Chance, Clock
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.identification_pool import IdentificationPool
from reachback.intake.kept_bytes import discard_unclaimed, keep_bytes
from reachback.intake.models import Attachment, Scan
from reachback.intake.photos import Photo, photos_once
from reachback.intake.process_sign import ProcessSign
from reachback.intake.record_json import attachment_as_json, case_in_short, file_name_in, scan_as_json
from reachback.intake.schemas import AttachmentKind, ScanForm
from reachback.intake.settling import Settler
from reachback.intake.uploads import Answer, Upload, Uploads
from reachback.notify.service import NotifyService
from reachback.problems import NotFound, Problem, Unprocessable
from reachback.settings import Settings

__all__ = ["IntakeService", "StoredFile"]

_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes as uploaded, and the name under which they are given back."""

    name: str
    sha256: str
    content: bytes


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
        self,
        principal: Principal,
        key: str | None,
        file_name: str | None,
        content: bytes,
        form: ScanForm,
        photos: Sequence[Photo] = (),
    ) -> Answer:
        """Take a scan and the photos that came with it; without a key, every upload is a scan of its own.

        Raises
        ------
        Unprocessable
            The key is malformed or came with other bytes, or the file cannot be read; its bytes are kept all the same.
        Busy, DiskFull
        """
        upload = Upload(_checked_key(key, self._chance), file_name or "", content, form, photos_once(photos))
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
            view = self._view(session, scan, principal)
            return scan_as_json(scan, case, reservation, repository.attachments_of(session, scan_id), view)

    def original(self, scan_id: str, principal: Principal) -> StoredFile:
        """The bytes as uploaded."""
        with self.database.reading() as session:
            scan = self.get_scan(session, scan_id, principal)
            name = file_name_in(self._view(session, scan, principal), scan)
        return StoredFile(name, scan.sha256, self._read(scan.sha256))

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
        photo = Photo.of(kind, file_name, media_type, content)
        with self.database.reading() as session:
            self.get_scan(session, scan_id, principal)
        keep_bytes(self._files, photo.content)
        try:
            shown, is_new = self._write_attachment(scan_id, principal, photo)
        except BaseException:
            discard_unclaimed(self._files, self.database, photo.sha256)
            raise
        if not self._files.path(photo.sha256).exists():  # a failing upload of the same bytes may have discarded them
            keep_bytes(self._files, photo.content)
        return shown, is_new

    def _write_attachment(self, scan_id: str, principal: Principal, photo: Photo) -> tuple[dict[str, Any], bool]:
        with self.database.writing(principal.account_id, "scan.attach") as session:
            scan = self.get_scan(session, scan_id, principal)
            for known in repository.attachments_of(session, scan_id):
                if (known.sha256, known.kind) == photo.key:
                    return attachment_as_json(known, self._view(session, scan, principal)), False
            attachment = photo.as_attachment(self._chance.new_id(), scan_id, self.clock.now())
            session.add(attachment)
            session.flush()
            return attachment_as_json(attachment), True

    def attachment(self, scan_id: str, attachment_id: str, principal: Principal) -> StoredFile:
        """A photo as uploaded."""
        with self.database.reading() as session:
            scan = self.get_scan(session, scan_id, principal)
            attachment = repository.attachment_of(session, scan_id, attachment_id)
            if attachment is None:
                raise NotFound("there is no such attachment")
            name = file_name_in(self._view(session, scan, principal), attachment)
        return StoredFile(name, attachment.sha256, self._read(attachment.sha256))

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

    def _view(self, session: Session, scan: Scan, principal: Principal) -> View:
        """What of a scan this account may see; whoever uploaded it was told with the receipt."""
        case = None if scan.case_id is None else self._cases.find(session, scan.case_id)
        if case is None or scan.account_id == principal.account_id:
            return ALL
        return self._cases.view(session, case, principal)

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
