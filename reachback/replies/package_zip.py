"""A ZIP that is the same bytes whenever it is packed: fixed order, fixed times, nothing compressed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

__all__ = ["pack", "safe_name"]

FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say
READABLE = 0o100644 << 16
UNIX = 3


def safe_name(name: str) -> str:
    """A file name of an upload as the last part of a path: no folders, nothing hidden, nothing odd."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w.\- ]", "_", last).lstrip(".")[:120] or "file"


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files by path, as one archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, FIXED_TIME)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, files[path])
    return written.getvalue()
