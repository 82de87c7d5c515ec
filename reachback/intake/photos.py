"""Photos of the powder, a tablet's imprint, the packaging: sent with a scan or beside it, kept alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reachback.intake.models import Attachment
from reachback.intake.record_json import shown_name
from reachback.intake.schemas import AttachmentKind
from reachback.problems import Unprocessable

__all__ = ["MOST_PHOTOS", "Photo", "photos_once"]

MOST_PHOTOS = 24  # with one scan; further ones can be sent beside it


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it came."""

    kind: AttachmentKind
    file_name: str | None
    media_type: str | None
    content: bytes
    sha256: str

    @classmethod
    def of(cls, kind: AttachmentKind, file_name: str | None, media_type: str | None, content: bytes) -> Photo:
        """With the digest of its bytes."""
        return cls(kind, file_name, media_type, content, hashlib.sha256(content).hexdigest())

    @property
    def key(self) -> tuple[str, str]:
        """The same bytes shown as the same thing are the same photo."""
        return self.sha256, str(self.kind)

    def as_attachment(self, row_id: str, scan_id: str, now: datetime) -> Attachment:
        """The row that stands for it."""
        return Attachment(
            id=row_id,
            scan_id=scan_id,
            kind=self.kind,
            file_name=shown_name(self.file_name),
            media_type=_plain_media_type(self.media_type),
            sha256=self.sha256,
            size=len(self.content),
            received_at=now,
        )


def photos_once(photos: Iterable[Photo]) -> tuple[Photo, ...]:
    """Each photo once; a field that a form left empty is none.

    Raises
    ------
    Unprocessable
        There are more than one scan takes.
    """
    kept = tuple({photo.key: photo for photo in photos if photo.content or photo.file_name}.values())
    if len(kept) > MOST_PHOTOS:
        raise Unprocessable(
            f"{len(kept)} photos came with one scan; send {MOST_PHOTOS} at most, and further ones as attachments"
        )
    return kept


def _plain_media_type(media_type: str | None) -> str:
    """What the sender calls it, kept as a label; files are always given back as plain bytes."""
    text = (media_type or "").partition(";")[0].strip().lower()
    return text if text.isascii() and text.isprintable() and 0 < len(text) <= 100 else "application/octet-stream"
