"""An upload from its bytes to its answer: kept, reserved, identified, settled; every step can be taken up again.

The steps are those of decision 3. Whoever holds the reservation works; everybody else with the same key waits for the
answer, and takes over where the one who held it has gone.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from reachback.accounts.rights import Principal
from reachback.clock import Chance, Clock
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake import repository
from reachback.intake.identification_pool import IdentificationPool
from reachback.intake.kept_bytes import discard_unclaimed, is_full, keep_all, keep_bytes
from reachback.intake.models import Reservation, Scan, ScanState
from reachback.intake.photos import Photo
from reachback.intake.process_sign import ProcessSign
from reachback.intake.record_json import shown_name
from reachback.intake.schemas import ScanForm, stated_of
from reachback.intake.settling import Settler
from reachback.problems import Busy, DiskFull, Unprocessable

__all__ = ["Answer", "Upload", "Uploads"]

# Longer than a file may take twice; a process that has gone is noticed by its sign, long before.
RESERVED_FOR = timedelta(minutes=5)
RENEW_SECONDS = 30.0
WAIT_SECONDS = 120.0
_FIRST_LOOK, _LONGEST_LOOK = 0.02, 0.25  # [s] between looks at another's reservation


@dataclass(frozen=True, slots=True)
class Upload:
    """What came in one request."""

    key: str
    file_name: str
    content: bytes
    form: ScanForm
    photos: tuple[Photo, ...] = ()

    @property
    def contents(self) -> list[bytes]:
        """All bytes that came, the scan's own first."""
        return [self.content, *(photo.content for photo in self.photos)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; ``is_new`` where this request made the scan."""

    status: int
    body: dict[str, Any]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes uploads, and takes up what others left."""

    database: Database
    clock: Clock
    chance: Chance
    files: FileStore
    pool: IdentificationPool
    sign: ProcessSign
    settler: Settler

    def take(self, upload: Upload, principal: Principal, sha256: str) -> Answer:
        """Answer an upload: the first of its key makes the scan, all others get the same answer."""
        with contextlib.ExitStack() as place:
            try:
                place.enter_context(self.pool.place())
                kept = keep_all(self.files, self.database, upload.contents)
            except (Busy, DiskFull):
                place.close()
                known = self._known(upload, sha256, principal)  # an answer that is there already needs no room
                if known is None:
                    raise
                return self._await(known)
            reserved = self._reserve_or_discard(upload, kept, principal)
            if isinstance(reserved, Scan):
                for digest, content in zip(kept, upload.contents, strict=True):
                    if not self.files.path(digest).exists():  # a failing upload of the same may have discarded them
                        keep_bytes(self.files, content)
                return self._work(reserved, is_new=True)
        return self._await(reserved)

    def take_up(self) -> int:
        """Work on what was reserved by processes that have gone; the number of scans answered."""
        with self.database.reading() as session:
            waiting = [each.scan_id for each in repository.unanswered_reservations(session) if self._is_left(each)]
        done = 0
        for scan_id in waiting:
            try:
                with self.pool.place():
                    if self._take_over(scan_id):
                        self._work(self._reserved(scan_id), is_new=False)
                        done += 1
            except Busy:
                break  # the next sweep goes on
        return done

    # -- parts -------------------------------------------------------------------------------------------------------

    def _known(self, upload: Upload, sha256: str, principal: Principal) -> str | None:
        with self.database.reading() as session:
            return _answered_before(session, upload, sha256, principal)

    def _reserve_or_discard(self, upload: Upload, kept: list[str], principal: Principal) -> Scan | str:
        try:
            return self._reserve(upload, kept[0], principal)
        except IntegrityError:  # on PostgreSQL, an equal request may reserve at the very same moment
            known = self._known(upload, kept[0], principal)
            if known is None:
                raise
            return known
        except BaseException:
            discard_unclaimed(self.files, self.database, *kept)
            raise

    def _reserve(self, upload: Upload, sha256: str, principal: Principal) -> Scan | str:
        """The scan that this request made, or the id of the one that was there before."""
        with self.database.writing(principal.account_id, "scan.upload") as session:
            known = _answered_before(session, upload, sha256, principal)
            if known is not None:
                return known
            now = self.clock.now()
            scan = Scan(
                id=self.chance.new_id(),
                account_id=principal.account_id,
                unit=principal.unit,
                file_name=shown_name(upload.file_name),
                sha256=sha256,
                size=len(upload.content),
                received_at=now,
                state=ScanState.RESERVED,
                form=upload.form.as_stored(),
                exhibit=upload.form.exhibit,
            )
            session.add(scan)
            session.flush()
            reservation = Reservation(
                scan_id=scan.id, account_id=principal.account_id, key=upload.key, sha256=sha256, expires_at=now
            )
            self._own(reservation)
            session.add(reservation)
            for photo in upload.photos:
                session.add(photo.as_attachment(self.chance.new_id(), scan.id, now))
            return scan

    def _own(self, reservation: Reservation) -> None:
        reservation.owner = self.sign.raise_sign()
        reservation.expires_at = self.clock.now() + RESERVED_FOR

    def _is_left(self, reservation: Reservation) -> bool:
        return reservation.expires_at <= self.clock.now() or self.sign.has_gone(reservation.owner)

    def _take_over(self, scan_id: str) -> bool:
        with self.database.reading() as session:
            seen = repository.reservation_of_scan(session, scan_id)
        if seen is None or seen.receipt is not None or not self._is_left(seen):
            return False
        with self.database.writing("intake", "scan.take_up") as session:
            reservation = repository.reservation_of_scan(session, scan_id)
            is_as_seen = reservation is not None and (
                reservation.owner,
                reservation.expires_at,
                reservation.receipt,
            ) == (
                seen.owner,
                seen.expires_at,
                None,
            )
            if reservation is None or not is_as_seen:
                return False  # another process was faster
            self._own(reservation)
            return True

    def _renew(self, scan_id: str) -> None:
        with self.database.writing("intake", "scan.renew") as session:
            reservation = repository.reservation_of_scan(session, scan_id)
            if reservation is not None and reservation.owner == self.sign.name and reservation.receipt is None:
                reservation.expires_at = self.clock.now() + RESERVED_FOR

    def _let_go(self, scan_id: str) -> None:
        with self.database.writing("intake", "scan.let_go") as session:
            reservation = repository.reservation_of_scan(session, scan_id)
            if reservation is not None and reservation.owner == self.sign.name and reservation.receipt is None:
                reservation.expires_at = self.clock.now()

    def _reserved(self, scan_id: str) -> Scan:
        with self.database.reading() as session:
            scan = repository.get_scan(session, scan_id)
        if scan is None:
            raise LookupError(f"scan {scan_id} was reserved and is not there")
        return scan

    def _work(self, scan: Scan, *, is_new: bool) -> Answer:
        """Identify a scan that this process reserved, and settle it."""
        try:
            found = self._identify(scan)
            stored = self.settler.settle(scan.id, found, self.sign.name)
        except BaseException as error:
            with contextlib.suppress(SQLAlchemyError):
                self._let_go(scan.id)  # so that the next request with this key need not wait
            if is_full(error):
                raise DiskFull(
                    "the scan is kept, but its result has no room: send it again with the same key"
                ) from error
            raise
        return self._await(scan.id) if stored is None else _as_answer(stored, is_new=is_new)

    def _identify(self, scan: Scan) -> Mapping[str, Any]:
        path = Path(self.files.path(scan.sha256))
        stated = stated_of(scan.form)
        return self.pool.identify(path, scan.file_name, stated, lambda: self._renew(scan.id), RENEW_SECONDS)

    def _await(self, scan_id: str) -> Answer:
        """The answer to a key that is known, once there is one; taken over where its maker has gone."""
        ends = time.monotonic() + WAIT_SECONDS
        pause = _FIRST_LOOK
        while time.monotonic() < ends:
            with self.database.reading() as session:
                reservation = repository.reservation_of_scan(session, scan_id)
            if reservation is None:
                raise LookupError(f"the reservation of scan {scan_id} is gone")
            if reservation.receipt is not None:
                return _as_answer(reservation.receipt, is_new=False)
            if self._is_left(reservation):
                with self.pool.place():
                    if self._take_over(scan_id):
                        return self._work(self._reserved(scan_id), is_new=False)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK)
        raise Busy("this upload is still being worked on; send it again with the same key", retry_after=5)


def _answered_before(session: Session, upload: Upload, sha256: str, principal: Principal) -> str | None:
    """Id of the scan that answers the key, None where the key is new.

    Raises
    ------
    Unprocessable
        The key came with another file, or this time with a photo that did not come with it.
    """
    reservation = repository.reservation_of(session, principal.account_id, upload.key)
    if reservation is None:
        return None
    scan_id = reservation.scan_id
    if reservation.sha256 != sha256:
        raise Unprocessable(
            "Idempotency-Key: this key came with other bytes before; a new file needs a new key", scan_id=scan_id
        )
    if upload.photos:
        known = {(row.sha256, row.kind) for row in repository.attachments_of(session, scan_id)}
        if not {photo.key for photo in upload.photos} <= known:
            raise Unprocessable(
                "Idempotency-Key: this key came without this photo before; send it beside the scan, as an attachment",
                scan_id=scan_id,
            )
    return scan_id


def _as_answer(stored: Mapping[str, Any], *, is_new: bool) -> Answer:
    return Answer(int(stored["status"]), dict(stored["body"]), is_new)
